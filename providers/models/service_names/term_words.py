"""The words of terms in the languages of the catalogues: data for `providers.models.service_names.terms`."""

from __future__ import annotations

from typing import Final

UNITS: Final = {
    "second": "second, seconds, sec, secs, saniye, sn, giây, วินาที, секунд*, сек, segundo, segundos, detik, ثانية, "
    "ثواني, ثوان, seconde, secondes, sekunde, sekunden, secondi, sekund, सेकंड, 秒, 초",
    "minute": "minute, minutes, min, mins, mnt, dk, dakika, dakikada, dakikalık, phút, นาที, минут*, мин, хвилин*, "
    "minuto, minutos, menit, دقيقة, دقائق, دقايق, دقيقه, minuten, minuti, minut, minuty, मिनट, 分钟, 分鐘, 分, "
    "분",
    "hour": "hour, hours, hr, hrs, saat, sa, giờ, tiếng đồng hồ, ชั่วโมง, ชม, час, часа, часов, часы, годин*, hora, "
    "horas, jam, ساعة, ساعات, ساعه, heure, heures, stunde, stunden, std, ora, ore, godzin*, godz, घंटे, घंटा, "
    "घंटों, 小时, 小時, 时, 時間, 시간",
    "day": "day, days, dy, gün, günlük, güne, günde, gun, ngày, วัน, день, дня, дней, дн, дні, днів, сутки, суток, "
    "сут, día, días, dia, dias, hari, يوم, ايام, أيام, يوما, jour, jours, tag, tage, tagen, giorno, giorni, "
    "dzień, dni, dzien, दिन, दिनों, 天, 日, 일, 日間",
    "week": "week, weeks, hafta, haftalık, tuần, สัปดาห์, อาทิตย์, недел*, тижн*, semana, semanas, minggu, pekan, "
    "اسبوع, أسبوع, اسابيع, semaine, semaines, woche, wochen, settimana, settimane, tydzień, tygodnie, सप्ताह, "
    "हफ्ते, 周, 星期, 주",
    "month": "month, months, mo, mos, ay, aylık, tháng, เดือน, месяц*, мес, місяц*, mes, meses, mês, bulan, bln, شهر, "
    "شهور, اشهر, أشهر, شهرين, mois, monat, monate, monaten, mese, mesi, miesiąc, miesiące, miesięcy, महीने, "
    "महीना, 个月, 個月, 月, 개월, ヶ月, か月",
    "year": "year, years, yr, yrs, yıl, yıllık, sene, năm, nam, ปี, год, года, лет, рік, роки, años, año, ano, anos, "
    "tahun, thn, سنة, سنوات, سنه, عام, an, ans, année, années, jahr, jahre, jahren, anno, anni, rok, lata, lat, "
    "साल, वर्ष, 年, 년",
}
# Units that are one letter count only where they stand right behind a figure or a slash.
SHORT_UNITS: Final = {
    "second": "s, с", "minute": "m, м, p, น", "hour": "h, ч", "day": "d, д, g, j", "week": "w", "year": "y, г",
}  # fmt: skip
DAYS: Final = {"day": 1, "week": 7, "month": 30, "year": 365}
MINUTES: Final = {"minute": 1, "hour": 60, "day": 1440, "week": 10080}
PER_DAY: Final = {"second": 86_400, "minute": 1440, "hour": 24, "day": 1}

# In one word with the figure, a unit of time that belongs to something else ends here.
MULTIPLIERS: Final = {
    "1000": "k, к, тыс, тысяч*, тис, bin, mil, rb, ribu, nghìn, ngàn, พัน, الف, ألف, آلاف, الاف, mille, tausend, tsd, "
    "tys, tysięcy, हज़ार, हजार, 千, 천, thousand, thousands, kk'",
    "10000": "หมื่น, 万, 萬, 만",
    "100000": "แสน, lakh, lac, लाख",
    "1000000": "m, м, mn, mio, mln, млн, million, millions, milyon, triệu, tr, ล้าน, juta, jt, millón, millones, "
    "milhão, milhões, milhoes, مليون, ملايين, millionen, milioni, miliony, milionów, millionnen, миллион*, мільйон*, "
    "kk, 百万, दस लाख, millions de",
    "1000000000": "billion, milyar, tỷ, миллиард*, 十亿",
}

# The short ones that may stand apart from their figure.
LOOSE_MULTIPLIERS: Final = frozenset(("k", "к", "rb", "jt", "mn", "千", "万", "萬", "만", "천", "tỷ"))

NEGATIONS: Final = (
    "no, non, not, without, w/o, zero, never, none, any not, sem, nunca, sin, ningún, ninguna, без, нет, не, немає, "
    "بدون, بلا, غير, لا, ليس, không, ko, k có, chẳng, ไม่, ไม่มี, tanpa, tidak, tdk, gak, nggak, sans, pas de, "
    "aucun, aucune, ohne, kein, keine, nicht, senza, bez, nie, बिना, नहीं, 不, 无, 無, 没有, 沒有, なし, 없음, hiç"
)
NEGATIONS_AFTER: Final = (
    "yok, yoktur, değil, olmaz, yapmaz, yapılmaz, verilmez, no, none, not available, unavailable, disabled, off, "
    "нет, отсутству*, não, nao, não tem, không có, không, ไม่มี, tidak ada, tidak, لا يوجد, non, keine, nein, nie, "
    "नहीं, 无, 無, なし, 없음, ❌, ✖, ✗, ✘, 🚫, ⛔"
)

REFILL: Final = (
    "refill, refils, refills, refil, re-fill, refilled, auto refill, autorefill, guarantee, guaranteed, guarantees, "
    "guaranty, guarante, guarenteed, garanteed, garantee, gurantee, guarentee, warranty, warrenty, warranted, "
    "garanti, garantili, garantisi, telafi, telafili, telafisi, telafi butonlu, telafi*, garantil*, iade garantili, "
    "bảo hành, bh, bảo đảm, bù tụt, đảm bảo, hoàn lại, รับประกัน, ประกัน, การันตี, รีฟิล, รับประกันเติม, เติมฟรี, "
    "гарантия, гарантией, гарантии, гарантию, гарант*, рефилл, рефил, восстановлени*, докрутк*, гарантія, "
    "reposição, reposicao, garantia, garantido*, garantida*, reabastecimento, recarga, refil*, reposición, "
    "reposicion, garantía, garantizado*, garantizada*, rellenado, relleno, recargas, garansi, bergaransi, "
    "isi ulang, jaminan, ضمان, الضمان, مضمون, مضمونة, تعويض, التعويض, إعادة تعبئة, اعادة تعبئة, ضمانه, गारंटी, "
    "गारंटीड, रिफिल, वारंटी, garantie, garanti*, garantie de, recharge, réapprovisionnement, remplissage, "
    "nachfüllung, nachfüllgarantie, auffüllung, auffüllgarantie, refill garantie, nachfüllen, garanzia, ricarica, "
    "gwarancja, gwarancji, gwarancją, uzupełnienie, uzupełnienia, 质保, 質保, 保修, 补充, 補充, 补粉, 补, 补单, "
    "售后, 保固, 保, 保证, 保障, 리필, 보장, 보증, 補償, 保証, リフィル, ♻, 🔄"
)
NO_REFILL: Final = (
    "nr, n/r, no refill, norefill, non refill, nonrefill, refill yok, telafi yok, garanti yok, telafisiz, "
    "garantisiz, kbh, không bh, k bh, ko bh, không bảo hành, không bù, ไม่รับประกัน, ไม่มีรับประกัน, ไม่มีประกัน, "
    "ไม่มีการรับประกัน, ไม่ประกัน, ไม่การันตี, ไม่มีการันตี, ไม่รีฟิล, ไม่มีรีฟิล, ไม่เติม, ไม่เติมฟรี, "
    "без гарантии, без гарантий, без рефилла, без восстановлени*, негарантийн*, sem reposição, sem garantia, "
    "sem refil, não garantido, sin reposición, sin garantía, sin refill, sin relleno, sin recarga, بدون ضمان, "
    "بدون تعويض, لا يوجد ضمان, غير مضمون, بلا ضمان, من غير ضمان, من دون ضمان, tanpa garansi, no garansi, "
    "tidak garansi, non garansi, tidak bergaransi, tanpa refill, sans garantie, sans refill, sans recharge, "
    "non garanti, ohne garantie, keine garantie, ohne refill, ohne nachfüllung, ohne auffüllung, senza garanzia, "
    "senza refill, senza ricarica, bez gwarancji, bez uzupełnienia, बिना गारंटी, बिना रिफिल, कोई गारंटी नहीं, "
    "गारंटी नहीं, no guarantee, no warranty, 不补, 不保, 无保, 無保, 无质保, 不质保, 无补, 不补粉, 无售后, 无保障, "
    "不包补, 没有质保, 無補, 保証なし, 補償なし, 리필 없음, 보장 없음, 노리필, 무보장"
)
LIFETIME: Final = (
    "lifetime, life time, lifetime*, life long, lifelong, forever, ömür boyu, ömürboyu, ömürlük, sınırsız telafi, "
    "vitalícia, vitalicia, vitalício, vitalicio, para sempre, de por vida, por vida, para siempre, trọn đời, "
    "vĩnh viễn, suốt đời, mãi mãi, ตลอดชีพ, ตลอดชีวิต, ตลอดอายุการใช้งาน, ตลอดกาล, ตลอดไป, ถาวร, пожизненн*, "
    "навсегда, бессрочн*, вечная гарантия, вечный, довічн*, seumur hidup, selamanya, مدى الحياة, مدي الحياة, "
    "مدى الحياه, دائم, دائمة, للابد, à vie, lebenslang*, lebenslänglich*, lebenszeit, a vita, dożywotni*, "
    "dożywotnia, na zawsze, आजीवन, लाइफटाइम, 终身, 終身, 永久, 终生, 永久质保, 평생, 영구, 生涯, 永久保証"
)
START: Final = (
    "start, starts, starting, started, start time, begin, begins, beginning, başlar, başlama, başlangıç, başlıyor, "
    "başlangıç süresi, başla*, bắt đầu, lên sau, bắt đầu sau, vào trong, lên trong, chạy sau, bắt đầu trong, เริ่ม, "
    "เริ่มงาน, เริ่มภายใน, เริ่มใน, เข้าใน, เข้าภายใน, старт, запуск, начало, начнется, начнётся, стартует, "
    "старт через, початок, início, inicio, inicia, começa, empieza, comienza, arranca, comienzo, mulai, memulai, "
    "proses mulai, start*, بدء, يبدا, يبدأ, تبدا, تبدأ, البدء, بداية, الانطلاق, démarrage, démarre, début, "
    "commence, depart, beginn, beginnt, startet, startzeit, inizio, inizia, partenza, początek, rozpoczęcie, "
    "zaczyna, शुरू, शुरुआत, स्टार्ट, 开始, 開始, 启动, 起始, 시작, スタート"
)
INSTANT: Final = (
    "instant, instantly, instant start, instand, immediate, immediately, right away, starts now, "
    "start now, fast start 0, superinstant, ultra instant, instantané, instantanés, instantanée*, anlık, anında, "
    "hemen, anlik, anında başla*, anlık başla*, lên ngay, lên liền, ngay lập tức, tức thì, bắt đầu ngay, chạy ngay, "
    "lên tức thì, vào ngay, ทันที, เริ่มทันที, เข้าทันที, моментальн*, мгновенн*, сразу, немедленн*, миттєв*, "
    "імгновенн*, imediato, imediata, imediatamente, imediatos, na hora, instantâneo*, instantânea*, inmediato, "
    "inmediata, inmediatamente, inmediatos, al instante, instantáneo*, instantánea*, instan, langsung, "
    "langsung masuk, langsung mulai, langsung proses, فوري, فورا, فوراً, فورية, الفوري, مباشرة, لحظي, لحظية, "
    "في الحال, immédiat, immédiate, immédiatement, tout de suite, sofort, sofortstart, sofortig*, immediato, "
    "immediata, immediatamente, istantaneo, istantanea, istantanei, subito, natychmiast*, od razu, तुरंत, इंस्टेंट, "
    "तत्काल, 秒开, 即时, 即時, 立即, 立刻, 马上, 秒, 瞬间, 秒到, 秒启动, 즉시, 즉시 시작, 바로, 即時開始, すぐ"
)
# Beside these "instant" is no start.
NOT_A_START: Final = (
    "refill, support, cancel, cancellation, delivery time, replacement, refund, iptal, destek, messenger, noodles, "
    "pot, photo*"
)
ENDING: Final = (
    "video, videos, vid, length, long, minimum, complete, completed, completes, completion, finish, finished, "
    "finishes, done, stay, retention, watch, online, average, avg, duration, bitiş, tamamlanma, tamamlanır, "
    "hoàn thành, xong, เสร็จ, выполнение, выполняется, завершение, удержание, finaliza, conclusão, termina, "
    "completado, selesai, اكتمال, انتهاء, durée, fertig, abgeschlossen, 完成, 停留, post, posts, session, old, ago"
)
MAXIMUM: Final = (
    "max, maks, maximum, maxi, maxx, maksimum, maksimal, en fazla, en çok, azami, tối đa, สูงสุด, ไม่เกิน, มากสุด, "
    "макс, максимум, максимальн*, máximo, maximo, máxima, máx, الحد الأقصى, الحد الاقصى, حد اقصى, حد أقصى, اقصى حد, "
    "أقصى حد, الاقصى, اقصى, höchstens, maximal, massimo, limite, limit, quantité max, qté max, अधिकतम, मैक्स, 最大, "
    "最多, 上限, 最高, 최대"
)
MINIMUM: Final = (
    "minimum, minimal, en az, tối thiểu, ขั้นต่ำ, минимум, миним*, mínimo, الحد الأدنى, الحد الادنى, mindestens, "
    "minimo, 最小, 最少, 최소"
)
DAILY: Final = (
    "per day, a day, every day, each day, perday, p/day, day speed, daily, /day, pd, günlük, günde, her gün, "
    "mỗi ngày, một ngày, trong ngày, hàng ngày, hằng ngày, วันละ, ต่อวัน, ทุกวัน, в день, в сутки, за день, "
    "за сутки, ежедневно, суточн*, на день, на добу, por dia, ao dia, al día, por día, diario, diarios, diaria, "
    "diarias, diários, diárias, diariamente, cada día, cada dia, diário, diária, per hari, sehari, setiap hari, "
    "tiap hari, harian, يوميا, يومي, يومياً, في اليوم, باليوم, كل يوم, par jour, quotidien, quotidiens, "
    "chaque jour, pro tag, am tag, täglich, je tag, al giorno, giornalier*, dziennie, na dzień, प्रति दिन, "
    "प्रतिदिन, रोज़, रोज, रोजाना, हर दिन, 每天, 每日, 日增, 일일, 하루, 毎日, 1日, 日速"
)
HOURLY: Final = (
    "per hour, an hour, hourly, every hour, saatlik, saatte, mỗi giờ, một giờ, ชั่วโมงละ, ต่อชั่วโมง, в час, "
    "за час, por hora, a la hora, cada hora, per jam, sejam, في الساعة, بالساعة, كل ساعة, par heure, pro stunde, "
    "stündlich, all'ora, na godzinę, प्रति घंटा, प्रति घंटे, हर घंटे, 每小时, 每小時, 시간당"
)
SPEED: Final = (
    "speed, speeds, rate, velocity, hız, hızı, hızlı, tốc độ, ความเร็ว, สปีด, скорость, скорость до, velocidade, "
    "velocidad, kecepatan, speed*, سرعة, السرعة, vitesse, geschwindigkeit, tempo, velocità, prędkość, स्पीड, गति, "
    "速度, 속도, up to, upto, ~, until, hasta, até, до, hingga, حتى, jusqu'à, bis, bis zu, kadar, fino a, ถึง, "
    "lên đến, tới"
)
RANGE: Final = "to, a, à, до, ile, đến, den, tới, ถึง, hasta, até, sampai, hingga, s/d, sd, الى, إلى, bis, do, से, 至, 到"
DROPS: Final = (
    "drop, drops, droped, dropping, drop rate, drop ratio, dropped, düşme, düşüş, düşüm, düşüyor, düşer, tụt, rớt, "
    "tuột, ลด, หลุด, ตก, ดรอป, списани*, отписк*, отписок, отпис*, отвал*, падени*, спад*, queda, quedas, caída, "
    "caídas, cai, cae, caen, turun, drop*, نزول, نقص, هبوط, نقصان, perte, pertes, chute, baisse, verlust, abfall, "
    "drop-rate, calo, perdita, spadek, spadków, ड्रॉप, 掉, 掉粉, 掉量, 드랍, 이탈, 減少"
)
NO_DROPS: Final = (
    "non drop, nondrop, no drop, no drops, nodrop, zero drop, never drop, never drops, not drop, no dropping, "
    "non dropping, without drop, without drops, anti drop, antidrop, dropless, drop free, stable, super stable, "
    "won't drop, doesn't drop, düşme yapmaz, düşmez, düşmeyen, düşüş yok, düşme yok, düşüşsüz, düşmesiz, "
    "düşme olmaz, drop yok, asla düşmez, kalıcı, không tụt, ko tụt, k tụt, không rớt, không tuột, chống tụt, "
    "không giảm, ít tụt 0, ไม่ลด, ไม่ตก, ไม่หลุด, ไม่ดรอป, ไม่มีลด, ไม่มีหลุด, ไม่ร่วง, ไม่มีดรอป, ไม่มีการลด, "
    "ไม่หาย, без списаний, без отписок, без отписки, не отписываются, без отвалов, без падений, не списываются, "
    "не падают, без спада, без списания, не отваливаются, не отваливается, sem queda, sem quedas, não cai, "
    "não caem, sem drop, sem perda, sem perdas, sin caída, sin caídas, no cae, no caen, no bajan, no baja, "
    "sin drop, sin pérdida, sin pérdidas, sin bajada, بدون نزول, بدون نقص, بدون نقصان, بدون هبوط, بدون دروب, "
    "لا ينقص, لا ينزل, لا تنزل, لا تنقص, ثابت, ثابتة, ثابتين, بدون انخفاض, tanpa drop, tidak drop, tidak turun, "
    "anti turun, tanpa turun, gak drop, no turun, anti rontok, sans perte, sans chute, sans pertes, sans drop, "
    "sans baisse, ne baisse pas, ohne drop, kein drop, kein verlust, ohne verlust, kein abfall, keine drops, "
    "nicht fallend, dropfrei, ohne abfall, senza drop, senza calo, senza cali, senza perdite, nessun calo, "
    "bez spadków, bez spadku, bez dropów, नॉन ड्रॉप, नो ड्रॉप, बिना ड्रॉप, ड्रॉप नहीं, 不掉, 不掉粉, 永不掉, "
    "永不掉粉, 无掉, 零掉, 不减, 稳定, 안빠짐, 노드랍, 이탈없음, 減らない, 減少なし"
)
QUALITIES: Final = {
    "real": "real, 100% real, genuine, authentic, real users, real people, real human*, gerçek, gerçek kişi*, "
    "gerçek kullanıcı*, gercek, người thật, acc thật, nick thật, tài khoản thật, คนจริง, จริง, บัญชีจริง, "
    "แอคจริง, คนจริงๆ, живые, живых, живой, живая, живое, живыми, реальн*, настоящи*, живі, reais, reales, "
    "auténtic*, autêntic*, verdaderos, verdadeiros, asli, akun asli, nyata, real aktif, حقيقي, حقيقيين, حقيقية, "
    "حقيقين, حقيقيه, حقيقيون, الحقيقي*, comptes réels, profils réels, "
    "utilisateurs réels, réelle, réelles, vrai, vrais, vraies, echt, echte, echter, echten, profili veri, "
    "utenti veri, account veri, reali, prawdziw*, realne, असली, "
    "रियल, वास्तविक, 真人, 真实, 真實, 真粉, 活粉, 실제, 리얼, 실계정, 진짜, リアル, 本物, 日本人リアル",
    "high": "hq, h.q, high quality, highquality, high-quality, uhq, super hq, best quality, top quality, "
    "premium quality, good quality, excellent quality, great quality, superior quality, yüksek kalite, "
    "yüksek kaliteli, kaliteli, kalite yüksek, üst kalite, süper kalite, en kaliteli, chất lượng cao, "
    "chất lượng tốt, clc, chất lượng, คุณภาพสูง, คุณภาพดี, คุณภาพ, высокое качество, высокого качества, "
    "качественн*, высококачественн*, хорошее качество, отличное качество, висока якість, alta qualidade, "
    "boa qualidade, qualidade alta, qualidade premium, alta calidad, buena calidad, calidad alta, "
    "máxima calidad, kualitas tinggi, kualitas bagus, berkualitas, berkualitas tinggi, kualitas terbaik, "
    "جودة عالية, عالي الجودة, عالية الجودة, عاليه الجوده, جوده عاليه, جودة ممتازة, عالي الجوده, haute qualité, "
    "bonne qualité, qualité supérieure, hohe qualität, hoher qualität, hochwertig*, gute qualität, "
    "beste qualität, alta qualità, buona qualità, wysoka jakość, wysokiej jakości, dobra jakość, हाई क्वालिटी, "
    "उच्च गुणवत्ता, अच्छी क्वालिटी, 高质量, 高品质, 优质, 高品質, 高質量, 고품질, 고퀄리티, 고퀄",
    "mixed": "mixed, mix, mixed quality, mix quality, mixed accounts, karışık, karma, karışık kalite, mistos, misto, "
    "mista, mistas, mixtos, mixto, mixta, mixtas, mezclados, mezclado, микс, смешанн*, смешанного качества, "
    "змішан*, campur, campuran, kualitas campuran, trộn, hỗn hợp, lẫn lộn, ผสม, คละ, แบบผสม, คละบัญชี, مختلط, "
    "مختلطة, مختلطين, مكس, ميكس, مشكل, مشكلة, mixte, mixtes, mélangé*, mélange, gemischt, gemischte*, mischung, "
    "misti, mista, mieszane, mieszanych, mieszana, मिक्स, मिश्रित, 混合, 混粉, 혼합, ミックス, 믹스",
    "bot": "bot, bots, fake, fakes, low quality, lowquality, lq, low-quality, cheap quality, bad quality, "
    "poor quality, worst quality, botted, fake accounts, düşük kalite, düşük kaliteli, kalitesiz, kalite düşük, "
    "sahte, fake hesap, bot hesap*, chất lượng thấp, ảo, acc ảo, nick ảo, tài khoản ảo, clone, acc clone, clon, "
    "บอท, บัญชีปลอม, ปลอม, คุณภาพต่ำ, บอต, боты, ботов, бот, ботами, низкое качество, низкого качества, фейк*, "
    "неживые, офферы, оффер, ботовые, боти, низька якість, baixa qualidade, qualidade baixa, falsos, falso, "
    "falsas, robôs, robos, baja calidad, calidad baja, bots*, palsu, akun palsu, akun bot, kualitas rendah, "
    "akun pasif, وهمي, وهميين, وهمية, وهمين, فيك, بوت, بوتات, جودة منخفضة, منخفض الجودة, جوده منخفضه, "
    "منخفضة الجودة, faux, fausses, faible qualité, basse qualité, mauvaise qualité, schlechte qualität, "
    "niedrige qualität, geringe qualität, minderwertig*, falsi, finti, bassa qualità, boty, niska jakość, "
    "niskiej jakości, fałszywe, फेक, नकली, बॉट, लो क्वालिटी, 机器人, 机器粉, 假粉, 僵尸粉, 僵尸, 低质量, 低质, "
    "机器, 機器人, 저품질, 봇, 유령, ボット, 低品質",
}
GENDERS: Final = {
    "female": "female, females, women, woman, girl, girls, lady, ladies, feminine, kadın, kadınlar, kadın*, kız, "
    "kızlar, bayan, bayanlar, nữ, con gái, phụ nữ, gái, ผู้หญิง, หญิง, สาว, สาวๆ, เพศหญิง, женщин*, женск*, девушк*, "
    "девочк*, жіноч*, дівчат*, mulher, mulheres, feminino, femininos, feminina, femininas, femininos*, garotas, "
    "meninas, mujer, mujeres, femenino*, femenina*, chicas, wanita, perempuan, cewek, cewe, بنات, نساء, نسائي*, "
    "اناث, إناث, انثى, فتيات, بنت, femme, femmes, féminin*, filles, frauen, frau, weiblich*, mädchen, donne, "
    "donna, femminil*, ragazze, kobiety, kobiet, kobiece, żeńskie, dziewczyny, महिला, महिलाओं, लड़की, लड़कियां, "
    "फीमेल, 女性, 女, 女生, 女粉, 여성, 여자",
    "male": "male, males, men, man, boys, guys, masculine, erkek, erkekler, erkek*, nam giới, con trai, đàn ông, "
    "acc nam, tài khoản nam, profile nam, nick nam, ผู้ชาย, ชาย, หนุ่ม, เพศชาย, мужчин*, мужск*, парни, парней, "
    "чоловіч*, homem, homens, masculino*, masculina*, hombre, hombres, chicos, pria, laki, laki-laki, cowok, "
    "cowo, رجال, شباب, رجالي*, ذكور, ذكر, اولاد, homme, hommes, masculin*, garçons, männer, mann, männlich*, "
    "uomini, uomo, maschil*, ragazzi, mężczyźni, mężczyzn, męskie, męskich, पुरुष, पुरुषों, लड़के, मेल, 男性, "
    "男, 男生, 男粉, 남성, 남자",
}
# Phrases without a meaning, whatever their words mean alone.
NOTHING: Final = (
    "mixed audience*, comment karma, post karma, reddit karma, karma points, it girl, bài viết, viết bài, cập nhật, "
    "chất lượng video, real estate, real time, realtime, real madrid, real cheap, real fast, real quick, on line, "
    "online, in line, bottom line, side kick, sidekick, kick start, kickstart, kick off, kick starter, kick-ass, "
    "line of, first line, front line, dead line, deadline, live line, pipe line, timeline, product line, top line, "
    "finish line, time line, skin line, fan line, bot protection, bot protected, anti bot, antibot, no bot, "
    "no bots, non bot, not bot, not bots, zero bots, bot free, without bots, bot değil, không ảo, không phải bot, "
    "ไม่ใช่บอท, ไม่บอท, не боты, не бот, без ботов, no son bots, sin bots, não são bots, sem bots, não bots, "
    "bukan bot, tanpa bot, no fake, not fake, non fake, zero fake, bukan fake, ليس وهمي, غير وهمي, بدون وهمي, "
    "pas de bots, sans bots, keine bots, kein bot, keine fakes, non bots, 非机器人, 不是机器人, not real, non real, "
    "không thật, not mixed, 4k quality, hd quality, video quality, audio quality, mixed reactions, mix reactions, "
    "reaction mix, reactions mix, mixed reaction, mix reaction, mixed emoji, mix emoji, mixed emojis, emoji mix, "
    "микс эмодзи, микс реакци*, mixed comments, mix comments, random mix, mixed countries, mix countries, "
    "mixed country, mixed gender, mixed genders, remix, mix tape, mixtape, mixed language*, karışık tepki*, "
    "karışık yorum*, karışık emoji, tepki karışık, karışık ülke*, kök, money back guarantee, money back, "
    "google play points, play button, silver play button, like new, likely, as you like, looks like, save money, "
    "save up, save time, share price, view price, follow up, follow us, please follow, follow the, review before, "
    "join us, join our, join channel, contact us, support team, read description, sub category, sub accounts, "
    "male enhancement, man made, manmade, business man, ladies night, spider man, super man, manchester, "
    "german shepherd, instant noodles, instant pot, stable diffusion, free start, start count, start from, "
    "head start, kick start your, no drop shipping, drop shipping, dropshipping, drop feed, dripfeed, drip feed, "
    "page drop, air drop, airdrop, drop off, dropbox, new drop, max speed, max quality, pro max, iphone max, "
    "hbo max, refill button, no 1, no1, number one, gb ram, plus size, plus sign, seo friendly, web2, web 2, "
    "site wide, signal boost, medium quality, medium speed, medium drop, orta kalite, apple pay, steam room, "
    "view once, fb ads, google ads, native ads, adwords, snap to, web view, gab gift, genius idea, threads per, "
    "per thread, real looking, look real, looks real, looking real, semi real, bán hàng thật, nam định, "
    "việt nam đồng, việt vị, thái độ, thái bình, new traffic law, traffic light, traffic jam, traffic ticket"
)
# A platform or country that follows these is where something comes from, or what it is not for.
VIA: Final = (
    "via, referrer, referer, referral, from, through, nguồn, từ, จาก, из, через, с сайта, desde, de fuente, dari, "
    "من, depuis, aus, da, üzerinden, kaynaklı, 来自"
)
# Words that are other words without their marks, and what they are read as.
MARKED: Final = {
    "réel": "comptes réels",
    "réels": "comptes réels",
    "thật": "người thật",
    "ảo": "acc ảo",
    "việt": "người việt",
    "viết": "·",
    "nhật": "người nhật",
    "mỹ": "người mỹ",
    "đức": "nước đức",
    "pháp": "nước pháp",
    "lào": "nước lào",
    "úc": "nước úc",
}
EXCEPT: Final = (
    "not for, except, excluding, exclude, but not, no for, doesn't work for, not working for, hariç, "
    "không dành cho, không áp dụng, trừ, ไม่ใช่, ไม่รองรับ, ยกเว้น, не для, кроме, no para, excepto, não para, "
    "exceto, bukan untuk, kecuali, ليس ل, ما عدا, باستثناء, pas pour, sauf, nicht für, außer, non per, eccetto"
)

# Words for what a list states in its own columns, as people type them into a search.
FLAGS: Final = {
    "dripfeed": "drip feed, dripfeed, drip",
    "cancel": "cancel, cancelable, cancellable, cancel button, iptal, iptal edilebilir, hủy được, ยกเลิกได้, отмена, "
    "cancelable, cancelación, cancelamento",
}

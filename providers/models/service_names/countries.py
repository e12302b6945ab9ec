"""Countries in names: data. A region, a language or "worldwide" is no country.

``CAPITALISED`` words are other words too, and count only with a capital letter. ``CODES`` are codes that stand for
their country wherever they are written in capitals; the others do so only alone in brackets or between bars.
"""

from __future__ import annotations

from typing import Final

COUNTRIES: Final = {
    "AE":
        "uae, u.a.e, emirates, united arab emirates, emirati, dubai, оаэ, emiratos, الامارات, الإمارات, اماراتي*, "
        "เอมิเรตส์, 阿联酋",
    "AF": "afghanistan, afghan, افغانستان, афганистан*",
    "AL": "albania, albanian*",
    "AM": "armenia, armenian*, армени*, армян*",
    "AO": "angola, angolan*, angolano*",
    "AR":
        "argentina, argentinian*, argentine, argentino*, argentina*, arjantin*, аргентин*, الارجنتين, อาร์เจนตินา, "
        "阿根廷",
    "AT": "austria, austrian*, österreich*, avusturya*, австри*",
    "AU": "australia, australian*, avustralya*, австрали*, nước úc, người úc, ออสเตรเลีย, استراليا, 澳大利亚",
    "AZ": "azerbaijan, azerbaijani*, azerbaycan*, azeri, азербайджан*, اذربيجان",
    "BD": "bangladesh, bangladeshi*, bangla, бангладеш*, بنغلاديش, बांग्लादेश, বাংলাদেশ",
    "BE": "belgium, belgian*, belçika*, бельги*, belgique, belgien",
    "BG": "bulgaria, bulgarian*, болгар*",
    "BH": "bahrain, bahraini*, البحرين, بحريني*",
    "BO": "bolivia, bolivian*, boliviano*",
    "BR":
        "brazil, brazilian*, brasil, brasileir*, brasileñ*, brezilya*, бразил*, البرازيل, برازيلي*, บราซิล, "
        "ブラジル, 브라질, 巴西, brésil*, brasilien, brasilian*, ब्राज़ील, brazil*",
    "BY": "belarus, belarusian*, беларус*, белорус*",
    "CA": "canada, canadian*, kanada*, канад*, canadá, canadien*, canadiens*, كندا, แคนาดา, 加拿大",
    "CH": "switzerland, swiss, isviçre*, швейцар*, schweiz*, suiza, suíça",
    "CL": "chile, chilean*, chileno*, şili, чили",
    "CM": "cameroon, cameroun*",
    "CN":
        "chinese, çin, çinli*, китай*, trung quốc, จีน, คนจีน, الصين, صيني*, 中国, 중국, tiongkok, चीन, chinois*, "
        "chines*, chinos",
    "CO": "colombia, colombian*, colombiano*, kolombiya*, колумби*, كولومبيا, 哥伦比亚",
    "CR": "costa rica, costarricense*",
    "CU": "cuba, cubano*",
    "CY": "cyprus, cypriot*, kıbrıs*, кипр*",
    "CZ": "czech, czechia, czech republic, чехи, чехия, чехии, чешск*, česk*",
    "DE":
        "germany, german, germans, deutsch, deutschland, deutsche*, alman*, almanya*, германи*, немец*, немц*, "
        "nước đức, người đức, เยอรมัน, เยอรมนี, alemania, alemão, alemã, alemães, alemanes, alemán, alemana*, "
        "almanca hesap, المانيا, الماني*, jerman, 德国, 독일, ドイツ, allemagne, allemand*, जर्मनी, niemcy, "
        "niemiec*, germania",
    "DK": "denmark, danish, danimarka*, дания, дании, датск*, dänemark",
    "DO": "dominican republic, república dominicana, dominicano*",
    "DZ": "algeria, algerian*, cezayir*, алжир*, الجزائر, جزائري*, algérie*, algérien*, argelia",
    "EC": "ecuador, ecuadorian*, ecuatoriano*",
    "EE": "estonia, estonian*, эстон*",
    "EG":
        "egypt, egyptian*, mısır, mısırlı*, египет*, египт*, مصر, مصري*, المصري*, egipto, egipcio*, égypte, "
        "égyptien*, อียิปต์",
    "ES":
        "spain, spaniard*, spanish, españa, española*, español*, espanha, espanhol, espanhóis, ispanya*, ispanyol*, "
        "испан*, tây ban nha, สเปน, اسبانيا, اسباني*, spanyol, 西班牙, espagne, espagnol*, spanien, spanisch*, "
        "スペイン, spagna",
    "ET": "ethiopia, ethiopian*, эфиоп*, اثيوبيا",
    "FI": "finland, finnish, finlandiya*, финлянд*, финск*",
    "FR":
        "france, french, fransa*, fransız*, франц*, nước pháp, người pháp, ฝรั่งเศส, francia, francés, francesa*, "
        "franceses, frança, francês, فرنسا, فرنسي*, prancis, perancis, 法国, 프랑스, フランス, français*, "
        "frankreich, französisch*, फ्रांस",
    "GB":
        "united kingdom, great britain, britain, british, england, u.k, ingiltere*, birleşik krallık, ingiliz*, "
        "англия, англии, британ*, великобритан*, vương quốc anh, nước anh, อังกฤษ, reino unido, inglaterra, "
        "بريطانيا, بريطاني*, انجلترا, inggris, 英国, 영국, イギリス, royaume uni, royaume-uni, britannique*, "
        "großbritannien",
    "GE": "georgian*, грузи*, gürcistan, gürcü",
    "GH": "ghana, ghanaian*",
    "GR": "greece, greek*, yunan*, грец*, гречес*, grecia, griego*, اليونان, griechenland",
    "GT": "guatemala, guatemaltec*",
    "HK": "hong kong, hongkong, гонконг*, hồng kông, ฮ่องกง, 香港",
    "HN": "honduras, hondureñ*",
    "HR": "croatia, croatian*, hırvat*, хорват*",
    "HU": "hungary, hungarian*, macar*, венгр*, венгер*",
    "ID":
        "indonesia, indonesian*, indonesia*, indo, endonezya*, индонез*, indônésia, indonesio*, اندونيسيا, "
        "อินโดนีเซีย, อินโด, 印尼, 印度尼西亚, 인도네시아, インドネシア, indonésie*, indonesien, इंडोनेशिया",
    "IE": "ireland, irish, irlanda*, ирланд*",
    "IL": "israel, israeli*, israil*, израил*, اسرائيل, إسرائيل",
    "IN":
        "india, indian*, hindistan*, hintli*, индия, индии, индий*, индус*, ấn độ, อินเดีย, índia, indio*, "
        "indiano*, الهند, هندي, هنود, هندية, 印度, 인도, インド, inde, indien*, भारत, भारतीय, इंडिया, इंडियन, "
        "desi indian",
    "IQ": "iraq, iraqi*, ırak*, ирак*, العراق, عراقي*, irak, irak*",
    "IR": "iran, iranian*, iran*, иран*, ایران, ایرانی, ايران, ايراني*",
    "IT":
        "italy, italian, italians, italia, italiano, italiani, italiana*, italya*, italyan*, италья*, итали*, "
        "ý italia, nước ý, อิตาลี, itália, italianos, ايطاليا, ايطالي*, 意大利, 이탈리아, イタリア, italie, "
        "italien*",
    "JO": "jordanian*, الاردن, الأردن, اردني*, أردني*, иордан*, ürdün*",
    "JP":
        "japan, japanese, japon, japonya*, japonyalı, japonlar, япон*, nhật bản, người nhật, acc nhật, ญี่ปุ่น, "
        "คนญี่ปุ่น, japón, japonés*, japonesa*, japão, japonês, japoneses, اليابان, ياباني*, jepang, 日本, 日本人, "
        "일본, japonais*, japanisch*, जापान, giappone*, giapponesi",
    "KE": "kenya, kenyan*, кени*",
    "KG": "kyrgyzstan, kyrgyz, кыргыз*, киргиз*",
    "KH": "cambodia, cambodian*, campuchia, กัมพูชา, เขมร, камбодж*, 柬埔寨, khmer",
    "KR":
        "korea, korean, koreans, south korea, republic of korea, koreli*, güney kore, корея, кореи, корейск*, "
        "корейц*, hàn quốc, người hàn, เกาหลี, คนเกาหลี, เกาหลีใต้, corea, coreano*, coreana*, coreia, "
        "coreia do sul, corea del sur, كوريا, كوري*, الكوري*, 韩国, 韓国, 한국, 한국인, corée*, coréen*, "
        "koreanisch*, कोरिया, coreani",
    "KW": "kuwait, kuwaiti*, kuveyt*, الكويت, كويتي*, кувейт*",
    "KZ": "kazakhstan, kazakh*, kazakistan*, казах*, қазақстан*",
    "LA": "laos, laotian*, ลาว, nước lào, người lào",
    "LB": "lebanon, lebanese, lübnan*, لبنان, لبناني*, ливан*, liban*",
    "LK": "sri lanka, sri lankan*, шри ланк*, श्रीलंका",
    "LT": "lithuania, lithuanian*, литв*, литов*",
    "LV": "latvia, latvian*, латви*, латыш*",
    "LY": "libya, libyan*, ليبيا, ليبي*, libya*",
    "MA": "morocco, moroccan*, fas'lı, марокк*, المغرب, مغربي*, مغاربة, marruecos, marrocos, maroc*, marocain*",
    "MD": "moldova, moldovan*, молдов*, молдав*",
    "MM": "myanmar, burma, burmese, พม่า, miến điện, мьянм*, 缅甸",
    "MN": "mongolia, mongolian*, монгол*",
    "MX":
        "mexico, mexican*, méxico, mexicano*, mexicana*, meksika*, мексик*, المكسيك, เม็กซิโก, 墨西哥, メキシコ, "
        "멕시코, mexique, mexicain*, mexiko, mexikan*",
    "MY":
        "malaysia, malaysian*, malezya*, малайз*, มาเลเซีย, malásia, malasia, ماليزيا, 马来西亚, 말레이시아, "
        "malaisie, मलेशिया",
    "NG": "nigeria, nigerian*, nijerya*, нигери*, nigéria, نيجيريا, ไนจีเรีย, 尼日利亚",
    "NL":
        "netherlands, holland, dutch, hollanda*, нидерланд*, голланд*, hà lan, países bajos, holanda, هولندا, "
        "niederlande*, 荷兰",
    "NO": "norwegian*, norveç*, норвег*, norwegen, noruega",
    "NP": "nepal, nepali*, nepalese, непал*, नेपाल",
    "NZ": "new zealand, yeni zelanda",
    "OM": "omani*, عمان, عماني*, سلطنة عمان",
    "PA": "panamá, panameñ*",
    "PE": "perú, peruvian*, peruano*, peruana*",
    "PH":
        "philippines, philippine, filipino*, filipina*, pilipinas, pinoy, filipinler, филиппин*, ฟิลิปปินส์, "
        "filipinas, الفلبين, filipin*, 菲律宾, 필리핀, フィリピン",
    "PK": "pakistan, pakistani*, pakistan*, пакистан*, باكستان, باكستاني*, पाकिस्तान, ปากีสถาน, 巴基斯坦",
    "PL":
        "poland, polonya*, польш*, польск*, поляк*, polska, polskie, polskich, polacy, polonia, polaco*, بولندا, "
        "polen, polnisch*, 波兰, ba lan",
    "PS": "palestine, palestinian*, filistin*, فلسطين, فلسطيني*, палестин*",
    "PT": "portugal, portekiz*, португал*, bồ đào nha, البرتغال, โปรตุเกส, 葡萄牙",
    "PY": "paraguay, paraguayo*",
    "QA": "qatar, qatari*, katar*, قطر, قطري*, катар*",
    "RO": "romania, romanian*, românia, romanya*, romen, румын*, rumania, roumanie, rumänien",
    "RS": "serbia, serbian*, sırp*, серби*, сербск*, srbija, srpski",
    "RU":
        "russia, russian*, rusya*, rus, ruslar, росси*, русск*, рф, рус, nước nga, người nga, acc nga, รัสเซีย, "
        "rusia, ruso, rusos, rusa, rusas, rússia, russo, russos, russa, russas, روسيا, روسي, روسية, روس, 俄罗斯, "
        "러시아, ロシア, russie, russes, russland, russisch*, रूस",
    "SA":
        "saudi, saudi arabia, saudis, ksa, suudi, suudi arabistan, саудов*, السعودية, السعوديه, سعودي, سعودية, "
        "سعوديه, سعوديين, سعوديات, سعودين, ซาอุ, ซาอุดีอาระเบีย, arabia saudita, arábia saudita, saudíes, "
        "arab saudi, 沙特, arabie saoudite, saoudien*, सऊदी, السعودي, السعوديين",
    "SD": "sudan, sudanese, السودان, سوداني*",
    "SE": "sweden, swedish, isveç*, швец*, шведск*, suecia, suécia, schweden",
    "SG": "singapore, singaporean*, singapur*, сингапур*, สิงคโปร์, 新加坡, singapura",
    "SI": "slovenia, slovenian*",
    "SK": "slovakia, slovak, slovakian*",
    "SN": "senegal, senegalese, sénégal*",
    "SY": "syria, syrian*, suriye*, سوريا, سوري*, сирия, сирии, сирийск*, syrie*",
    "TH":
        "thailand, thai, thais, tayland*, таиланд*, тайск*, thái lan, thái, người thái, ไทย, คนไทย, tailandia, "
        "tailandés*, tailândia, tailandes*, تايلاند, تايلندي*, 泰国, 태국, タイ人, タイ国, thaïlande*, thailänd*, "
        "थाईलैंड",
    "TJ": "tajikistan, tajik, таджик*",
    "TM": "turkmenistan, turkmen, туркмен*",
    "TN": "tunisia, tunisian*, tunus*, تونس, تونسي*, tunisie*, tunisien*, тунис*",
    "TR":
        "turkish, turkiye, türkiye, türkiye*, türk, türkler, турци*, турецк*, турок, турки, thổ nhĩ kỳ, ตุรกี, "
        "turquía, turco, turcos, turca, turcas, turquia, تركيا, تركي, تركية, اتراك, أتراك, 土耳其, 터키, 튀르키예, "
        "トルコ, turquie, turque*, turcs, türkei, türkisch*, तुर्की, turki, turchia, turchi",
    "TW": "taiwan, taiwanese, tayvan*, тайван*, đài loan, ไต้หวัน, 台湾, 台灣, 대만",
    "TZ": "tanzania, tanzanian*",
    "UA":
        "ukraine, ukrainian*, ukrayna*, украин*, україн*, ucrania, ucrânia, ucraniano*, اوكرانيا, أوكرانيا, ยูเครน, "
        "乌克兰, ukrain*",
    "UG": "uganda, ugandan*",
    "US":
        "usa, u.s.a, u.s, united states, united states of america, american, americans, america usa, "
        "amerika birleşik devletleri, abd, amerikan, amerikalı*, amerika, сша, америк*, hoa kỳ, nước mỹ, người mỹ, "
        "acc mỹ, สหรัฐ, สหรัฐอเมริกา, อเมริกา, คนอเมริกัน, อเมริกัน, eeuu, ee.uu, estados unidos, estadounidense*, "
        "eua, norte-americanos, americanos, americano, امريكا, أمريكا, امريكي*, أمريكي*, الولايات المتحدة, "
        "amerika serikat, 美国, 미국, アメリカ, états unis, états-unis, américain*, amerikanisch*, "
        "vereinigte staaten, stati uniti, americani, अमेरिका, अमेरिकी",
    "UY": "uruguay, uruguayo*",
    "UZ": "uzbekistan, uzbek*, özbek*, узбек*, o'zbekiston",
    "VE": "venezuela, venezuelan*, venezolano*, venezolan*",
    "VN":
        "vietnam, viet nam, vietnamese, việt nam, người việt, acc việt, tài khoản việt, vietnamca, vietnamlı*, "
        "вьетнам*, เวียดนาม, คนเวียดนาม, vietnam*, فيتنام, 越南, 베트남, ベトナム, वियतनाम",
    "YE": "yemen, yemeni*, اليمن, يمني*",
    "ZA": "south africa, south african*, güney afrika, юар, sudáfrica, áfrica do sul, جنوب افريقيا",
}  # fmt: skip

CAPITALISED: Final = {
    "RU": "nga",
    "TR": "turkey",
    "JO": "jordan",
    "GE": "georgia",
    "CN": "china",
    "NO": "norway",
    "OM": "oman",
    "PE": "peru",
    "PA": "panama",
    "PL": "polish",
    "CU": "cuban",
    "TD": "chad",
    "ML": "mali",
    "FR": "française",
    "US": "us",
    "GB": "uk",
    "IS": "iceland",
    "LU": "luxembourg",
    "MT": "malta",
    "JM": "jamaica, jamaican*",
    "HT": "haiti, haitian*",
    "PR": "puerto rico",
    "CI": "ivory coast, côte d'ivoire",
}

CODES: Final = frozenset(
    "US USA UK UAE KSA BR TR RU VN VNM KR JP TH BD EG NG PH KZ UZ UA GB CN TW HK SG QA "
    "KW DZ MX FR PL VE ZA AU NZ".split()
)
CODE_COUNTRIES: Final = {
    "USA": "US",
    "UK": "GB",
    "UAE": "AE",
    "KSA": "SA",
    "VNM": "VN",
    "BRA": "BR",
    "TUR": "TR",
    "IND": "IN",
}
"""Codes that are no two-letter code of their country."""

# Words that name no country although they hold the name of one.
NOT_COUNTRIES: Final = (
    "turkey recipe*, turkey hunting, turkey day, wild turkey, roast turkey, air jordan, michael jordan, "
    "jordan shoes, indian ocean, new mexico, georgia tech, french fries, swiss made, made in germany, "
    "german shepherd*, chinese food, thai food, thai boxing, indian food, italian food, french press, bone china, "
    "fine china, nga vay, thai sản"
)
# Beside a word of a country these make a language of it.
LANGUAGE: Final = (
    "language, languages, speaking, spoken, speakers, text, texts, subtitles, dilinde, dilli, dili, tiếng, "
    "ngôn ngữ, ภาษา, язык*, языке, язычн*, русскоязычн*, idioma, idiomas, lengua, bahasa, لغة, اللغة, باللغة, "
    "langue, sprache, sprachig*, lingua, भाषा, 语, 语言, 語, 中文, 英文, 日文"
)

NAMES: Final = {
    pair[:2]: pair[3:]
    for pair in (
        "AE United Arab Emirates|AF Afghanistan|AL Albania|AM Armenia|AO Angola|AR Argentina|AT Austria|"
        "AU Australia|AZ Azerbaijan|BD Bangladesh|BE Belgium|BG Bulgaria|BH Bahrain|BO Bolivia|BR Brazil|"
        "BY Belarus|CA Canada|CH Switzerland|CI Côte d’Ivoire|CL Chile|CM Cameroon|CN China|CO Colombia|"
        "CR Costa Rica|CU Cuba|CY Cyprus|CZ Czechia|DE Germany|DK Denmark|DO Dominican Republic|DZ Algeria|"
        "EC Ecuador|EE Estonia|EG Egypt|ES Spain|ET Ethiopia|FI Finland|FR France|GB United Kingdom|GE Georgia|"
        "GH Ghana|GR Greece|GT Guatemala|HK Hong Kong|HN Honduras|HR Croatia|HT Haiti|HU Hungary|ID Indonesia|"
        "IE Ireland|IL Israel|IN India|IQ Iraq|IR Iran|IS Iceland|IT Italy|JM Jamaica|JO Jordan|JP Japan|KE Kenya|"
        "KG Kyrgyzstan|KH Cambodia|KR South Korea|KW Kuwait|KZ Kazakhstan|LA Laos|LB Lebanon|LK Sri Lanka|"
        "LT Lithuania|LU Luxembourg|LV Latvia|LY Libya|MA Morocco|MD Moldova|ML Mali|MM Myanmar|MN Mongolia|"
        "MT Malta|MX Mexico|MY Malaysia|NG Nigeria|NL Netherlands|NO Norway|NP Nepal|NZ New Zealand|OM Oman|"
        "PA Panama|PE Peru|PH Philippines|PK Pakistan|PL Poland|PR Puerto Rico|PS Palestine|PT Portugal|"
        "PY Paraguay|QA Qatar|RO Romania|RS Serbia|RU Russia|SA Saudi Arabia|SD Sudan|SE Sweden|SG Singapore|"
        "SI Slovenia|SK Slovakia|SN Senegal|SV El Salvador|SY Syria|TD Chad|TH Thailand|TJ Tajikistan|"
        "TM Turkmenistan|TN Tunisia|TR Turkey|TW Taiwan|TZ Tanzania|UA Ukraine|UG Uganda|US United States|"
        "UY Uruguay|UZ Uzbekistan|VE Venezuela|VN Vietnam|YE Yemen|ZA South Africa"
    ).split("|")
}
"""Countries by the code that is stored; a flag that is none of these is no country that services are sold for."""

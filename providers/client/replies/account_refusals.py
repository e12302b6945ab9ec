"""Listed refusals about the account or the panel: rate limits, funds, keys, accounts that are off, maintenance.

Part of the table in :mod:`.refusals`, which says how a line is written.
"""

# ruff: noqa: E501 (patterns in many scripts, each whole)

from __future__ import annotations

from typing import Final

_OFF: Final = "(?:suspended|banned|blocked|disabled?|deactivated|inactive|locked|frozen|restricted|terminated|closed)"
_FUNDS: Final = "(?:funds?|balance|money|credits?|wallet)"
_WHO: Final = "(?:account|user|reseller|client|customer|member|you|api user)"

RATE_LIMIT: Final = (
    r"\brate ?limit",
    r"\btoo many (?:api |recent )?(?:requests|calls|attempts|queries)|\btoo (?:fast|quick(?:ly)?|frequent(?:ly)?)\b",
    r"\b(?:requests?|api|call) (?:limit|quota) (?:is |has been )?(?:exceeded|reached)|\bthrottled?\b",
    r"\bslow down\b|\bflood (?:wait|control|limit)",
    r"\berror(?: code)?:? 1015\b|\bcloudflare error 1015\b",
    r"\b(?:wait|again in|again after|retry in|retry after)\b.{0,20}?\b\d+ ?(?:s|secs?|seconds?|mins?|minutes?|ms)\b",
    r"\bwait (?:for )?(?:a few|a couple of|some|one|a|1) (?:more )?(?:seconds?|minutes?|moments?)\b",
    r"\b(?:once|one|1|only|\d+) (?:\w+ )?(?:per|every|in|each) \d* ?(?:s|secs?|seconds?|mins?|minutes?)\b",
    r"\b\d+ (?:requests?|orders?|calls?) (?:per|a|an|/) ?(?:seconds?|minutes?|hours?)\b|\brequests? per (?:second|minute)",
    r"\b(?:espere|espera|esperar|aguarde|attend[ei]\w*|patientez|patienter|asteptati|warten|wacht|poczekaj|odczekaj|"
    r"pockejte|varj\w*)\b.{0,25}\b\d+ ?(?:s|seg\w*|sec\w*|sek\w*|min\w*|mp)\b",
    r"\b\d+ (?:saniye|sn|dakika|dk)\b.{0,20}\b(?:bekle|sonra)|\b\d+ soniya",
    r"(?:подожд|повтор|чере[зс]|попробу|зачека|спробу).{0,25}\b\d+ ?(?:сек|мин|хв|с\b)",
    r"(?:انتظر|الانتظار|بعد).{0,20}\d+ ?(?:ثان|ثوان|دقي)|\d+ ثانیه",
    r"\btunggu\b.{0,20}\b\d+ ?(?:detik|menit|saat|minit)|\bsetelah \d+ (?:detik|menit)",
    r"\b(?:doi|cho|sau)\b.{0,15}\b\d+ ?(?:giay|phut|s)\b|รอ ?\d+ ?(?:วินาที|นาที)",
    r"(?:请|請)?(?:等待|稍等|等候|等)\D{0,4}\d+ ?(?:秒|分)|\d+ ?(?:秒|分钟|分鐘|分)(?:后|後|待|お待)|\d+ ?초|\d+ सेक",
    r"(?:频繁|頻繁|过快|過快)",
    # "Too many requests", and to try again, in other languages
    r"\bapi rate\b.{0,10}\b(?:exceed|reach)|\blimit:? \d+ (?:requests?|calls?) ?(?:/|per)",
    r"\b(?:demasiad[ao]s|muitas|muitos) (?:solicitudes|peticiones|requisicoes|solicitacoes|pedidos por)\b|"
    r"\btrop de requetes|\btroppe richieste|\bprea multe cereri|\bzu viele (?:anfragen|requests)|\bte veel (?:verzoeken|"
    r"aanvragen)|\bzbyt wiele zadan|\bprilis mnoho (?:pozadavku|dotazu)|\btul sok keres",
    r"\b(?:intent\w*|reintent\w*|tente|reessaye[rz]|riprova\w*|versuchen|probeer)\b.{0,30}\b\d+ ?(?:s|seg\w*|sec\w*|sek\w*|min\w*)\b",
    r"\b(?:cok|asiri) (?:fazla|sayida) istek|\bistek (?:siniri|limiti)|\bhiz siniri",
    r"слишком (?:много|часто|частые) ?(?:запрос|обращ)?|превышен\w* (?:лимит|количество) запросов|(?:забагато|надто багато) запитів",
    r"(?:طلبات|محاولات) (?:كثيرة|كثيره)|(?:تجاوزت|تم تجاوز) (?:حد|عدد|الحد).{0,12}(?:طلبات|معدل)|درخواست(?:های)? (?:بیش از حد|زیاد)",
    r"\bqua nhieu (?:yeu cau|request|lan)|\bterlalu banyak (?:permintaan|request|percobaan)|คำขอ(?:มาก|บ่อย|ถี่)เกิน|ส่งคำขอเร็ว",
    r"(?:请求|請求|操作)(?:次数)?(?:过多|過多|太多|超限)|リクエストが多|요청이 (?:너무 )?많|बहुत (?:ज्यादा|अधिक) (?:अनुरोध|रिक्वेस्ट)",
)

NO_FUNDS: Final = (
    rf"\b(?:not|n't have|no) (?:have )?(?:enough|sufficient|any) {_FUNDS}|\bno {_FUNDS}(?: left| available)?$",
    rf"\b(?:don't|do not|doesn't|does not) have (?:enough|sufficient|any) (?:\w+ )?{_FUNDS}",
    rf"\binsufficient (?:account |available |wallet |user )?{_FUNDS}|\b{_FUNDS} (?:is |are |too |very )*"
    r"(?:insufficient|not enough|not sufficient|exhausted|(?<!not )low|empty|too low|zero|over|finished)",
    rf"\blow {_FUNDS}\b|\bout of {_FUNDS}\b|\black of {_FUNDS}|\bneed more {_FUNDS}|\bpayment required\b",
    rf"\b(?:top ?up|recharge|refuel|add (?:more |some )?{_FUNDS}|add {_FUNDS}|replenish|deposit|fund)"
    rf" (?:your |to (?:your )?|the )?(?:account|balance|wallet|funds?|more|first|money)|\badd (?:more )?{_FUNDS}\b",
    r"\b(?:saldo|fondos|credito|creditos|fundos|dinero|dinheiro)\b.{0,20}\b(?:insuficiente|insuficientes|agotad\w+|"
    r"esgotad\w+|suficiente)|\b(?:insuficiente|suficiente)s? (?:\w+ )?(?:saldo|fondos|credito|fundos)",
    r"\b(?:no|sin|nao|sem) (?:\w+ ){0,2}(?:saldo|fondos|credito|creditos|fundos)\b|\brecargue\b|\brecarregue\b",
    r"\b(?:solde|fonds|credits?) (?:est |de compte |sont )?(?:insuffisant|epuise)|\bpas assez (?:de )?(?:fonds|credit|"
    r"solde|d'argent)|\bprovision insuffisante",
    r"\b(?:saldo|credito|fondi|fond\w*) (?:e |non |sono )?(?:insufficient|sufficient|esaurit)|\bfonduri insuficiente|"
    r"\bsold insuficient",
    r"\b(?:guthaben|kontostand|saldo)\b.{0,25}\b(?:nicht (?:aus|genug|genugend)|zu (?:niedrig|gering)|reicht nicht|"
    r"aufgebraucht|onvoldoende|ontoereikend)|\b(?:nicht genug|nicht genugend|kein|zu wenig|onvoldoende) "
    r"(?:guthaben|geld|saldo|tegoed)|\bunzureichende[sn]? guthaben",
    r"\b(?:niewystarczajac\w+|brak|za mało|za malo|niedostateczn\w+) (?:srodk\w+|sald\w+|fundusz\w+)|"
    r"\b(?:nedostatek|nedostatecny) (?:prostredku|zustatek|kredit\w*)|\b(?:nincs eleg|nem elegendo|kevés|keves) "
    r"(?:egyenleg|fedezet|penz)",
    r"\b(?:yetersiz|eksik|dusuk) (?:bakiye|kredi|para)|\bbakiye\w*\b.{0,25}\b(?:yetersiz|yeterli|yok|dusuk|az|bitti|"
    r"yetmiyor|yukle\w*)|\b(?:yeterli|yeteri kadar) (?:bakiye|kredi)",
    r"\b(?:balans|hisob\w*|mablag\w*)\b.{0,20}\b(?:yetarli emas|yetmaydi|kifoyat)|\bkifay[eə]t q[eə]d[eə]r (?:balans|v[eə]sait)",
    r"(?:недостаточно|недостаточныи|не хватает|нет|мало|закончились) (?:\w+ ){0,3}?(?:средств|денег|баланс|деньги)|"
    r"(?:баланс\w*|средств\w*|денег)\b.{0,20}(?:недостаточ|не хватает|закончил|исчерпан)|пополните",
    r"(?:недостатньо|бракує|бракуе|немає|немае) (?:\w+ ){0,2}?(?:коштів|коштив|баланс|грошеи)|поповніть|поповнить",
    r"(?:رصيد|الرصيد)\w*.{0,20}(?:غير (?:كاف|كافي)|لا يكفي|منخفض|غيركاف)|(?:لا يوجد|ليس لديك|لا تملك).{0,15}رصيد|"
    r"موجودي.{0,15}(?:كافي ني?ست|ناكافي)|موجودی.{0,15}(?:کافی نیست|ناکافی)|اعتبار.{0,10}(?:کافی نیست)",
    r"\b(?:saldo|dana|kredit|baki)\b.{0,20}\b(?:tidak|kurang|tak|habis|belum)(?: mencukupi| cukup| memadai)?\b|"
    r"\b(?:kekurangan|tidak cukup|kurang) (?:saldo|dana)",
    r"\bso du\b.{0,30}\b(?:khong|chua|het|thap)|\b(?:khong|chua) (?:du|co) (?:so du|tien)|\bvui long nap (?:them )?tien|"
    r"\bhet tien",
    r"(?:ยอดเงิน|เงิน|เครดิต|ยอด).{0,12}(?:ไม่พอ|ไม่เพียงพอ)",
    r"(?:余额|餘額|资金|資金|账户余额|积分)\D{0,6}(?:不足|不够|不夠)|(?:请|請)(?:先)?充值",
    r"\b(?:nincs|nem)\b.{0,12}\b(?:elegendo|eleg)\b.{0,10}\b(?:egyenleg|fedezet|penz|kredit)|\begyenleg\w*\b.{0,15}\b(?:nem eleg|keves|alacsony)",
    r"\b(?:balans\w*|hesab\w*)\b.{0,20}\b(?:kifay[eə]t|catmir|yeterli)|(?:موجودی|اعتبار).{0,20}(?:نمی ?باشد|نمیباشد|نیست|ندارید|کم)",
    r"(?:กรุณา|โปรด|ต้อง)(?:ทำการ)?เติม(?:เงิน|เครดิต)|(?:ব্যালেন্স|টাকা).{0,15}পর্যাপ্ত ?(?:নয়|না)|(?:충전|チャージ)(?:해 ?주세요|하세요|してください)",
    r"残高.{0,6}(?:不足|足りません|ありません)|(?:잔액|잔고|크레딧|포인트).{0,8}(?:부족|없)",
    r"(?:बैलेस|बलस|बैलेंस|राशि|शेष|पैसे).{0,15}(?:अपर्याप्त|पर्याप्त नही|कम|नही)|अपर्याप्त (?:बैलेंस|शेष|धन|राशि)",
    r"(?:ব্যালেন্স|টাকা).{0,15}(?:নেই|কম|অপর্যাপ্ত)|অপর্যাপ্ত ব্যালেন্স",
)

BAD_KEY: Final = (
    r"\b(?:invalid|incorrect|wrong|bad|unknown|missing|expired|inactive|no) (?:\w+ or )?(?:api )?(?:key|token)\b",
    r"\bapi (?:key|token) (?:is |was |has )?(?:been )?"
    r"(?:invalid|incorrect|wrong|missing|required|expired|disabled|inactive|revoked|empty|blocked)",
    r"\bapi (?:key|token) (?:is |does |was )?not (?:found|valid|active|exist|correct|provided|recognized|match)",
    r"(?:^|\byour |\bthe |\bthis )(?:key|token) (?:is |was |has )?(?:been )?(?:not (?:valid|correct|found|recognized)|"
    r"invalid|incorrect|wrong|expired|revoked)\b|\b(?:invalid|incorrect|wrong) apikey|\bapikey (?:is )?(?:invalid|incorrect|wrong|not)",
    r"^key (?:khong (?:dung|hop le|ton tai)|sai|tidak (?:valid|sesuai)|salah|gecersiz|hatali)|(?:คีย์|โทเค็น|key)(?: ?api)?.{0,4}(?:ไม่ถูกต้อง|ผิด)",
    r"\bapi is disabled? for this user\b|\bauthentication credentials\b|\bcheck your api key\b",
    r"^(?:unauthori[sz]ed|unauthenticated|forbidden|access denied|authentication (?:failed|required))!?$",
    r"\b(?:clave|llave|chave|chiave|cle|cheie)(?: de| da)?(?: la)? api\b.{0,20}\b(?:inval|incorr|errad|non? val|gresit)|"
    r"\bapi key (?:invalida|incorrecta|incorreta|non valida|invalide)",
    r"\b(?:ungultig|falsch)\w* api (?:schlussel|key)|\bapi schlussel\b.{0,15}\b(?:ungultig|falsch)|"
    r"\b(?:nieprawidłowy|nieprawidlowy|błedny|ongeldige) (?:klucz api|api key|api sleutel)",
    r"\b(?:gecersiz|hatali|yanlis) api|\bapi (?:anahtari?\w*|key)\b.{0,15}\b(?:gecersiz|hatali|yanlis|bulunamadi)",
    r"(?:неверн|некорректн|недеиствительн|неправильн|невірн|невирн|недіисн|недиисн)\w* (?:api )?ключ|"
    r"(?:api )?ключ\w*(?: api)? (?:неверн|не наиден|недеиств|не деиств)",
    r"(?:مفتاح|رمز).{0,12}(?:غير (?:صحيح|صالح)|خاطئ|خاطي|منتهي)|(?:کلید|كليد).{0,10}(?:نامعتبر|اشتباه)",
    r"\bapi key\b.{0,12}\b(?:salah|tidak (?:valid|ditemukan|sah|terdaftar)|khong (?:hop le|dung|ton tai)|sai)\b|"
    r"\b(?:khoa|ma) api\b.{0,12}\b(?:khong|sai)",
    r"(?:api)? ?(?:密钥|密鑰|key|キー|키)(?:无效|無效|错误|錯誤|不正确|が無効|가 유효)|(?:无效|無效)的? ?(?:api|密钥)",
)

ACCOUNT_OFF: Final = (
    rf"(?:^|\byour |\bthis |\berror |\bthe )(?:api )?account (?:has been |is |was |are )?(?:temporarily |permanently )?"
    rf"(?:{_OFF}|not (?:active|activated|enabled|approved|verified)|on hold)",
    rf"(?:^|\byour |\bapi |\bthis |\bthe )(?:user|reseller|client|customer|member)(?: account)? (?:has been |is |was )?"
    rf"(?:currently |temporarily |permanently )?(?:{_OFF}|not (?:active|activated|enabled))",
    rf"(?:^|^sorry,? )you (?:are|have been|were)(?: \w+)? (?:{_OFF}|not (?:authorized|allowed|permitted) to (?:use|access))",
    r"\bapi (?:access |usage |service |orders? )?(?:is |has been |was )?(?:currently |temporarily )?"
    r"(?:disabled?|deactivated|turned off|switched off|closed|inactive|blocked|suspended|restricted|revoked|"
    r"not (?:enabled|activated|active|available|allowed)|off)\b",
    r"\b(?:access|permission)(?: to (?:the |this )?(?:api|panel|site))? (?:is |has been |was )?"
    r"(?:denied|restricted|revoked|blocked|disabled|suspended|limited)\b",
    r"\bip(?:s| address| addresses)?\b.{0,25}\b(?:not (?:allowed|whitelisted|authorized|permitted)|blocked|banned|"
    r"blacklisted|denied|forbidden)|\bip\b.{0,30}\bshould be whitelisted|\b(?:whitelist|authorize) (?:your|this) ip",
    r"\bimunify|\bbot protection|\bsucuri\b|\bwordfence\b|\bincapsula\b|\bimperva\b|\bmod ?security\b|\bddos guard\b|"
    r"\bbitninja\b|\bfirewall\b|\bcaptcha\b|\bbots? (?:detected|are not allowed|verification)|\bakamai\b",
    r"\b(?:cloudflare )?error(?: code)?:? 10(?:0[5-9]|1[0-3]|20)\b|\battention required\b|\bblocked (?:access )?(?:based on|because of|due to) your|"
    r"\bbanned (?:your|the) (?:country|region|ip|access|autonomous|asn)|\bsecurity (?:service|rules?|check)\b",
    r"\b(?:cuenta|usuario|conta|account|compte|utente|cont|utilisateur)\b.{0,20}\b(?:suspend|bloquead|bloque|"
    r"desactivad|desativad|desactive|banead|banid|banni|inactiv|inativ|sospes|bloccat|disattivat|disabilitat)",
    r"\b(?:konto|benutzer|account)\b.{0,20}\b(?:gesperrt|deaktiviert|inaktiv|geblockt|geblokkeerd|zablokowane|"
    r"zawieszone|nieaktywne)",
    r"\b(?:hesabiniz|hesap|uyelig\w*|kullanici|api)\b.{0,20}\b(?:askiya|engellen|engelli|kapatil|kapali|banlan|"
    r"pasif|dondurul|devre disi|yasakl)",
    r"(?:аккаунт|учетная запись|пользовател|акаунт|обліковии запис|доступ)\w*.{0,20}(?:заблок|отключ|приостанов|"
    r"забан|деактив|закрыт|вимкн)",
    r"(?:تم|لقد تم) (?:حظر|تعليق|ايقاف|تجميد|تعطيل) (?:ال)?(?:حساب|مستخدم)|(?:حساب)\w*.{0,15}(?:محظور|موقوف|معلق|معطل|مغلق|مسدود|تعليق|حظر|ايقاف)",
    r"\b(?:akun|akaun)\b.{0,20}\b(?:blokir|diblokir|nonaktif|dinonaktifkan|ditangguhkan|suspend|banned|disekat|"
    r"tidak aktif|digantung)",
    r"\btai khoan\b.{0,25}\b(?:khoa|dinh chi|cam|vo hieu)|บัญชี.{0,10}(?:ถูกระงับ|ถูกบล็อก)",
    r"(?:账号|账户|帐号|帳號|帳戶|用户|用戶)(?:已|被|已被)(?:封|禁|冻结|凍結|停用|锁定|鎖定|暂停)",
)

# A service that is under maintenance is that service's matter.
MAINTENANCE: Final = (
    r"^(?!.*(?:\b(?:this|that|the|selected) service\b|^service\b|dich vu|servicio|servico|servis|услуг|layanan|خدمة))"
    r".*(?:\bmaintenance\b|bao tri|\bmantenimiento\b|\bmanutencao\b|\bmanutenzione\b|\bwartung\b|\bbakim(?:da)?\b|"
    r"технически\w* работ|обслуживани|صيانة|\bpemeliharaan\b|维护|維護|メンテナンス|점검)",
    r"\b(?:panel|site|website|system) is (?:temporarily )?(?:closed|offline)\b",
)

"""The one table of listed refusals: which words are about what, in the sentences and keys that panels send.

A refusal is certain only when it is listed here. How to add a line: find the kind it belongs to, write the shortest
pattern that no sentence about something else fits, and add the sentence to
`tests/providers/client/data/refusals.jsonl`. Texts and patterns are compared as `words.fold_error` folds texts: small
letters, no accents, and blanks for `_`, `-` and `.`.
"""

# ruff: noqa: E501 (patterns in many scripts, each whole)

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Meaning(StrEnum):
    """What an error text is about; `other` is a text that nothing is known of."""

    made = "made"
    trouble = "trouble"
    rate_limit = "rate_limit"
    no_funds = "no_funds"
    bad_key = "bad_key"
    account_off = "account_off"
    maintenance = "maintenance"
    duplicate = "duplicate"
    order_id = "order_id"
    action = "action"
    service = "service"
    quantity = "quantity"
    parameter = "parameter"
    link = "link"
    listed = "listed"
    other = "other"


_FUNDS: Final = "(?:funds?|balance|money|credits?|wallet)"
_OFF: Final = "(?:suspended|banned|blocked|disabled?|deactivated|inactive|locked|frozen|restricted|terminated|closed)"
_WHO: Final = "(?:account|user|reseller|client|customer|member|you|api user)"
_WRONG: Final = "(?:incorrect|invalid|wrong|bad|unknown|unsupported|malformed|missing|empty)"
_IS_WRONG: Final = (
    "(?:incorrect|invalid|wrong|bad|unknown|unsupported|malformed|missing|empty|required|not valid|not correct|"
    "not supported|not allowed|not acceptable|not provided|not specified)"
)
_GONE: Final = (
    r"(?:not (?:found|available|active|exist|exists|offered|supported|valid|enabled|working|orderable)|unavailable|inactive|"
    r"disabled|paused|stopped|closed|removed|deleted|deactivated|suspended|discontinued|invalid|incorrect|wrong|missing|"
    r"required|under maintenance|in maintenance|out of stock|sold out|(?:does not|doesn't|do not|did not) exists?|off)"
)
_PARAMETERS: Final = (
    "(?:parameters?|params?|fields?|comments?|usernames?|hashtags?|keywords?|runs?|interval|answer(?: number)?|groups?|"
    "media|country|device|delay|expiry|posts|old posts|min|max|product|require|referr\\w+ url|google keyword|"
    "type of traffic)"
)
_ALL_PARAMETERS: Final = f"(?:{_PARAMETERS}|link|url|quantity|service(?: id)?|order(?: id)?|refill(?: id)?)"

# The first that fits counts. What says that it does not know what happened is believed, whatever it says besides. A
# duplicate comes before the rest, because it often asks to wait; the account comes before the order, since its words
# are the more exact ones. Languages in one line each: es/pt/it/fr/ro, de/nl/pl/cs/hu, tr/uz, ru/uk, ar/fa, id/ms,
# vi/th, zh/ja/ko/hi, as far as a kind needs them.
LISTED: Final[tuple[tuple[Meaning, tuple[str, ...]], ...]] = (
    (
        Meaning.trouble,
        (
            r"\bunknown error",
            r"\binternal (?:server )?error",
            r"\b(?:unexpected|unhandled|fatal|database|sql|server|network|curl|ssl|socket) (?:error|exception)",
            r"\bsqlstate\b|\bdeadlock\b",
            r"\bsomething went wrong",
            r"\berror (?:has )?occurr?ed",
            r"\btimed out\b|\b(?:gateway|request|connection|operation|execution) time ?out|\btimeout\b",
            r"\bno response\b|\b(?:did|does) not (?:respond|answer)\b|\bnot responding\b|\bunreachable\b",
            r"\bconnection (?:error|failed|refused|reset|lost|closed)|\b(?:could not|unable to|failed to) connect",
            r"\bbad gateway\b|^(?:503 )?service (?:is )?(?:temporarily )?unavailable$",
            r"^(?:error|fail|failed|failure|exception|errors?:?)[!:]?$",
            r"^(?:please )?try (?:again|later|again later)!?$",
        ),
    ),
    (
        Meaning.duplicate,
        (
            r"\b(?:active|pending|running|open|unfinished|uncompleted|incomplete|ongoing|another|existing|previous) order"
            r"s?\b.*\b(?:link|url|page|post|profile|username|target)",
            r"\b(?:link|url|post|profile|page|username|target)\b.*\b(?:already|active|in progress|in use|has an? order|"
            r"(?:another|existing|open|pending|running) order)",
            r"\balready\b.*\border.*\b(?:link|url|post|profile|page|username|target)",
            r"\border\b.*\b(?:this|same|that) (?:link|url|post|profile|page)\b.*\b(?:already|exists?|active|progress|before)",
            r"\b(?:identical|same|duplicated?) order\b|\btoo many orders\b|\border (?:is )?(?:a )?duplicate\b",
            r"\blink duplicate\b|\bduplicate (?:order|link|url)|\b(?:order|link) duplicated?\b",
            r"\bwait (?:until|till|for) (?:the |your |this |previous |current |existing |active |last |other )*order",
            r"\b(?:refill|refund|cancel\w*)(?: request)?(?: is| was| has)?(?: been)? already\b|\balready (?:requested|being)",
            r"\bya (?:existe|hay|tiene|tienes|tenes)\b.*\b(?:pedido|orden)|\b(?:pedido|orden)\b.*\bmismo (?:enlace|link)",
            r"\bja (?:existe|possui|tem|ha)\b.*\bpedido|\bpedido\b.*\bmesmo link",
            r"\bcommande\b.*\b(?:en cours|active)\b.*\b(?:lien|url)|\bordine\b.*\b(?:attivo|in corso)\b.*\blink",
            r"\b(?:aktive|laufende|offene)\w* (?:bestellung|auftrag)\b.*\blink",
            r"\b(?:ayni|bu) (?:link|baglanti|url)\w*\b.*\b(?:aktif|devam eden|zaten|mevcut|bekleyen)\b.*\bsiparis",
            r"\b(?:активн|уже есть|уже существует|незаверш|выполняющ)\w*.*заказ.*ссылк|заказ.*(?:с этои|на эту) ссылк",
            r"\b(?:sudah|masih) (?:ada|memiliki|terdapat)\b.*\b(?:pesanan|order)|\b(?:pesanan|order)\b.*\byang sama\b",
            r"\b(?:don hang|don|link|lien ket)\b.*\bdang (?:chay|xu ly|hoat dong|duoc xu ly)|\btrung (?:link|don)",
            r"(?:نفس|هذا) (?:ال)?رابط.*طلب|طلب.*(?:نشط|قائم|جار).*رابط",
            r"(?:重复|重複)(?:的)?(?:订单|訂單|链接|鏈接|下单)|(?:链接|鏈接).*(?:已存在|进行中)",
        ),
    ),
    (
        Meaning.rate_limit,
        (
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
        ),
    ),
    (
        Meaning.no_funds,
        (
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
            r"\b(?:balans|hisob\w*|mablag\w*)\b.{0,20}\b(?:yetarli emas|yetmaydi|kifoyat)|\bkifayet qeder (?:balans|vesait)",
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
            r"残高.{0,6}(?:不足|足りません|ありません)|(?:잔액|잔고|크레딧|포인트).{0,8}(?:부족|없)",
            r"(?:बैलेस|बलस|बैलेंस|राशि|शेष|पैसे).{0,15}(?:अपर्याप्त|पर्याप्त नही|कम|नही)|अपर्याप्त (?:बैलेंस|शेष|धन|राशि)",
            r"(?:ব্যালেন্স|টাকা).{0,15}(?:নেই|কম|অপর্যাপ্ত)|অপর্যাপ্ত ব্যালেন্স",
        ),
    ),
    (
        Meaning.bad_key,
        (
            r"\b(?:invalid|incorrect|wrong|bad|unknown|missing|expired|inactive|no) (?:\w+ or )?(?:api )?(?:key|token)\b",
            r"\bapi (?:key|token) (?:is |was |has )?(?:been )?"
            r"(?:invalid|incorrect|wrong|missing|required|expired|disabled|inactive|revoked|empty|blocked)",
            r"\bapi (?:key|token) (?:is |does |was )?not (?:found|valid|active|exist|correct|provided|recognized|match)",
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
        ),
    ),
    (
        Meaning.account_off,
        (
            rf"(?:^|\byour |\bthis |\berror |\bthe )(?:api )?account (?:has been |is |was |are )?(?:temporarily |permanently )?"
            rf"(?:{_OFF}|not (?:active|activated|enabled|approved|verified)|on hold)",
            rf"(?:^|\byour |\bapi |\bthis )(?:user|reseller|client|customer|member)(?: account)? (?:has been |is |was )?"
            rf"(?:currently |temporarily |permanently )?(?:{_OFF}|not (?:active|activated|enabled))",
            rf"^you (?:are|have been|were)(?: \w+)? (?:{_OFF}|not (?:authorized|allowed|permitted) to (?:use|access))",
            r"\bapi (?:access |usage |service |orders? )?(?:is |has been |was )?(?:currently |temporarily )?"
            r"(?:disabled?|deactivated|turned off|switched off|closed|inactive|blocked|suspended|restricted|revoked|"
            r"not (?:enabled|activated|active|available|allowed)|off)\b",
            r"\b(?:access|permission)(?: to (?:the |this )?(?:api|panel|site))? (?:is |has been |was )?"
            r"(?:denied|restricted|revoked|blocked|disabled|suspended|limited)\b",
            r"\bip(?:s| address| addresses)?\b.{0,25}\b(?:not (?:allowed|whitelisted|authorized|permitted)|blocked|banned|"
            r"blacklisted|denied|forbidden)|\bip\b.{0,30}\bshould be whitelisted|\b(?:whitelist|authorize) (?:your|this) ip",
            r"\bimunify|\bbot protection|\bsucuri\b|\bwordfence\b|\bincapsula\b|\bimperva\b|\bmod ?security\b|\bddos guard\b|"
            r"\bbitninja\b|\bfirewall\b|\bcaptcha\b|\bbots? (?:detected|are not allowed|verification)|\bakamai\b",
            r"\bcloudflare error 10(?:0[5-9]|1[0-3]|20)\b|\bblocked (?:access )?(?:based on|because of|due to) your|"
            r"\bbanned (?:your|the) (?:country|region|ip|access|autonomous|asn)|\bsecurity (?:service|rules?|check)\b",
            r"\b(?:cuenta|usuario|conta|account|compte|utente|cont|utilisateur)\b.{0,20}\b(?:suspend|bloquead|bloque|"
            r"desactivad|desativad|desactive|banead|banid|banni|inactiv|inativ|sospes|bloccat|disattivat|disabilitat)",
            r"\b(?:konto|benutzer|account)\b.{0,20}\b(?:gesperrt|deaktiviert|inaktiv|geblockt|geblokkeerd|zablokowane|"
            r"zawieszone|nieaktywne)",
            r"\b(?:hesabiniz|hesap|uyelig\w*|kullanici|api)\b.{0,20}\b(?:askiya|engellen|engelli|kapatil|kapali|banlan|"
            r"pasif|dondurul|devre disi|yasakl)",
            r"(?:аккаунт|учетная запись|пользовател|акаунт|обліковии запис|доступ)\w*.{0,20}(?:заблок|отключ|приостанов|"
            r"забан|деактив|закрыт|вимкн)",
            r"(?:حساب)\w*.{0,15}(?:محظور|موقوف|معلق|معطل|مغلق|مسدود|تعليق|حظر|ايقاف)",
            r"\b(?:akun|akaun)\b.{0,20}\b(?:blokir|diblokir|nonaktif|dinonaktifkan|ditangguhkan|suspend|banned|disekat|"
            r"tidak aktif|digantung)",
            r"\btai khoan\b.{0,25}\b(?:khoa|dinh chi|cam|vo hieu)|บัญชี.{0,10}(?:ถูกระงับ|ถูกบล็อก)",
            r"(?:账号|账户|帐号|帳號|帳戶|用户|用戶)(?:已|被|已被)(?:封|禁|冻结|凍結|停用|锁定|鎖定|暂停)",
        ),
    ),
    (
        Meaning.maintenance,
        # A service that is under maintenance is that service's matter.
        (
            r"^(?!.*(?:\b(?:this|that|the|selected) service\b|^service\b|dich vu|servicio|servico|servis|услуг|layanan|خدمة))"
            r".*(?:\bmaintenance\b|bao tri|\bmantenimiento\b|\bmanutencao\b|\bmanutenzione\b|\bwartung\b|\bbakim(?:da)?\b|"
            r"технически\w* работ|обслуживани|صيانة|\bpemeliharaan\b|维护|維護|メンテナンス|점검)",
            r"\b(?:panel|site|website|system) is (?:temporarily )?(?:closed|offline)\b",
        ),
    ),
    (
        Meaning.order_id,
        (
            r"\b(?:incorrect|invalid|wrong|unknown) (?:order|refill)(?: task)? ?ids?\b",
            r"\b(?:order|refill)(?: request| task)? not found\b",
            r"\bis not a number\b|^not found$",
        ),
    ),
    (
        Meaning.action,
        (
            r"\b(?:incorrect|invalid|unsupported|unknown|wrong) (?:request|action|method|api action|command)\b",
            r"\baction is (?:invalid|not|required|missing)|\brequest (?:not found|does not match)\b",
        ),
    ),
    (
        Meaning.service,
        (
            rf"\b{_WRONG} (?:api )?service(?: ?id)?s?\b|\bno such service\b|\bservice not$",
            rf"\bservice(?: ?ids?)?(?: \W?[\w#-]+\W?)?(?: (?:is|was|are|has been|id|currently|temporarily|now|does|do)){{0,4}} {_GONE}\b",
            r"\bservices? (?:is |are )?(?:temporarily |currently )?(?:not accepting|no longer)|\b(?:this|that|the) service is off\b",
            r"\b(?:refill|cancel\w*|drip ?feed) (?:is |are )?(?:disabled|not (?:available|supported|enabled|allowed))\b.*\bservice",
            r"\bservicio (?:no (?:encontrado|existe|disponible|valido)|invalido|incorrecto|desactivado|inactivo|pausado)|"
            r"\bservico (?:nao (?:encontrado|existe|disponivel)|invalido|incorreto|desativado|inativo|pausado)",
            r"\bservice (?:introuvable|invalide|indisponible|inexistant)|\bservizio (?:non (?:trovato|disponibile|valido|esiste))",
            r"\b(?:dienst|service) (?:nicht (?:gefunden|verfugbar)|ungultig|deaktiviert)|\bungultige(?:r)? (?:dienst|service)",
            r"\bservis\w* (?:bulunamadi|aktif degil|kapali|gecersiz|pasif|mevcut degil|bakimda)|\bgecersiz servis",
            r"\b(?:услуга|сервис) (?:не (?:наидена?|существует|доступна?)|недоступ|отключен|неактив)|неверн\w+ (?:id )?(?:услуг|сервис)",
            r"\blayanan (?:tidak (?:ditemukan|tersedia|aktif|ada)|sedang (?:gangguan|maintenance)|nonaktif)",
            r"\bdich vu (?:nay )?(?:dang (?:bao tri|tam|dong)|khong (?:ton tai|kha dung|hoat dong|ho tro|hop le|co)|tam (?:dung|ngung|dong)|"
            r"da (?:dong|tat|ngung|bi))|\bkhong (?:tim thay|ho tro) dich vu",
            r"(?:ال)?خدمة (?:غير (?:موجودة|متاحة|متوفرة|صحيحة|فعالة)|معطلة|متوقفة)|(?:服务|服務)(?:不存在|不可用|已下架|已关闭|无效)",
        ),
    ),
    (
        Meaning.quantity,
        (
            r"\bquantity (?:is |was |must |should |has |to |be )*(?:too|less|more|greater|lower|higher|bigger|smaller|below|above|"
            r"under|over|out of|not|invalid|incorrect|wrong|exceed\w*|at least|at most|between|a multiple|divisible|multiple)",
            rf"\b{_WRONG} (?:order )?(?:quantity|amount)\b|\b(?:quantity|amount) (?:is )?{_IS_WRONG}\b",
            r"\b(?:min|max|minimum|maximum|minimal|maximal)(?: order)?(?: (?:quantity|amount|order|limit|orders))\b",
            r"\b(?:min|max|minimum|maximum)(?: (?:quantity|amount|order))?(?: (?:is|of|allowed|for this service|:|=|order|are))* ?:? ?\d",
            r"\bfollow the limit\b|\b(?:less|lower|smaller) than (?:the )?min\w*\b|\b(?:more|greater|higher) than (?:the )?max\w*\b",
            r"\b(?:below|under|above|over|exceeds?) (?:the )?(?:min|max)\w*\b",
            r"\b(?:cantidad|quantidade|quantite|quantita|menge|cantitate|aantal|ilosc) (?:\w+ )?(?:minim|maxim|invalid|incorrec|"
            r"incorret|insuffis|non valid|ungultig|zu (?:klein|gross|niedrig|hoch)|massim)|\b(?:mindest|maximal|hochst)menge\b",
            r"\b(?:minimum|maksimum|en az|en fazla)\b.{0,25}\b(?:miktar|adet|siparis)|\bmiktar\w* (?:gecersiz|hatali|az|fazla)",
            r"(?:минимальн|максимальн)\w+ (?:количеств|заказ|сумм)|(?:неверн|некорректн)\w+ количеств|количество (?:меньше|больше|должно)",
            r"\b(?:jumlah|minimal|maksimal) (?:pesan\w*|order|pemesanan|minimal|maksimal|adalah \d|tidak (?:valid|sesuai))",
            r"\bso luong\b.{0,20}\b(?:toi (?:thieu|da)|khong hop le|phai|it nhat)|\b(?:toi thieu|toi da) (?:la )?\d",
            r"(?:الكمية|كمية).{0,15}(?:اقل|اكبر|غير|الحد)|(?:数量|數量)(?:不|小于|大于|低于|超过|必须|错误)|(?:最小|最大|最低|最高)(?:数量|數量|下单)",
        ),
    ),
    (
        Meaning.parameter,
        (
            r"\bmissing (?:\w+ ){0,2}(?:parameters?|params?|fields?|values?|arguments?)\b|\brequired (?:parameters?|params?|fields?)\b",
            rf"\bmissing (?:required )?{_ALL_PARAMETERS}\b",
            rf"\b{_ALL_PARAMETERS} (?:field |parameter )?(?:is |are |was )?(?:required|missing|empty|not provided)\b",
            rf"\b{_PARAMETERS}(?: (?:field|parameter|value|list|is|are|was|were|has))* {_IS_WRONG}\b",
            rf"\b{_WRONG} (?:value for |format of )?{_PARAMETERS}\b",
            rf"\b(?:{_PARAMETERS}|quantity) (?:field )?(?:must|should|has to|cannot|can not|can't) (?:not )?"
            r"(?:be|have|contain|exceed)\b",
        ),
    ),
    (
        Meaning.link,
        (
            r"\b(?:bad|invalid|incorrect|wrong|broken|private|unsupported|malformed|unacceptable|empty|missing) "
            r"(?:\w+ ){0,2}(?:link|url)s?\b|\berror link$",
            rf"\b(?:link|url)s?(?: (?:is|was|are|format|address|must|should|has|appears|to|be|seems|not)){{0,4}} "
            rf"(?:{_IS_WRONG}|private|not (?:found|public|accessible|reachable|match\w*|working)|broken|blacklisted|blocked|banned|"
            r"forbidden|deleted|unavailable|too long|(?:does not|doesn't) (?:exists?|match|work)|start|closed)",
            r"\blink not found\b|\b(?:does not|doesn't) (?:look|seem) like a (?:\w+ )?(?:link|url)\b|\bnot a (?:valid )?(?:\w+ )?(?:link|url)\b",
            r"\b(?:profile|page|channel|post|video|tweet|photo|reel|story|group|(?:instagram|tiktok|youtube|twitter|facebook|target) "
            r"(?:account|user|profile|page)) (?:is |was |has been )?(?:private|not (?:public|found|available)|deleted|removed|closed|unavailable)",
            r"\b(?:enlace|link|url|lien|collegamento) (?:\w+ )?(?:invalid|incorrect|incorret|non valid|erron|no valid|prive|privad)",
            r"\b(?:ungultig|falsch)\w* (?:link|url)|\blink (?:ist )?(?:ungultig|falsch)|\b(?:gecersiz|hatali) (?:link|baglanti|url)|"
            r"\b(?:link|baglanti) (?:gecersiz|hatali)",
            r"(?:неверн|некорректн|недеиствительн|неправильн)\w+ (?:ссылк|линк|url)|ссылк\w+ (?:неверн|недеиств|не работает)",
            r"\b(?:link|url|target|tautan) (?:\w+ )?(?:tidak (?:valid|sesuai|ditemukan)|salah|khong (?:hop le|dung|ton tai))",
            r"(?:ال)?رابط (?:غير (?:صحيح|صالح)|خاطئ|خاطي)|(?:链接|鏈接|连接)(?:无效|無效|错误|錯誤|不正确|格式)|(?:无效|無效)的?(?:链接|鏈接)",
        ),
    ),
)

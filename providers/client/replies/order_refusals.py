"""Listed refusals about the order that was sent: a duplicate, its id, the action, service, quantity, parameter, link.

Part of the table in :mod:`.refusals`, which says how a line is written.
"""

# ruff: noqa: E501 (patterns in many scripts, each whole)

from __future__ import annotations

from typing import Final

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

DUPLICATE: Final = (
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
)

ORDER_ID: Final = (
    r"\b(?:incorrect|invalid|wrong|unknown) (?:order|refill)(?: task)? ?ids?\b",
    r"\b(?:order|refill)(?: request| task)? not found\b",
    r"\bis not a number\b|^not found$",
)

ACTION: Final = (
    r"\b(?:incorrect|invalid|unsupported|unknown|wrong) (?:request|action|method|api action|command)\b",
    r"\baction is (?:invalid|not|required|missing)|\brequest (?:not found|does not match)\b",
)

SERVICE: Final = (
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
)

QUANTITY: Final = (
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
)

PARAMETER: Final = (
    r"\bmissing (?:\w+ ){0,2}(?:parameters?|params?|fields?|values?|arguments?)\b|\brequired (?:parameters?|params?|fields?)\b",
    rf"\bmissing (?:required )?{_ALL_PARAMETERS}\b",
    rf"\b{_ALL_PARAMETERS} (?:field |parameter )?(?:is |are |was )?(?:required|missing|empty|not provided)\b",
    rf"\b{_PARAMETERS}(?: (?:field|parameter|value|list|is|are|was|were|has))* {_IS_WRONG}\b",
    rf"\b{_WRONG} (?:value for |format of )?{_PARAMETERS}\b",
    rf"\b(?:{_PARAMETERS}|quantity) (?:field )?(?:must|should|has to|cannot|can not|can't) (?:not )?"
    r"(?:be|have|contain|exceed)\b",
)

LINK: Final = (
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
)

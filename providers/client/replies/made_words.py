"""Which sentences say that something was, or may have been, made: they are no refusal, whatever else they say.

"Order placed at provider but local save failed" comes as an error, and the order exists. So a word of doing
("placed", "created", "charged") about the thing that was called for counts, unless its clause takes it back ("could
not be placed") or speaks of something earlier ("was already placed", "2 hours ago").
"""

# ruff: noqa: E501 (patterns in many scripts, each whole)

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from providers.client.replies.vocabulary import fold_error, strip_accents
from providers.dialects.protocol import Action


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DONE: Final = _words(
    "placed created saved submitted accepted registered recorded received sent forwarded relayed dispatched processed "
    "made added queued inserted executed issued booked started opened scheduled stored confirmed generated launched "
    "succeeded approved purchased bought transmitted delivered posted logged exists"
)
_CHARGED: Final = _words("charged deducted debited paid billed taken withdrawn subtracted")
_MONEY: Final = _words("balance funds money amount wallet card account you payment cost price charge order")
_ORDERS: Final = _words(
    "order orders purchase request task job transaction subscription submission campaign item product it"
)
_REFILLS: Final = _words("refill refills refilling request task ticket it")
_CANCELS: Final = _words("cancel cancellation cancelation cancels request task ticket refund it")
_SUBJECTS: Final[Mapping[Action, frozenset[str]]] = {
    Action.add: _ORDERS,
    Action.add_product_order: _ORDERS,
    Action.refill: _REFILLS,
    Action.multi_refill: _REFILLS,
    Action.cancel: _CANCELS,
}
# What these calls do to an order that exists: then the order itself is what the sentence speaks of.
_DONE_TO_ORDER: Final[Mapping[Action, frozenset[str]]] = {
    Action.refill: frozenset({"refilled"}),
    Action.multi_refill: frozenset({"refilled"}),
    Action.cancel: frozenset({"canceled", "cancelled", "refunded"}),
}
# With one of these a clause says that it was not done, is yet to be done, or was done earlier.
_REVERSED: Final = _words(
    "not no never cannot cant without unable fail fails failed failure before until till unless must should need needs "
    "to be being could can may if when same identical similar duplicate previous previously earlier another last "
    "already existing next each every once only rather none nothing unsuccessful old recent"
)
_EARLIER: Final = _words("ago recently earlier previously before yesterday already less")
_CLAUSE: Final = re.compile(r"[,;:!?()]|\b(?:but|however|although|though|yet|because|since|and|or|so)\b")
_SENTENCE_END: Final = re.compile(r"[.!?;\r\n]+(?=\s|$)")
_TOKEN: Final = re.compile(r"[\w']+")
_BEFORE, _AFTER = 7, 4

_NOT_KEPT: Final = re.compile(
    r"(?:\bnot|n't|\bnever|\bcannot|\bunable to|\bfail(?:ed|ure|s)? (?:to|while|on|in)|\berror (?:while|when|on))\s+"
    r"(?:be |been |being )?(?:locally )?(?:sav|stor|record|persist|log|synchroni[sz]|sync)(?:e|ed|ing|s)?\b"
    r"|\b(?:sav(?:e|ing)|stor(?:e|ing)|persist\w*|insert|database|db)(?: \w+){0,3}? (?:has |was )?(?:failed|failure|error)"
    r"|\blocal(?:ly)? (?:saved?|records?|recorded|database|db|insert|update|copy|order|system)\b"
)
_SUCCESS: Final = re.compile(r"\bsuccess(?:ful|fully)?\b")
_NO_SUCCESS: Final = re.compile(r"(?:\bnot?|n't|\bwithout|\bcannot|\bunable|\bfail\w*)\b[^,;:]{0,40}\bsuccess")

# The same in other languages: what could not be saved was there to be saved.
_NOT_KEPT_ELSEWHERE: Final = (
    # Spanish, Portuguese, French, Italian
    r"\b(?:no (?:se )?pud\w+|no fue posible|error al|fallo al|nao (?:foi possivel|pode ser|consegui\w*)|erro ao|falh\w+ ao)\b"
    r".{0,15}\b(?:guard|registr|almacen|salv|grav|armazen)|\b(?:no|nao) (?:se |fue |foi )?(?:guard|salv|grav)(?:ado|o|ada)\b",
    r"\b(?:echec|erreur|impossible|n'a pas|n'ont pas)\b.{0,25}\b(?:enregistr|sauvegard)",
    r"\b(?:errore|fallit\w*|impossibile)\b.{0,25}\b(?:salva|memorizza|registra)|\bnon (?:e stato )?(?:salvat|memorizzat)[oa]\b",
    # German, Dutch, Polish
    r"\b(?:nicht|fehler beim) (?:lokal |mehr )?(?:gespeichert|speichern)|\bspeichern\b.{0,15}\bfehlgeschlagen",
    r"\bniet (?:worden )?opgeslagen|\bopslaan (?:is )?mislukt|\bnie (?:udalo sie )?(?:go |jej )?zapisa|\bblad zapisu",
    # Turkish, Russian, Ukrainian
    r"\bkaydedilemedi|\bkayit (?:basarisiz|hatasi|yapilamadi)|\bkaydetme\w* (?:hatasi|basarisiz)|\byazilamadi",
    r"не (?:удалось |удается |был[аои]? |смогли )?(?:сохран|записа)|ошибка (?:при )?(?:сохранени|записи)",
    r"не (?:вдалося |було )?(?:збереж|зберег|записа)|помилка збереження",
    # Arabic, Persian
    r"(?:فشل|تعذر|خطأ في|لم يتم) (?:في )?(?:حفظ|تخزين|الحفظ)|ذخیره ن|(?:خطا در|عدم) ذخیره",
    # Vietnamese, Indonesian and Malay, Thai
    r"\b(?:khong|chua) (?:the )?luu\b|\bluu (?:don hang |don |vao he thong )?(?:that bai|bi loi|khong)|\bloi (?:khi )?luu\b",
    r"\b(?:gagal|tidak (?:dapat |bisa )?|error saat )\W?(?:men)?(?:di)?(?:ter)?(?:simpan|yimpan)",
    r"บันทึก(?:ข้อมูล|ออเดอร์|คำสั่งซื้อ)?(?:ไม่สำเร็จ|ล้มเหลว|ไม่ได้)|ไม่สามารถบันทึก",
    # Chinese, Japanese, Korean, Hindi
    r"(?:保存|记录|記錄|入库|写入)(?:订单|訂單)?(?:失败|失敗|出错|错误)|(?:无法|未能|没有)(?:保存|记录|写入)",
    r"保存(?:でき|に失敗)|저장(?:하지 못|에 실패|할 수 없|되지 않)|सेव नहीं",
)
# Money that was taken.
_TAKEN_ELSEWHERE: Final = (
    r"(?:деньги|средства|сумма|баланс|кошти|гроші)(?: был[аио]?| уже| успешно| було)* (?:списан|снят|списано)",
    r"(?<!\w)تم (?:خصم|سحب)",
    r"\bda (?:bi )?tru (?:tien|so du|tai khoan)|\bsaldo (?:anda )?(?:sudah |telah )+(?:ter|di)(?:potong|debet)",
    r"\b(?:bakiye\w*|ucret|tutar)(?: \w+)? (?:dusuldu|cekildi|kesildi|tahsil edildi)",
    r"\bse (?:ha )?(?:cobr|descont|debit)(?:o|ado) (?:el|la|de|su)\b|\b(?:saldo|valor) (?:foi )?(?:descontado|debitado)\b",
    r"已(?:经|經)?(?:扣款|扣费|扣費|扣除|扣钱)|หักเงิน(?:ไป)?แล้ว|차감(?:되었|됐)",
)

# Subject and word of doing stand together in these, so nothing between them takes it back.
_ELSEWHERE: Final = (
    # Spanish, Portuguese, Italian, French, Romanian
    r"\b(?:pedido|orden|compra)s? (?:se |ya se |ha |fue |sido |foi |esta |est[aá] |con exito |com sucesso )*"
    r"(?:cread|realizad|enviad|guardad|procesad|registrad|colocad|ejecutad|aceptad|criad|feit|salv|efetuad|processad)"
    r"[oa]",
    r"\bse (?:creó|realizó|envió|guardó|registró) (?:el|la|su|tu) (?:pedido|orden|compra)",
    r"\b(?:pedido|orden|compra) se (?:creó|realizó|envió|mandó|guardó|registró|procesó|colocó|ejecutó)",
    r"\bordine (?:è |stato )*(?:creato|effettuato|inviato|inoltrato|trasmesso|piazzato|salvato|inserito|registrato|accettato)",
    r"\bcommande (?:a |été |est |bien )*"
    r"(?:créée?|passée?|enregistrée?|effectuée?|envoyée?|placée?|acceptée?|validée?|transmise?)",
    r"\bcomanda (?:a fost |este )*(?:creată|plasată|înregistrată|trimisă|salvată)",
    # German, Dutch, Polish, Czech
    r"\b(?:bestellung|auftrag) (?:wurde |ist |erfolgreich )+(?:(?!nicht|kein)\w+ ){0,4}?"
    r"(?:erstellt|aufgegeben|angelegt|gespeichert|platziert|angenommen|übermittelt|ausgeführt|gesendet|erteilt)",
    r"\bbestelling (?:is |werd |succesvol )*(?:geplaatst|aangemaakt|opgeslagen|verzonden|gemaakt|geaccepteerd|doorgestuurd|doorgegeven)",
    r"\bzamówienie (?:zostało |jest )*(?:złożon|utworzon|zapisan|przyjęt|wysłan|przekazan)[oea]",
    r"\bobjednávka (?:byla |je )*(?:vytvořena|odeslána|uložena|přijata)",
    # Turkish, Uzbek
    r"\bsipariş(?:iniz|in|ler|i)? (?:başarıyla |sisteme |sağlayıcıda |sağlayıcıya )*"
    r"(?:oluşturul|veril|alın|kaydedil|gönderil|iletil|eklen|işlen)(?:du|di|dı|muş|miş|mış)",
    r"\bbuyurtma(?:ngiz)? (?:yaratildi|qabul qilindi|yuborildi)",
    # Russian, Ukrainian
    r"\bзаказ (?:был |успешно )*(?:создан|передан|размещ[её]н|принят|оформлен|сохран[её]н|отправлен|добавлен|выполнен)",
    r"\bзамовлення (?:було |успішно )*(?:створен|передан|розміщен|прийнят|оформлен|надіслан|збережен)",
    # Arabic, Persian
    r"(?<!\w)تم (?:بنجاح )?(?:إنشاء|تقديم|وضع|حفظ|إرسال|استلام|قبول|تنفيذ|تسجيل|إضافة) (?:ال)?طلب",
    r"سفارش(?: شما)? (?:با موفقیت )?(?:ثبت|ایجاد|ارسال) شد",
    # Indonesian and Malay, Vietnamese, Thai
    r"\b(?:pesanan|order|orderan)(?: anda| kamu)? (?:telah |sudah |berhasil |udah )+"
    r"(?:dibuat|ditempatkan|disimpan|dikirim|diproses|diterima|diteruskan|masuk|ditambahkan)",
    r"\b(?:đơn hàng|đơn)(?: của bạn)? (?:đã |được )+(?:tạo|đặt|lưu|gửi|xử lý|tiếp nhận|ghi nhận|thêm)",
    r"\b(?:tạo|đặt) (?:đơn |đơn hàng |hàng )+thành công|\bđã (?:tạo|đặt|gửi|chuyển) (?:đơn|hàng)\b",
    r"(?:สร้าง|สั่งซื้อ|บันทึก|ส่ง)(?:คำสั่งซื้อ|ออเดอร์)?(?:ไปยัง\S{0,15})?(?:แล้ว|สำเร็จ)",
    # Chinese, Japanese, Korean, Hindi
    r"(?:订单|訂單)(?:已经|已經|已)(?:创建|創建|提交|生成|下达|下達|保存|接受|发送|發送|转发|轉發)|(?:下单|下單|订单创建|提交)成功|已(?:经|經)?(?:下单|下單)",
    r"注文(?:は|が|を)?(?:正常に)?(?:作成|登録|受け付け|送信|完了)(?:され|しま)",
    r"주문이? ?(?:생성|접수|등록|완료|전송|전달)(?:되었|됐|했)",
    r"(?:ऑर्डर|आर्डर) (?:बन गया|हो गया|दे दिया|भेजा गया|भेज दिया)",
)
_SAID_ELSEWHERE: Final = re.compile(
    "|".join(map(strip_accents, (*_ELSEWHERE, *_NOT_KEPT_ELSEWHERE, *_TAKEN_ELSEWHERE)))
)


def says_made(texts: Iterable[str], action: Action) -> bool:
    """Return whether a panel's words say that the paid call `action` took effect, or may have.

    False for reading calls.
    """
    return action in _SUBJECTS and any(_says_made(text, action) for text in texts)


def _says_made(text: str, action: Action) -> bool:
    folded = fold_error(_SENTENCE_END.sub(" , ", text).replace("’", "'"))
    if _NOT_KEPT.search(folded) or _SAID_ELSEWHERE.search(folded):
        return True
    if _SUCCESS.search(folded) and not _NO_SUCCESS.search(folded):
        return True
    return any(_clause_says_made(_TOKEN.findall(clause), action) for clause in _CLAUSE.split(folded))


def _clause_says_made(words: list[str], action: Action) -> bool:
    for at, word in enumerate(words):
        before, after = words[max(0, at - _BEFORE) : at], words[at + 1 : at + 1 + _AFTER]
        if any(one in _REVERSED or one.endswith("n't") for one in before) or not _EARLIER.isdisjoint(after):
            continue
        near = {*before, *after}
        if word in _DONE and not near.isdisjoint(_SUBJECTS[action]):
            return True
        if word in _CHARGED and not near.isdisjoint(_MONEY):
            return True
        if word in _DONE_TO_ORDER.get(action, ()) and not near.isdisjoint({"order", "orders", "it"}):
            return True
    return False

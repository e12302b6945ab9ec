"""What people and panels call the columns of a list, in the languages of their lists."""

from __future__ import annotations

from typing import Final

OTHER_NAMES: Final = {
    "provider": ("panel", "поставщик", "sağlayıcı", "proveedor", "nhà cung cấp", "المزود", "ผู้ให้บริการ"),
    "service": (
        "serv", "hizmet", "servis", "услуга", "сервис", "servicio", "serviço", "dienst", "usługa", "layanan",
        "prestation",
        "dịch vụ", "gói", "الخدمة", "خدمة", "บริการ", "服务", "サービス", "서비스",
    ),
    "link": (
        "url", "urls", "links", "address", "web address", "ссылка", "адрес", "bağlantı", "adres", "enlace",
        "lien", "tautan",
        "liên kết", "đường dẫn", "target", "target url", "target link", "link url", "url link", "link/url",
        "post link",
        "post url", "profile link", "profile url", "video link", "video url", "page link", "username/link",
        "link/username", "username or link", "link or username", "الرابط", "رابط", "ลิงก์", "ลิงค์", "链接",
        "リンク", "링크",
    ),
    "quantity": (
        "qty", "qnt", "qnty", "quant", "amount", "count", "number", "количество", "кол-во", "кол во", "miktar",
        "adet",
        "cantidad", "quantidade", "quantité", "quantita", "menge", "anzahl", "ilość", "jumlah", "số lượng",
        "sl", "الكمية",
        "كمية", "العدد", "จำนวน", "数量", "수량",
    ),
    "comments": (
        "comment", "comment list", "custom comments", "комментарии", "комментарий", "yorumlar", "yorum",
        "comentarios",
        "comentários", "commentaires", "kommentare", "bình luận", "nội dung", "تعليقات", "التعليقات", "คอมเมนต์",
        "ความคิดเห็น", "评论",
    ),
}  # fmt: skip
# A name of the first group goes before one of the second, and so on: in the hub's own exports "Service" is a name.
SERVICE_IDS: Final = (
    (
        "service id", "service’s id", "service's id", "id service", "id of service", "service number", "service no",
        "service code", "id услуги", "id сервиса", "номер услуги", "servis id", "hizmet id", "servis no",
        "id servicio",
        "id de servicio", "id del servicio", "id do serviço", "id serviço", "id du service", "id dịch vụ",
        "mã dịch vụ",
        "id layanan", "رقم الخدمة", "معرف الخدمة", "รหัสบริการ", "服务id", "サービスid",
    ),
    ("service", *OTHER_NAMES["service"]),
    ("id", "sid", "mã", "code"),
)  # fmt: skip

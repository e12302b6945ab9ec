"""Headers as people write them, in the languages of their lists."""

from __future__ import annotations

import pytest

from orders.mass.reader.tables import column_of

HEADERS = {
    "service": (
        "Service ID|service_id|Serv.|SERVICE|ServiceID|ID услуги|Услуга|Servis ID|Hizmet|Dịch vụ|Mã dịch vụ|ID dịch vụ|"
        "الخدمة|رقم الخدمة|บริการ|รหัสบริการ|Servicio|ID de servicio|ID servicio|ID|“Service ID”|服务"
    ),
    "link": (
        "Link|URL|Links|Target URL|Post link|Ссылка|Bağlantı|Liên kết|Đường dẫn|الرابط|رابط|ลิงก์|ลิงค์|Enlace|Lien|"
        "username/link|链接"
    ),
    "quantity": (
        "Quantity|Qty|QTY.|Amount|Count|Количество|Кол-во|Miktar|Adet|Số lượng|So luong|الكمية|العدد|จำนวน|Cantidad|"
        "Quantité|Menge|数量"
    ),
    "comments": "Comments|Комментарии|Yorumlar|Bình luận|تعليقات|คอมเมนต์|Comentarios|评论",
}


@pytest.mark.parametrize(("name", "written"), [(name, one) for name, row in HEADERS.items() for one in row.split("|")])
def test_a_header_is_read_as_the_column_it_names(name: str, written: str) -> None:
    assert column_of(written) == name


@pytest.mark.parametrize("written", ["Price", "Notes", "Date", "Цена", "Giá", "السعر", "ราคา", "Status"])
def test_other_headers_name_no_column(written: str) -> None:
    assert column_of(written) == ""

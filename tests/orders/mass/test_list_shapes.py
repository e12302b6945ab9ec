"""Lists as people really have them: without a header, under a title, in a code page, out of the hub's own exports."""

from __future__ import annotations

from typing import Any

import pytest

from orders.mass.reader import Reading, read_file, read_paste
from orders.mass.reader.encoding import ENCODINGS
from panelhub.ui.exports import safe_cell

LINK = "https://example.com/p/1"
LINE = {"service": "102", "link": LINK, "quantity": "1000"}


def paste(text: str) -> Reading:
    return read_paste(text, names_provider=lambda name: name == "std")


def upload(text: str | bytes, **options: Any) -> Reading:
    content = text.encode() if isinstance(text, str) else text
    return read_file(content, names_provider=lambda name: name == "std", **options)


def fields_of(reading: Reading) -> list[dict[str, str]]:
    return [line.fields for line in reading.lines]


@pytest.mark.parametrize("read", [paste, upload])
@pytest.mark.parametrize(
    "text",
    [
        f"102|{LINK}|1000",
        f"102|{LINK}|1000|",
        f"102 | {LINK} | 1000 | |",
        f"| 102 | {LINK} | 1000 |",
        f"102\t{LINK}\t1000",
        f"102\t{LINK}\t1000\t\t",
        f"102,{LINK},1000",
        f"102, {LINK}, 1000,",
        f"102;{LINK};1000",
        f"102;{LINK};1000;;",
        f"102.0,{LINK},1000.00",
        f"ID|Link|Quantity\n102|{LINK}|1000",
        f"ID,Link,Quantity\n102,{LINK},1000\n",
        f"id;url;qty\n102;{LINK};1000.0",
        f"Service ID\tLink URL\tAmount\n102\t{LINK}\t1000",
        f"Campaign May,,\nservice,link,quantity\n102,{LINK},1000\n",
        f"Campaign May\n\nfor Ann\nservice,link,quantity\n102,{LINK},1000\n",
        f"Campaign, May\nservice;link;quantity\n102;{LINK};1000\n",
        f"Service,Link,Quantity,Service ID\nFollowers HQ,{LINK},1000,102",
        f"ID,Service ID,Link,Quantity\n7,102,{LINK},1000",
        f"Услуга;Ссылка;Количество\n102;{LINK};1000",
        f"Hizmet;Bağlantı;Miktar\n102;{LINK};1000,0",
        f"Dịch vụ,Liên kết,Số lượng\n102,{LINK},1000".replace("Dịch vụ", "Service"),
    ],
)
def test_one_line_is_read_whatever_parts_its_cells_and_stands_above_it(read: Any, text: str) -> None:
    reading = read(text)

    assert fields_of(reading) == [LINE]
    assert not reading.lines[0].fault


def test_three_columns_out_of_a_spreadsheet_need_no_header() -> None:
    reading = paste(f"102\t{LINK}\t1000\n103\t{LINK}\t5\n")

    assert [fields["service"] for fields in fields_of(reading)] == ["102", "103"]


def test_a_link_may_hold_a_mark_that_parts_cells() -> None:
    for text, link in ((f"102,{LINK}?a=1;b=2,1000", f"{LINK}?a=1;b=2"), (f"102;{LINK}/@1,2;1000", f"{LINK}/@1,2")):
        assert fields_of(paste(text)) == [LINE | {"link": link}]


def test_orders_above_what_looks_like_a_header_are_not_left_out() -> None:
    reading = upload(f"102,{LINK},1000\nservice,link,quantity\n")

    assert len(reading.lines) == 2
    assert fields_of(reading)[0] == LINE


def test_rows_above_the_header_are_counted_aloud() -> None:
    assert "2 rows above the header" in upload(f"May\nAnn\nservice,link\n1,{LINK}\n").notices[0]


@pytest.mark.parametrize("typed", ["1.000", "1000.5", "1,000", "1000.000", ".0"])
def test_a_number_that_may_mean_two_things_is_left_as_it_is(typed: str) -> None:
    assert fields_of(upload(f"service;link;quantity\n102;{LINK};{typed}"))[0]["quantity"] == typed


def test_empty_cells_at_the_end_are_not_in_messages() -> None:
    reading = upload(f"service,link,quantity,,,,\n102,{LINK},x,,,,\n1,2,3,4,,,\n")

    assert reading.lines[0].text == f"102 | {LINK} | x"
    assert reading.lines[1].text == "1 | 2 | 3 | 4"


@pytest.mark.parametrize("link", ["@some.name", "'@some.name", "+49123456789", LINK, "=A1", "-x", "a'b", "@a;=b"])
def test_what_an_export_put_in_front_of_a_cell_comes_off(link: str) -> None:
    header = "Order,Provider,Provider ID,Service’s id,Service,Link,Quantity"
    text = f'{header}\n9,std,909,102,"Followers HQ, real","{safe_cell(link)}",1000\n'

    assert fields_of(upload(text)) == [LINE | {"link": link, "provider": "std"}]


def test_an_export_in_another_language_of_the_hub_is_read_too() -> None:
    from django.utils.translation import gettext, override

    with override("vi"):
        header = ",".join(gettext(title) for title in ("Provider", "Service ID", "Service", "Link", "Quantity"))

    assert fields_of(upload(f"{header}\nstd,102,Followers,{LINK},1000\n")) == [LINE | {"provider": "std"}]


WORDS = [
    ("cp1251", "Отличное видео"), ("cp1251", "Спасибо, очень круто"), ("cp1251", "Дуже гарно"), ("koi8-r", "Спасибо"),
    ("cp1256", "ممتاز جدا"), ("cp1256", "شكرا لك"), ("cp1250", "Świetne zdjęcie"), ("cp1250", "Příliš žluťoučký kůň"),
    ("cp1253", "Υπέροχο"), ("cp1253", "Πολύ ωραίο βίντεο"), ("cp1254", "şahane paylaşım"), ("cp1254", "ağır"),
    ("cp1252", "Schöne Grüße"), ("cp1252", "¡Qué bueno, señor!"), ("cp1252", "très bête"), ("cp1255", "תודה רבה"),
    ("cp874", "สวยมาก"), ("cp1257", "Labai gražu, ačiū"),
]  # fmt: skip


@pytest.mark.parametrize(("encoding", "words"), WORDS)
def test_a_code_page_is_known_by_its_letters_and_shown_with_a_sample(encoding: str, words: str) -> None:
    reading = upload(f"service;link;comments\n102;{LINK};{words}\n".encode(encoding), language="en")

    assert fields_of(reading)[0]["comments"] == words
    assert reading.is_guessed
    assert words in reading.notices[0]


@pytest.mark.parametrize(
    ("encoding", "words"), [*WORDS, ("gb18030", "太棒了"), ("cp866", "Спасибо"), ("shift_jis", "すごい")]
)
def test_every_code_page_can_be_chosen(encoding: str, words: str) -> None:
    reading = upload(f"service;link;comments\n102;{LINK};{words}\n".encode(encoding), encoding=encoding)

    assert encoding in ENCODINGS
    assert fields_of(reading)[0]["comments"] == words
    assert not reading.is_guessed

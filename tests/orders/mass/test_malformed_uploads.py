"""Bad input through the pages that take it: each gets a clear answer, and nothing of it is half done."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import Callable
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from orders.mass.workbooks.program import MAX_UNPACKED
from orders.models import MassLine, MassOrder, Order, ProductOrder, Settlement
from providers.models import Service
from tests.helpers.makers import make_product, make_provider, make_service
from tests.helpers.mass import begin, page_of, place_all, post, take, workbook
from tests.helpers.pages import text_of

pytestmark = pytest.mark.long_on_servers

LINK = "https://example.com/p/"
HEADER = "service,link,quantity"
MB = 1024 * 1024
TOO_MUCH = MAX_UNPACKED + 8 * MB


@pytest.fixture
def service(db: None) -> Service:
    return make_service(make_provider(name="Main", balance=Decimal(1)), external_id="12", name="Followers")


def upload(client: Client, content: bytes, name: str = "lines.csv", **fields: Any) -> Any:
    return post(client, file=SimpleUploadedFile(name, content), **fields)


def bomb(part: str, size: int) -> bytes:
    """Return a workbook of a few kilobytes with a part that unpacks to ``size`` bytes."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open(part, "w", force_zip64=True) as stream:
            for _piece in range(size // MB):
                stream.write(b" " * MB)
    return written.getvalue()


def bent(content: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """Return a workbook in which a text of one part is another."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(written, "w") as target:
        for one in archive.infolist():
            body = archive.read(one)
            assert one.filename != part or old in body
            target.writestr(one.filename, body.replace(old, new) if one.filename == part else body)
    return written.getvalue()


GOOD_BOOK = workbook(["service", "link", "quantity"], [12, f"{LINK}1", 100])
LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><workbook'


class TestFilesThatCannotBeRead:
    @pytest.mark.parametrize(
        ("make_content", "sentence"),
        [
            (lambda: f"{HEADER}\n12,{LINK}é,100\n".encode("utf-32"), "as UTF-8, UTF-16 or Windows-1252"),
            (lambda: HEADER.encode() + b"\n12,\x81\x8d\x8f\x90\x9d,100\n", "Choose its encoding"),
            (lambda: b"\xff\xfe\x00", "We can’t read this file"),
            (lambda: f"{HEADER}\n".encode() + f"12,{LINK}1,100\n".encode() * 100_000, "There are 100,000 lines"),
            (lambda: f"link,quantity\n{LINK}1,100\n".encode(), "The column “service” is missing."),
            (lambda: f"service,service,link\n12,12,{LINK}1\n".encode(), "“service”"),
            (lambda: b'service,link\n12,"https://example.com/never closed\n', "quotation mark isn’t closed"),
            (lambda: bomb("xl/sharedStrings.xml", TOO_MUCH), "unpacks to more than 40 MB"),
            (lambda: bomb("xl/worksheets/sheet1.xml", TOO_MUCH), "unpacks to more than 40 MB"),
            (lambda: bent(GOOD_BOOK, "xl/workbook.xml", b"<workbook", LAUGHS), "not a readable XLSX file"),
            (lambda: GOOD_BOOK[: len(GOOD_BOOK) // 2], "not a readable XLSX file"),
            (lambda: workbook(["link", "quantity"], [f"{LINK}1", 100]), "The column “service” is missing."),
        ],
        ids=[
            "UTF-32", "bytes of no code page", "half a UTF-16 letter", "100,000 rows", "a missing column",
            "a column twice", "a quotation that never ends", "a bomb of texts", "a bomb of rows", "entities",
            "half a workbook", "a workbook without a column",
        ],
    )  # fmt: skip
    def test_is_answered_in_one_sentence_and_leaves_nothing(
        self,
        as_staff: Client,
        service: Service,
        tmp_path: Path,
        settings: Any,
        make_content: Callable[[], bytes],
        sentence: str,
    ) -> None:
        settings.FILE_UPLOAD_TEMP_DIR = tmp_path

        response = upload(as_staff, make_content())

        assert response.status_code == 422
        assert sentence in text_of(response)
        assert not MassOrder.objects.exists()
        assert not MassLine.objects.exists()
        assert not Order.objects.exists()
        assert not list(tmp_path.iterdir())

    def test_a_bomb_is_not_unpacked_to_find_out(self, as_staff: Client, service: Service) -> None:
        content = bomb("xl/worksheets/sheet1.xml", 200 * MB)
        post(as_staff, lines="")
        tracemalloc.start()
        try:
            upload(as_staff, content, "may.xlsx")
            _now, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        assert len(content) < 2 * MB
        assert most < 20 * MB

    def test_a_good_file_is_taken_after_a_bad_one(self, as_staff: Client, service: Service) -> None:
        token = "0b0a2f0e-6b7e-4e0f-9f0a-1f2e3d4c5b6a"
        upload(as_staff, b"link\nx\n", form_token=token)

        upload(as_staff, f"{HEADER}\n12,{LINK}1,100\n".encode(), form_token=token)

        assert MassOrder.objects.get().good == 1


class TestFilesWithSomeBadLines:
    def test_a_guessed_code_page_is_said_and_can_be_chosen(self, as_staff: Client, service: Service) -> None:
        make_service(service.provider, external_id="13", type="custom_comments", min_quantity=1)
        content = f"service,link,comments\n13,{LINK}1,ığş çok\n".encode("cp1254")

        upload(as_staff, content)
        guessed = MassOrder.objects.latest("pk")
        upload(as_staff, content, encoding="cp1254")
        chosen = MassOrder.objects.latest("pk")

        assert "We read it as Windows-1254, for example “ığş çok”" in page_of(as_staff, guessed)
        assert "Affected lines are marked." not in page_of(as_staff, chosen)
        assert MassLine.objects.get(mass_order=chosen).parameters["comments"] == "ığş çok"
        assert not Order.objects.exists()

    @pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
    def test_a_formula_is_a_fault_beside_its_line_and_the_rest_is_orderable(
        self, as_staff: Client, service: Service, sign: str
    ) -> None:
        content = f"{HEADER}\n12,{LINK}1,100\n12,{LINK}2,{sign}1+1\n{sign}cmd|' /C calc'!A0,{LINK}3,100\n"

        upload(as_staff, content.encode())

        batch = MassOrder.objects.get()
        assert (batch.total, batch.good) == (3, 1)
        page = page_of(as_staff, batch)
        for line in MassLine.objects.exclude(link=f"{LINK}1"):
            assert line.fault
            assert escape(line.fault) in page
        take(as_staff, batch, "place")
        place_all()
        assert list(Order.objects.values_list("link", flat=True)) == [f"{LINK}1"]

    def test_blank_lines_of_a_comment_list_are_neither_sent_nor_billed(
        self, as_staff: Client, service: Service
    ) -> None:
        make_service(service.provider, external_id="13", type="custom_comments", min_quantity=2, rate=Decimal(1000))
        content = f'service,link,comments\n13,{LINK}1,"one\n\n  \ntwo\n"\n13,{LINK}2,"\n \n"\n13,{LINK}3,"one\n\n\n"\n'

        upload(as_staff, content.encode())

        batch = MassOrder.objects.get()
        first, blank, short = MassLine.objects.order_by("number")
        assert (batch.total, batch.good) == (3, 1)
        assert (first.expected_charge, first.fault) == (Decimal(2), "")
        assert "Enter at least one line" in blank.fault or "This field is required" in blank.fault
        assert "minimum of 2" in short.fault
        take(as_staff, batch, "place")
        place_all()
        order = Order.objects.get()
        assert (order.parameters["comments"].splitlines(), order.billed_quantity) == (["one", "two"], 2)

    @pytest.mark.django_db
    def test_the_form_of_one_order_reads_a_comment_list_alike(self, as_staff: Client) -> None:
        service = make_service(type="custom_comments", min_quantity=2)
        typed = {"service": service.pk, "link": f"{LINK}1"}

        refused = as_staff.post(reverse("orders:create"), typed | {"comments": "\r\n \r\n\t"})
        as_staff.post(reverse("orders:create"), typed | {"comments": "one\r\n\r\n  \r\ntwo\r\n"})

        assert refused.status_code == 422
        assert "Enter at least one line." in text_of(refused)
        order = Order.objects.get()
        assert (order.parameters["comments"].splitlines(), order.billed_quantity) == (["one", "two"], 2)


class TestAnIdThatBelongsToAnother:
    @pytest.mark.django_db
    @pytest.mark.parametrize("typed", ["900", " 900 ", "#900"])
    def test_an_order_is_not_adopted_from_elsewhere_twice(self, as_manager: Client, typed: str) -> None:
        provider = make_provider()
        holder = Order.objects.create(provider=provider, external_id="900", status="completed")

        response = as_manager.post(reverse("orders:adopt"), {"provider": provider.pk, "external_id": typed})

        assert response.status_code == 422
        assert f"is already order #{holder.pk}" in text_of(response)
        assert Order.objects.count() == 1
        assert not Settlement.objects.exists()

    @pytest.mark.django_db
    @pytest.mark.parametrize("typed", ["", "-1", "0", "9 9", "900; DROP", "x" * 101, "९०"])
    def test_what_is_no_id_is_said_to_be_none(self, as_manager: Client, typed: str) -> None:
        order = Order.objects.create(provider=make_provider(), status="unconfirmed")

        page = as_manager.post(
            reverse("orders:settle", args=["order", order.pk]),
            {"way": "adopt", "external_id": typed, "reason": "their page"},
            follow=True,
        )

        order.refresh_from_db()
        assert "This isn’t an order ID" in text_of(page)
        assert (order.status, order.external_id) == ("unconfirmed", None)
        assert not Settlement.objects.exists()

    @pytest.mark.django_db
    def test_an_order_and_a_product_order_may_have_the_same_number(self, as_manager: Client) -> None:
        """They are separate numbers at the provider, so neither stands in the way of the other."""
        product = make_product()
        ProductOrder.objects.create(provider=product.provider, product=product, external_id="900", status="pending")
        order = Order.objects.create(provider=product.provider, status="unconfirmed")

        as_manager.post(
            reverse("orders:settle", args=["order", order.pk]),
            {"way": "adopt", "external_id": "900", "reason": "their page"},
        )

        assert Settlement.objects.get().state == "waiting"


def test_a_line_by_itself_is_no_reason_to_refuse_the_rest(as_staff: Client, service: Service) -> None:
    batch = begin(as_staff, f"nonsense\n12|{LINK}1|100\n|||\n12|{LINK}2|99999999999999999999999")

    assert (batch.total, batch.good) == (4, 1)
    assert all(line.fault for line in MassLine.objects.exclude(link=f"{LINK}1"))

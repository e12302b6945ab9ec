"""Every fault over real sockets: what is heard, and whether the call was accepted."""

from __future__ import annotations

import json
import re
import time
import zlib
from collections.abc import Callable
from typing import Any

import pytest
import requests

from providers.sandbox import Fault
from tests.sandbox.calling import LINK, Buyer, Heard, talk

PAID = [fault for fault in Fault if not fault.actions or "add" in fault.actions]
ENDLESS = {Fault.endless_body: 300_000, Fault.dripping_head: 200}  # bytes that are enough to hear
SERVER_ERRORS = [fault for fault in Fault if re.match(r"(json|html)_5", fault)]


def add(buyer: Buyer, *, most: int = 10_000_000) -> Heard:
    form = {"service": buyer.service().id, "link": LINK, "quantity": 100}
    return talk(buyer.url, {"key": buyer.panel.key, "action": "add", **form}, most=most)


def add_with(buyer: Buyer, fault: Fault, **options: Any) -> Heard:
    most = ENDLESS.get(fault, 10_000_000)
    buyer.panel.misbehave(fault, action="add", times=1, **{"seconds": 0.001, **options})
    return add(buyer, most=most)


@pytest.mark.parametrize("fault", list(Fault))
def test_each_fault_says_whether_the_call_was_accepted(fault: Fault) -> None:
    assert fault.value == fault.name
    assert (fault.__doc__ or "").startswith("Accepted, but " if fault.accepts else "Not accepted: ")
    if "_before_" in fault or "_after_" in fault:
        assert ("_after_" in fault) is fault.accepts


@pytest.mark.parametrize("fault", PAID)
def test_an_order_is_in_the_books_when_the_fault_says_so_and_only_then(buyer: Buyer, fault: Fault) -> None:
    before = buyer.panel.balance
    add_with(buyer, fault)
    accepted = buyer.box.ledger.orders("smmplus")
    assert len(accepted) == fault.accepts
    assert buyer.panel.balance == before - sum(order.charge for order in accepted)
    (call,) = buyer.box.ledger.calls("smmplus")
    assert call.fault == fault
    assert call.accepted == tuple(str(order.id) for order in accepted)


@pytest.mark.parametrize("fault", PAID)
def test_the_panel_behaves_again_afterwards(buyer: Buyer, fault: Fault) -> None:
    add_with(buyer, fault)
    assert buyer.buy().id in buyer.panel.orders


class TestConnection:
    @pytest.mark.parametrize("fault", [Fault.close_before_reading, Fault.reset_before_accept, Fault.reset_after_accept])
    def test_a_reset_without_a_word(self, buyer: Buyer, fault: Fault) -> None:
        assert add_with(buyer, fault) == Heard(b"", was_reset=True)

    @pytest.mark.parametrize("fault", [Fault.close_before_accept, Fault.close_after_accept])
    def test_a_close_without_a_word(self, buyer: Buyer, fault: Fault) -> None:
        assert add_with(buyer, fault) == Heard(b"")

    def test_a_reset_in_the_body(self, buyer: Buyer) -> None:
        heard = add_with(buyer, Fault.reset_in_body)
        assert heard.was_reset
        assert heard.said_length > len(heard.body)

    @pytest.mark.parametrize("fault", [Fault.hang_before_accept, Fault.hang_after_accept])
    def test_silence_for_a_while(self, buyer: Buyer, fault: Fault) -> None:
        started = time.monotonic()
        assert add_with(buyer, fault, seconds=0.3) == Heard(b"")
        assert time.monotonic() - started >= 0.3

    def test_requests_times_out_on_silence(self, buyer: Buyer) -> None:
        buyer.panel.misbehave(Fault.hang_after_accept, times=1)
        with pytest.raises(requests.ReadTimeout):
            requests.post(buyer.url, data={"key": buyer.panel.key, "action": "balance"}, timeout=0.2)

    def test_a_body_byte_by_byte(self, buyer: Buyer) -> None:
        started = time.monotonic()
        heard = add_with(buyer, Fault.dripping_body, seconds=0.02)
        assert json.loads(heard.body) == {"order": next(iter(buyer.panel.orders))}
        assert time.monotonic() - started >= 0.02 * len(heard.body)

    def test_headers_without_an_end(self, buyer: Buyer) -> None:
        heard = add_with(buyer, Fault.dripping_head)
        assert heard.data.startswith(b"HTTP/1.1 200 OK\r\nX-Patience: 0000")
        assert b"\r\n\r\n" not in heard.data

    def test_no_one_listens(self, buyer: Buyer) -> None:
        with buyer.box.refusing(), pytest.raises(requests.ConnectionError, match="refused"):
            buyer.post("balance")
        assert buyer.ask("balance")


class TestServerErrors:
    @pytest.mark.parametrize("fault", SERVER_ERRORS)
    def test_status_and_kind_are_those_of_the_name(self, buyer: Buyer, fault: Fault) -> None:
        kind, status = fault.split("_")[:2]
        heard = add_with(buyer, fault)
        assert heard.status == int(status)
        if kind == "json":
            assert list(json.loads(heard.body)) == ["error"]
        else:
            assert heard.body.startswith(b"<!DOCTYPE html>")
            assert "text/html" in heard.head

    def test_there_is_every_combination(self) -> None:
        assert len(SERVER_ERRORS) == 2 * 5 * 2

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_a_redirect_points_elsewhere(self, buyer: Buyer, status: int) -> None:
        heard = add_with(buyer, Fault[f"redirect_{status}"], location="http://127.0.0.1:9/x")
        assert heard.status == status
        assert "Location: http://127.0.0.1:9/x" in heard.head.splitlines()

    def test_who_follows_a_redirect_is_seen(self, buyer: Buyer) -> None:
        buyer.panel.misbehave(Fault.redirect_307, times=1)
        response = requests.post(buyer.url, data={"key": buyer.panel.key, "action": "balance"}, timeout=5)
        assert response.json() == {"order": 1}
        assert buyer.box.elsewhere == [f"POST key={buyer.panel.key}&action=balance"]


class TestBodies:
    def test_nothing(self, buyer: Buyer) -> None:
        heard = add_with(buyer, Fault.empty_body)
        assert (heard.status, heard.body, heard.said_length) == (200, b"", 0)

    def test_html(self, buyer: Buyer) -> None:
        heard = add_with(buyer, Fault.html_200)
        assert heard.status == 200
        assert heard.body.startswith(b"<!DOCTYPE html>")

    def test_half_with_the_right_length(self, buyer: Buyer) -> None:
        heard = add_with(buyer, Fault.cut_body)
        assert heard.body.startswith(b'{"order"'[: len(heard.body)])
        assert heard.said_length == len(heard.body) > 0

    def test_half_with_the_wrong_length(self, buyer: Buyer) -> None:
        heard = add_with(buyer, Fault.cut_body_wrong_length)
        assert heard.said_length >= 2 * len(heard.body) > 0
        assert not heard.was_reset

    def test_a_notice_before_the_json(self, buyer: Buyer) -> None:
        heard = add_with(buyer, Fault.php_notice)
        assert heard.body.startswith(b"<br />\n<b>Notice</b>")
        assert heard.body.endswith(b'{"order": %d}' % next(iter(buyer.panel.orders)))

    def test_a_byte_order_mark(self, buyer: Buyer) -> None:
        assert json.loads(add_with(buyer, Fault.byte_order_mark).body.decode("utf-8-sig"))["order"]

    def test_null(self, buyer: Buyer) -> None:
        assert add_with(buyer, Fault.null_body).body == b"null"

    def test_nesting(self, buyer: Buyer) -> None:
        with pytest.raises(RecursionError):
            json.loads(add_with(buyer, Fault.deep_nesting).body)

    def test_a_number_no_one_can_hold(self, buyer: Buyer) -> None:
        heard = add_with(buyer, Fault.huge_number)
        assert heard.body == b'{"order": ' + b"7" * 5_000 + b"}"

    def test_not_a_number(self, buyer: Buyer) -> None:
        assert add_with(buyer, Fault.not_a_number).body == b'{"order": NaN}'

    def test_a_bomb(self, buyer: Buyer) -> None:
        heard = add_with(buyer, Fault.gzip_bomb)
        assert "Content-Encoding: gzip" in heard.head
        assert len(heard.body) < 500_000
        unpacker, size, rest = zlib.decompressobj(31), 0, heard.body
        while rest:
            size += len(unpacker.decompress(rest, 1_000_000))
            rest = unpacker.unconsumed_tail
        assert size == 100_000_000

    def test_no_end(self, buyer: Buyer) -> None:
        heard = add_with(buyer, Fault.endless_body)
        assert len(heard.data) >= 300_000
        assert "Content-Length" not in heard.head

    def test_too_many_headers(self, buyer: Buyer) -> None:
        assert len(add_with(buyer, Fault.many_headers).head.splitlines()) > 100_000


ID_SHAPES: list[tuple[Fault, Callable[[int], Any]]] = [
    (Fault.id_as_string, lambda number: {"order": str(number)}),
    (Fault.id_nested, lambda number: {"order": {"order_id": number}}),
    (Fault.id_in_list, lambda number: {"order": [number]}),
    (Fault.id_null, lambda number: {"order": None}),
    (Fault.id_zero, lambda number: {"order": 0}),
    (Fault.id_negative, lambda number: {"order": -1}),
    (Fault.id_beside_error, lambda number: {"order": number, "error": "Unknown error, please try again later"}),
    (Fault.no_id_no_error, lambda number: {}),
    (Fault.unknown_error_after_accept, lambda number: {"error": "Unknown error, please try again later"}),
    (Fault.made_after_accept, lambda number: {"error": "Order placed at provider but local save failed"}),
    (Fault.unlisted_after_accept, lambda number: {"error": "Please speak to the desk"}),
]


class TestIds:
    @pytest.mark.parametrize(("fault", "shape"), ID_SHAPES)
    def test_the_id_of_an_order(self, buyer: Buyer, fault: Fault, shape: Callable[[int], Any]) -> None:
        heard = add_with(buyer, fault)
        assert json.loads(heard.body) == shape(next(iter(buyer.panel.orders)))

    @pytest.mark.parametrize(("fault", "shape"), [row for row in ID_SHAPES if "refill" in row[0].actions])
    def test_the_id_of_a_refill(self, buyer: Buyer, fault: Fault, shape: Callable[[Any], Any]) -> None:
        order = buyer.buy_completed(buyer.service(refill=True))
        buyer.panel.misbehave(fault, action="refill")
        reply = buyer.ask("refill", order=order.id)
        expected = shape(str(next(iter(buyer.panel.books.refills))))
        assert reply == {{"order": "refill"}.get(name, name): value for name, value in expected.items()}

    @pytest.mark.parametrize("fault", [Fault.id_null, Fault.id_as_string])
    def test_the_flag_of_a_cancel(self, buyer: Buyer, fault: Fault) -> None:
        order = buyer.buy(buyer.service(cancel=True))
        buyer.panel.misbehave(fault, action="cancel")
        rows = buyer.ask("cancel", orders=f"{order.id},3")
        assert rows[0] == {"order": 3, "cancel": {"error": "Incorrect order ID"}}
        assert rows[1] == {"order": order.id, "cancel": None if fault == Fault.id_null else "1"}

    @pytest.mark.parametrize(("fault", "shape"), ID_SHAPES)
    def test_a_refusal_stays_a_refusal(self, buyer: Buyer, fault: Fault, shape: object) -> None:
        buyer.panel.misbehave(fault, action="add")
        reply = buyer.ask("add", service="0", link=LINK, quantity=1)
        assert reply == {"error": "Incorrect service ID"}

    def test_the_id_of_the_order_before(self, buyer: Buyer) -> None:
        first = buyer.buy()
        buyer.panel.misbehave(Fault.same_id_twice, times=1)
        assert json.loads(add(buyer).body) == {"order": first.id}
        assert len(buyer.panel.orders) == 2

    def test_the_id_of_the_product_order_before(self, buyer_at: Callable[[str], Buyer]) -> None:
        buyer = buyer_at("smmvna")
        first = buyer.ask("add_product_order", product=1, quantity=1)
        buyer.panel.misbehave(Fault.same_id_twice, action="add_product_order")
        assert buyer.ask("add_product_order", product=1, quantity=1) == first


class TestRefusals:
    @pytest.mark.parametrize(
        ("fault", "status", "text"),
        [
            (Fault.rate_limited_text, 200, "Rate limit exceeded"),
            (Fault.bad_key, 200, "Invalid API key"),
            (Fault.account_suspended, 200, "Your account has been suspended."),
            (Fault.no_funds, 200, "Not enough funds on balance"),
            (Fault.maintenance, 200, "Maintenance"),
            (Fault.refused, 200, "You have active order with this link. Please wait until order being completed."),
            (Fault.refused_400, 400, "The link is private"),
            (Fault.unlisted, 200, "Please speak to the desk"),
            (Fault.rate_limited, 429, "Too many requests"),
        ],
    )
    def test_an_error_in_words(self, buyer: Buyer, fault: Fault, status: int, text: str) -> None:
        heard = add_with(buyer, fault)
        assert (heard.status, json.loads(heard.body)) == (status, {"error": text})
        assert "Retry-After" not in heard.head

    def test_a_time_to_come_back(self, buyer: Buyer) -> None:
        assert "Retry-After: 7" in add_with(buyer, Fault.rate_limited_retry_after, seconds=7).head.splitlines()

    def test_an_absurd_time_to_come_back(self, buyer: Buyer) -> None:
        assert "Retry-After: Wed, 21 Oct 2099 07:28:00 GMT" in add_with(buyer, Fault.rate_limited_absurd).head

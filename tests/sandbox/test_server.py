"""HTTP itself: methods, content types, kept connections, limits, stopping."""

from __future__ import annotations

import socket
import threading
import time
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
import requests

from providers.sandbox import Fault, Sandbox
from tests.helpers.waiting import wait_until
from tests.sandbox.calling import LINK, Buyer


def test_a_form_is_answered_with_json(buyer: Buyer) -> None:
    response = buyer.post("balance")
    assert response.headers["Content-Type"] == "application/json"
    assert response.status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_other_methods_are_refused(buyer: Buyer, method: str) -> None:
    response = requests.request(
        method, buyer.url, params={"key": buyer.panel.key, "action": "balance"}, timeout=5, allow_redirects=False
    )
    assert response.status_code in {405, 501}
    assert "balance" not in response.text
    assert not buyer.panel.requests


def test_a_query_string_is_not_read(buyer: Buyer) -> None:
    query = {"key": buyer.panel.key, "action": "balance"}
    response = requests.post(buyer.url, params=query, data={"action": "balance"}, timeout=5)
    assert response.json() == {"error": "Invalid API key"}


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data; boundary=x", "text/plain"])
def test_only_forms_are_read(buyer: Buyer, content_type: str) -> None:
    response = requests.post(buyer.url, data=b"{}", headers={"Content-Type": content_type}, timeout=5)
    assert (response.status_code, response.json()) == (400, {"error": "Incorrect request"})
    assert not buyer.panel.requests


def test_a_form_may_name_its_letters(buyer: Buyer) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    response = requests.post(buyer.url, data=f"key={buyer.panel.key}&action=balance", headers=headers, timeout=5)
    assert "balance" in response.json()


@pytest.mark.parametrize("path", ["/smmplus/api/v1", "/smmplus", "/nobody/api/v2", "/smmplus/api/v2/", "/api/v2"])
def test_other_addresses_are_not_found(buyer: Buyer, path: str) -> None:
    assert requests.post(buyer.box.address + path, data={"key": "x"}, timeout=5).status_code == 404


def test_letters_of_all_languages_arrive(buyer: Buyer) -> None:
    service = buyer.service("Custom Comments")
    comments = "สวยมาก 😍\nÇok güzel\nđẹp quá\nكبير\n完美"
    assert buyer.buy(service, comments=comments).parameters["comments"] == comments


def test_a_connection_is_kept_and_used_again(buyer: Buyer) -> None:
    connection = HTTPConnection("127.0.0.1", buyer.box.port, timeout=5)
    connection.connect()
    used = connection.sock
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for _ in range(3):
        connection.request("POST", "/smmplus/api/v2", f"key={buyer.panel.key}&action=balance", headers)
        assert b'"balance"' in connection.getresponse().read()
    assert connection.sock is used
    connection.close()


def test_a_request_in_pieces_is_put_together(buyer: Buyer) -> None:
    parts = urlsplit(buyer.url)
    body = f"key={buyer.panel.key}&action=balance".encode()
    pieces = [
        b"POST /smmplus/api", b"/v2 HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n",
        b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body), body[:9], body[9:],
    ]  # fmt: skip
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            connection.sendall(piece)
        heard = b""
        while chunk := connection.recv(4_096):
            heard += chunk
    assert b'"balance"' in heard


@pytest.mark.parametrize("length", ["99999999999", "-5", "many"])
def test_a_body_without_measure_is_refused(buyer: Buyer, length: str) -> None:
    parts = urlsplit(buyer.url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5) as connection:
        connection.sendall(f"POST {parts.path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode())
        assert b" 413 " in connection.recv(4_096)


def test_a_caller_who_hangs_up_harms_no_one(buyer: Buyer, capfd: pytest.CaptureFixture[str]) -> None:
    parts = urlsplit(buyer.url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5) as connection:
        connection.sendall(b"POST /smmplus/api/v2 HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nkey")
    buyer.panel.misbehave(Fault.endless_body, times=1)
    with requests.post(buyer.url, data={"action": "balance"}, timeout=5, stream=True) as response:
        response.raw.read(1_000)
    assert buyer.ask("balance")
    assert "Traceback" not in capfd.readouterr().err


def test_many_callers_at_once_get_an_id_each(buyer: Buyer) -> None:
    service, ids = buyer.service().id, list[int]()

    def buy_ten() -> None:
        for _ in range(10):
            ids.append(buyer.ask("add", service=service, link=LINK, quantity=10)["order"])

    threads = [threading.Thread(target=buy_ten) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(ids)) == 80
    assert set(ids) == set(buyer.panel.orders)


def test_a_slow_panel_holds_up_no_one_else(buyer: Buyer) -> None:
    buyer.panel.latency = 1
    started = time.monotonic()
    slow = threading.Thread(target=buyer.ask, args=("balance",))
    slow.start()
    wait_until(lambda: buyer.panel.requests, what="the slow call to arrive")
    assert Buyer(buyer.box, "servsmm").ask("balance")
    slow.join()
    assert time.monotonic() - started >= 1


def test_a_slow_answer_is_accepted_before_it_is_sent(buyer: Buyer) -> None:
    buyer.panel.latency = 60
    form = {"key": buyer.panel.key, "action": "add", "service": buyer.service().id, "link": LINK, "quantity": 10}
    with pytest.raises(requests.ReadTimeout):
        requests.post(buyer.url, data=form, timeout=(5, 0.5))
    assert len(buyer.box.ledger.orders("smmplus")) == 1


def test_stopping_does_not_wait_for_a_hanging_call() -> None:
    box = Sandbox(only=["smmplus"]).start()
    box.panel("smmplus").misbehave(Fault.hang_after_accept, seconds=60)
    failures: list[Exception] = []

    def buy() -> None:
        try:
            Buyer(box, "smmplus").buy()
        except requests.ConnectionError as error:
            failures.append(error)

    caller = threading.Thread(target=buy)
    caller.start()
    wait_until(lambda: box.panel("smmplus").requests, what="the call to arrive")
    started = time.monotonic()
    box.stop()
    caller.join()
    assert len(failures) == 1
    assert time.monotonic() - started < 3


def test_stopping_ends_kept_connections() -> None:
    with requests.Session() as session:
        with Sandbox(only=["smmplus"]) as box:
            form = {"key": box.key("smmplus"), "action": "balance"}
            assert session.post(box.url("smmplus"), data=form, timeout=5).status_code == 200
        with pytest.raises(requests.ConnectionError):
            session.post(f"http://127.0.0.1:{box.port}/smmplus/api/v2", data=form, timeout=5)


def test_a_pause_keeps_port_and_books(buyer: Buyer) -> None:
    order, port = buyer.buy(), buyer.box.port
    with buyer.box.refusing(), pytest.raises(requests.ConnectionError):
        buyer.ask("balance")
    assert buyer.box.port == port
    assert buyer.ask("status", order=order.id)["status"] == "Pending"


def test_a_port_in_use_is_reported_before_the_books_are_touched(box: Sandbox, tmp_path: object) -> None:
    with pytest.raises(OSError, match="in use"):
        Sandbox(port=box.port)


@pytest.mark.parametrize("wrong", [{"only": ["nobody"]}, {"variants": {"nobody": "table"}}])
def test_a_panel_that_does_not_exist_is_reported(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="There is no panel nobody"):
        Sandbox(**wrong)  # type: ignore[arg-type]


def test_only_some_panels_can_be_opened() -> None:
    with Sandbox(only=["smmvna"]) as box:
        assert list(box.panels) == ["smmvna"]


class TestRateLimit:
    def test_requests_over_the_limit_are_refused_for_the_rest_of_the_window(self) -> None:
        now = [1_900_000_000.0]
        with Sandbox(clock=lambda: now[0], only=["servsmm"], requests_per_minute={"servsmm": 3}) as box:
            buyer = Buyer(box, "servsmm")
            for second in (0, 10, 20):
                now[0] = 1_900_000_000.0 + second
                assert buyer.post("balance").status_code == 200
            now[0] += 25
            refused = buyer.post("add", service=buyer.service().id, link=LINK, quantity=10)
            assert (refused.status_code, refused.json()) == (429, {"error": "Rate limit exceeded"})
            assert refused.headers["Retry-After"] == "15"
            assert not buyer.panel.orders
            now[0] += 15
            assert buyer.post("balance").status_code == 200
            assert buyer.post("balance").status_code == 429

    def test_arrivals_are_on_record_refused_ones_too(self) -> None:
        now = [1_900_000_000.0]
        with Sandbox(clock=lambda: now[0], only=["servsmm"], requests_per_minute={"servsmm": 1}) as box:
            buyer = Buyer(box, "servsmm")
            for _ in range(3):
                buyer.post("balance")
                now[0] += 5
            assert [call.at - 1_900_000_000 for call in buyer.panel.requests] == [0, 5, 10]
            assert [call.error for call in buyer.panel.requests] == ["", "Rate limit exceeded", "Rate limit exceeded"]

    def test_there_is_none_unless_it_is_set(self, buyer: Buyer) -> None:
        assert buyer.panel.requests_per_minute is None
        buyer.panel.requests_per_minute = 1
        assert [buyer.post("balance").status_code for _ in range(2)] == [200, 429]

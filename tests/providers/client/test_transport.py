"""What comes back over real sockets, or how it fails: distinguished by whether the request had begun to leave."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest

from providers.client.exchange import Failure
from providers.client.transport import Limits, Transport
from tests.providers.client.conftest import HASTY, KEY, PATIENT, SOON, route_to
from tests.providers.client.posting import FORM, failure_of, post
from tests.providers.client.stub import Stub, drip, hang, http, ignore, pour, reset, say, serve

PLACED = http(b'{"order": 23501}')
BEFORE_THE_REQUEST = {
    Failure.address,
    Failure.unknown_host,
    Failure.refused,
    Failure.connect_timeout,
    Failure.tls,
}


# --- The plain case ---------------------------------------------------------------------------------------------------


def test_the_request_is_a_form_with_our_headers_and_nothing_else(transport: Transport) -> None:
    with Stub(say(PLACED)) as stub:
        reply = post(transport, stub)

    assert (reply.status, reply.body) == (200, b'{"order": 23501}')
    head, _, body = stub.requests[0].partition(b"\r\n\r\n")
    request_line, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    assert request_line == "POST /api/v2 HTTP/1.1"
    assert headers == {
        "host": f"127.0.0.1:{stub.port}",
        "accept": "application/json",
        "accept-encoding": "identity",
        "connection": "close",
        "content-type": "application/x-www-form-urlencoded",
        "content-length": str(len(body)),
        "user-agent": "PanelHub/test",
    }
    assert parse_qs(body.decode()) == {name: [value] for name, value in FORM.items()}


def test_few_headers_are_kept_and_they_are_cut(transport: Transport) -> None:
    with Stub(say(http(b"{}", headers=["Retry-After: 7", "Set-Cookie: a=b", "Server: " + "x" * 999]))) as stub:
        reply = post(transport, stub)

    assert reply.headers == {"retry-after": "7", "server": "x" * 200}


def test_neither_proxies_nor_passwords_are_taken_from_the_environment(
    transport: Transport, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with Stub(say(PLACED)) as stub:
        assert post(transport, stub).status == 200

    assert b"authorization" not in stub.requests[0].lower()


def test_cookies_are_forgotten(transport: Transport) -> None:
    with Stub(serve(http(b"{}", headers=["Set-Cookie: session=1; Path=/"]), http(b"{}"))) as stub:
        post(transport, stub, paid=False)
        post(transport, stub, paid=False)

    assert len(stub.requests) == 2
    assert not any(b"cookie" in request.lower() for request in stub.requests)


# --- Surely not sent --------------------------------------------------------------------------------------------------


def test_a_refused_connection(transport: Transport) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    assert failure_of(post(transport, f"http://127.0.0.1:{port}/api/v2")) is Failure.refused


def test_an_unknown_host(transport: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)

    assert failure_of(post(transport, "http://no-such-panel.example/api/v2")) is Failure.unknown_host


def test_a_resolver_that_hangs_is_not_waited_for(hasty: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def wait(*_: Any, **__: Any) -> Any:
        over.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", wait)
    started = time.monotonic()
    failure = failure_of(post(hasty, "http://slow-name.example/api/v2"))
    over.set()

    assert failure is Failure.unknown_host
    assert time.monotonic() - started < SOON


@pytest.fixture
def full_backlog() -> Iterator[str]:
    """A port whose queue of connections is full: a further one is neither taken nor refused."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/api/v2"
        for one in waiting:
            one.close()


def test_a_connect_timeout(hasty: Transport, full_backlog: str) -> None:
    started = time.monotonic()
    failure = failure_of(post(hasty, full_backlog))

    assert failure is Failure.connect_timeout
    assert HASTY.connect - 0.1 < time.monotonic() - started < SOON


def test_the_addresses_of_a_host_are_tried_in_turn(transport: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        dead = free.getsockname()[1]
    with Stub(say(PLACED)) as stub:
        stream = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        found = [(*stream, ("127.0.0.1", dead)), (*stream, ("127.0.0.1", stub.port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

        assert post(transport, "http://panel.example/api/v2").status == 200


def test_an_address_that_swallows_packets_leaves_time_for_the_next(
    hasty: Transport, full_backlog: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Stub(say(PLACED)) as stub:
        stream = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        silent = int(full_backlog.split(":")[2].split("/")[0])
        found = [(*stream, ("127.0.0.1", silent)), (*stream, ("127.0.0.1", stub.port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

        assert post(hasty, "http://panel.example/api/v2").status == 200


def test_every_failure_is_either_before_the_request_or_after() -> None:
    after = {Failure.timeout, Failure.connection_lost, Failure.bad_http, Failure.too_large}

    assert BEFORE_THE_REQUEST | after == set(Failure)


# --- Begun, and then broken -------------------------------------------------------------------------------------------


def close_unread(connection: socket.socket, stub: Stub) -> None:
    connection.recv(1, socket.MSG_PEEK)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
BROKEN = {
    "reset before anything is read": (reset(read=False), Failure.connection_lost),
    "closed before anything is read": (close_unread, Failure.connection_lost),
    "reset after the request was read": (reset(), Failure.connection_lost),
    "closed after the request was read": (say(), Failure.connection_lost),
    "cut in the status line": (say(b"HTTP/1.1 20"), Failure.connection_lost),
    "cut in the headers": (say(b"HTTP/1.1 200 OK\r\nContent-Le"), Failure.connection_lost),
    "reset in the body": (reset(after=http(b'{"order": 23', length=99)), Failure.connection_lost),
    "cut in the body": (say(http(b'{"order": 23501}', length=99)), Failure.connection_lost),
    "cut in a chunk": (say(CHUNKED + b'20\r\n{"order": 23501}'), Failure.connection_lost),
    "no last chunk": (say(CHUNKED + b'10\r\n{"order": 23501}\r\n'), Failure.connection_lost),
    "a chunk of no length": (say(CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n"), Failure.connection_lost),
    "not HTTP": (say(b"SSH-2.0-OpenSSH_9.6\r\n"), Failure.bad_http),
    "a bare body": (say(b'{"order": 23501}\r\n'), Failure.bad_http),
    "a status that is no number": (say(b"HTTP/1.1 OK fine\r\n\r\n{}"), Failure.bad_http),
    "a header of a megabyte": (say(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 2**20 + b"\r\n\r\n{}"), Failure.bad_http),
    "a thousand headers": (say(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n{}"), Failure.bad_http),
    "headers without end": (pour(b"HTTP/1.1 200 OK\r\n", b"X-Header: " + b"y" * 60_000 + b"\r\n"), Failure.bad_http),
    "interim replies without end": (pour(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), Failure.bad_http),
    "an answer too large": (pour(http(b"", length=10**12), b" " * 65536), Failure.too_large),
    "chunks without end": (pour(CHUNKED, b"10000\r\n" + b" " * 0x10000 + b"\r\n"), Failure.too_large),
    "an encoding we did not ask for": (say(http(b"x", headers=["Content-Encoding: br"])), Failure.bad_http),
    "broken gzip": (say(http(b"no gzip", headers=["Content-Encoding: gzip"])), Failure.bad_http),
    "cut gzip": (
        say(http(gzip.compress(b'{"order": 23501}')[:-9], headers=["Content-Encoding: gzip"])),
        Failure.bad_http,
    ),
    "gzip with an endless tail": (
        pour(http(gzip.compress(b"{}"), headers=["Content-Encoding: gzip"], length=10**12), b"x" * 65536),
        Failure.bad_http,
    ),
    "silence": (hang, Failure.timeout),
    "nothing is even read": (ignore, Failure.timeout),
    "a dripping status line": (drip(b"HTTP/1.1 200 ", every=0.2), Failure.timeout),
    "dripping headers": (drip(b"HTTP/1.1 200 OK\r\nX-Slow: ", every=0.2), Failure.timeout),
    "a dripping body": (drip(http(b"{", length=10_000), every=0.2), Failure.timeout),
    "a dripping chunk": (drip(CHUNKED + b"ffff\r\n", every=0.2), Failure.timeout),
}


@pytest.mark.parametrize("paid", [True, False], ids=["paid", "read"])
@pytest.mark.parametrize(("script", "failure"), BROKEN.values(), ids=BROKEN.keys())
def test_a_call_that_broke_after_it_began(script: Any, failure: Failure, paid: bool) -> None:
    transport = Transport(limits=HASTY if failure is Failure.timeout else PATIENT)
    started = time.monotonic()
    with Stub(script) as stub:
        outcome = post(transport, stub, paid=paid)
        elapsed = time.monotonic() - started

        assert failure_of(outcome) is failure
        assert outcome.failure not in BEFORE_THE_REQUEST
        assert elapsed < (SOON if failure is Failure.timeout else PATIENT.paid)
        assert stub.connections == 1
        assert KEY not in repr(outcome)
    transport.close()


def test_a_large_request_to_one_who_does_not_read_ends_in_time() -> None:
    transport = Transport(limits=Limits(connect=5.0, paid=3.0))
    with Stub(ignore) as stub:
        started = time.monotonic()
        outcome = transport.post(route_to(stub.url), {"comments": "x" * 12_000_000}, paid=True)
        elapsed = time.monotonic() - started

    assert failure_of(outcome) is Failure.timeout
    assert elapsed < 3.0 + SOON


def test_what_had_come_is_kept(transport: Transport) -> None:
    with Stub(reset(after=http(b'{"order": 23501, "ch', length=99))) as stub:
        outcome = post(transport, stub)

    assert outcome.status == 200
    assert outcome.partial == b'{"order": 23501, "ch'


def test_a_timeout_keeps_what_had_come(hasty: Transport) -> None:
    with Stub(drip(http(b'{"order": 23501', length=9999), every=0.2)) as stub:
        outcome = post(hasty, stub)

    assert outcome.failure is Failure.timeout
    assert outcome.partial.startswith(b'{"order": 23501')


# --- Sizes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("compress", [gzip.compress, zlib.compress], ids=["gzip", "deflate"])
def test_a_bomb_is_inflated_to_the_cap_and_no_further(transport: Transport, compress: Any) -> None:
    encoding = "gzip" if compress is gzip.compress else "deflate"
    bomb = compress(b" " * 50_000_000)
    with Stub(say(http(bomb, headers=[f"Content-Encoding: {encoding}"]))) as stub:
        outcome = post(transport, stub, max_body=1_000_000)

    assert failure_of(outcome) is Failure.too_large
    assert len(outcome.partial) == 1_000_001


def test_a_body_of_exactly_the_cap_is_whole(transport: Transport) -> None:
    with Stub(say(http(b"x" * 1000)), say(http(b"x" * 1001))) as stub:
        assert len(post(transport, stub, max_body=1000).body) == 1000
        assert failure_of(post(transport, stub, max_body=1000)) is Failure.too_large


def test_a_catalogue_may_come_compressed(transport: Transport) -> None:
    body = b'[{"service": 1}]' * 200_000
    with Stub(say(http(gzip.compress(body), headers=["Content-Encoding: GZIP"]))) as stub:
        reply = post(transport, stub, paid=False, max_body=64_000_000)

    assert reply.body == body
    assert b"Accept-Encoding: gzip\r\n" in stub.requests[0]


def test_a_chunked_reply_is_put_together(transport: Transport) -> None:
    with Stub(say(CHUNKED + b'9;x=y\r\n{"order":\r\n', b" \r\n2 3501}\r\n"[:0], b"7\r\n 23501}\r\n0\r\n\r\n")) as stub:
        assert post(transport, stub).body == b'{"order": 23501}'


def test_a_reply_that_ends_with_the_connection_is_whole(transport: Transport) -> None:
    with Stub(say(b'HTTP/1.0 200 OK\r\n\r\n{"order": 23501}')) as stub:
        assert post(transport, stub).body == b'{"order": 23501}'


# --- Redirects --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 305, 307, 308])
@pytest.mark.parametrize("paid", [True, False], ids=["paid", "read"])
def test_no_redirect_is_followed(transport: Transport, status: int, paid: bool) -> None:
    with (
        Stub(say(PLACED)) as other,
        Stub(say(http(b"", status=f"{status} Go", headers=[f"Location: {other.url}"]))) as stub,
    ):
        reply = post(transport, stub, paid=paid)

    assert reply.status == status
    assert other.connections == 0
    assert len(stub.requests) == 1

"""Which calls share a connection, and what happens when a shared one was closed."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import pytest

from providers.client.exchange import Failure
from providers.client.transport import Limits, Transport
from tests.providers.client.conftest import SOON, route_to
from tests.providers.client.posting import FORM, failure_of, post
from tests.providers.client.stub import Stub, drip, http, reset, serve


def test_reads_share_a_connection(transport: Transport) -> None:
    with Stub(serve(http(b"1"), http(b"2"), http(b"3"))) as stub:
        bodies = [post(transport, stub, paid=False).body for _ in range(3)]

    assert bodies == [b"1", b"2", b"3"]
    assert stub.connections == 1


def test_a_paid_call_always_takes_a_fresh_connection(transport: Transport) -> None:
    with Stub(serve(http(b"1"), http(b"2"))) as stub:
        post(transport, stub, paid=False)
        post(transport, stub, paid=True)
        post(transport, stub, paid=True)
        post(transport, stub, paid=False)

    assert stub.connections == 3
    assert len(stub.requests) == 4


def test_two_accounts_never_share_a_connection(transport: Transport) -> None:
    with Stub(serve(http(b"1"), http(b"2"))) as stub:
        for name in ("one", "two"):
            transport.post(route_to(stub.url, keep_as=name), FORM, paid=False)

    assert stub.connections == 2


def test_a_connection_made_while_private_addresses_were_allowed_does_not_serve_later(transport: Transport) -> None:
    with Stub(serve(http(b"1"), http(b"2"))) as stub:
        assert post(transport, stub, paid=False).status == 200
        outcome = transport.post(route_to(stub.url, allow_private=False), FORM, paid=False)

    assert failure_of(outcome) is Failure.address
    assert len(stub.requests) == 1


def test_a_read_is_repeated_once_when_its_kept_connection_was_closed(transport: Transport) -> None:
    def close_on_second(connection: socket.socket, stub: Stub) -> None:
        stub.receive(connection)
        connection.sendall(http(b"first"))
        stub.receive(connection)

    with Stub(close_on_second, serve(http(b"again"))) as stub:
        assert post(transport, stub, paid=False).body == b"first"
        assert post(transport, stub, paid=False).body == b"again"

    assert stub.connections == 2
    assert len(stub.requests) == 3


def test_a_read_is_not_repeated_twice(transport: Transport) -> None:
    def close_on_second(connection: socket.socket, stub: Stub) -> None:
        stub.receive(connection)
        connection.sendall(http(b"first"))
        stub.receive(connection)

    with Stub(close_on_second, reset()) as stub:
        post(transport, stub, paid=False)
        outcome = post(transport, stub, paid=False)

    assert failure_of(outcome) is Failure.connection_lost
    assert len(stub.requests) == 3


def test_a_read_is_not_repeated_when_a_part_of_the_answer_had_come(transport: Transport) -> None:
    def cut_the_second(connection: socket.socket, stub: Stub) -> None:
        stub.receive(connection)
        connection.sendall(http(b"first"))
        stub.receive(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")

    with Stub(cut_the_second) as stub:
        post(transport, stub, paid=False)
        outcome = post(transport, stub, paid=False)

    assert failure_of(outcome) is Failure.connection_lost
    assert len(stub.requests) == 2


def test_a_child_process_does_not_use_its_parents_connections(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Stub(serve(http(b"1"), http(b"2"))) as stub:
        post(transport, stub, paid=False)
        monkeypatch.setattr("os.getpid", lambda: -1)
        post(transport, stub, paid=False)

    assert stub.connections == 2


def test_the_number_of_kept_accounts_is_bounded(transport: Transport) -> None:
    with Stub(serve(http(b"1"), http(b"2"))) as stub:
        for number in range(70):
            transport.post(route_to(stub.url, keep_as=str(number)), FORM, paid=False)

        assert len(transport._kept) == 64


def test_threads_share_a_transport_and_keep_their_own_deadlines() -> None:
    transport = Transport(limits=Limits(connect=0.5, paid=1.0, read=5.0))
    outcomes: dict[int, Any] = {}
    with Stub(drip(http(b"{", length=9999), every=0.1)) as slow, Stub(serve(*[http(b"{}")] * 20)) as fast:

        def work(number: int) -> None:
            if number % 2:
                outcomes[number] = [post(transport, fast, paid=False).status for _ in range(5)]
            else:
                outcomes[number] = post(transport, slow, paid=True).failure

        started = time.monotonic()
        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert time.monotonic() - started < SOON
    transport.close()
    assert [outcomes[number] for number in (1, 3, 5, 7)] == [[200] * 5] * 4
    assert [outcomes[number] for number in (0, 2, 4, 6)] == [Failure.timeout] * 4

"""Safe connections: verified always, by the name in the URL, over one shared context; a failure there sends nothing."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from providers.client.connection import interruptible
from providers.client.exchange import Failure, TransportFailure
from providers.client.transport import Transport, shared_context, shared_transport
from tests.providers.client.certificates import Authority
from tests.providers.client.conftest import HASTY, KEY, PATIENT, SOON, route_to
from tests.providers.client.stub import Stub, drip, hang, http, ignore, reset, say, serve

NAME = "panel.example"


@pytest.fixture(autouse=True)
def everywhere_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every name leads to this machine."""
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, *args, **kwargs: real("127.0.0.1", *args, **kwargs))


@pytest.fixture
def trusting(authority: Authority) -> Iterator[Transport]:
    """Yield a transport that trusts our CA."""
    made = Transport(limits=PATIENT, context=authority.trusting())
    yield made
    made.close()


@pytest.fixture
def hasty_trusting(authority: Authority) -> Iterator[Transport]:
    """Yield the same, but it gives up within a second."""
    made = Transport(limits=HASTY, context=authority.trusting())
    yield made
    made.close()


def post(transport: Transport, stub: Stub, *, paid: bool = True) -> Any:
    return transport.post(route_to(stub.url), {"key": KEY, "action": "add"}, paid=paid)


def test_the_name_in_the_url_is_sent_and_verified(trusting: Transport, authority: Authority) -> None:
    with Stub(say(http(b'{"order": 1}')), context=authority.serving(NAME), host=NAME) as stub:
        reply = post(trusting, stub)

    assert reply.body == b'{"order": 1}'
    assert stub.server_names == [NAME]
    assert f"Host: {NAME}:{stub.port}".encode() in stub.requests[0]


@pytest.mark.parametrize(
    "certificate",
    [{"self_signed": True, "name": NAME}, {"expired": True, "name": NAME}, {"name": "other.example"}],
    ids=["self-signed", "expired", "another name"],
)
@pytest.mark.parametrize("paid", [True, False], ids=["paid", "read"])
def test_a_bad_certificate_stops_the_request(
    trusting: Transport, authority: Authority, certificate: dict[str, Any], paid: bool
) -> None:
    with Stub(say(http(b'{"order": 1}')), context=authority.serving(**certificate), host=NAME) as stub:
        outcome = post(trusting, stub, paid=paid)

    assert isinstance(outcome, TransportFailure)
    assert outcome.failure is Failure.tls
    assert stub.requests == []


def test_a_ca_that_is_not_trusted_stops_the_request(transport: Transport, authority: Authority) -> None:
    with Stub(say(http(b"{}")), context=authority.serving("localhost"), host="localhost") as stub:
        outcome = post(transport, stub)

    assert outcome.failure is Failure.tls
    assert stub.requests == []


@pytest.mark.parametrize(
    "script", [ignore, say(http(b"{}")), reset(read=False)], ids=["a silent one", "one without TLS", "one that resets"]
)
def test_a_handshake_that_fails_stops_the_request_in_time(hasty_trusting: Transport, script: Any) -> None:
    started = time.monotonic()
    with Stub(script, host=NAME) as stub:
        outcome = hasty_trusting.post(route_to(stub.url.replace("http://", "https://")), {"key": KEY}, paid=True)

        assert isinstance(outcome, TransportFailure)
        assert outcome.failure is Failure.tls
        assert time.monotonic() - started < SOON
        assert not any(KEY.encode() in request for request in stub.requests)


@pytest.mark.parametrize(
    ("script", "failure"),
    [
        (reset(), Failure.connection_lost),
        (say(), Failure.connection_lost),
        (say(http(b'{"order": 2', length=99)), Failure.connection_lost),
        (hang, Failure.timeout),
        (drip(b"HTTP/1.1 200 OK\r\nX-Slow: ", every=0.2), Failure.timeout),
        (drip(http(b"{", length=9999), every=0.2), Failure.timeout),
    ],
    ids=["reset", "closed", "cut", "silence", "dripping headers", "dripping body"],
)
def test_after_the_handshake_nothing_is_certain(
    trusting: Transport, hasty_trusting: Transport, authority: Authority, script: Any, failure: Failure
) -> None:
    with Stub(script, context=authority.serving(NAME), host=NAME) as stub:
        outcome = post(hasty_trusting if failure is Failure.timeout else trusting, stub)

    assert isinstance(outcome, TransportFailure)
    assert outcome.failure is failure


def test_reads_share_a_safe_connection_and_paid_calls_do_not(trusting: Transport, authority: Authority) -> None:
    with Stub(serve(http(b"1"), http(b"2")), context=authority.serving(NAME), host=NAME) as stub:
        for paid in (False, False, True, True):
            assert post(trusting, stub, paid=paid).status == 200

    assert stub.connections == 3


def test_a_fresh_connection_does_not_load_the_trusted_certificates_again(
    trusting: Transport, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[Any] = []
    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", lambda _, *args, **__: loaded.append(args))
    with Stub(say(http(b"{}")), context=authority.serving(NAME), host=NAME) as stub:
        assert post(trusting, stub).status == 200

    assert loaded == []


def test_the_process_has_one_context_that_verifies() -> None:
    context = shared_context()

    assert context is shared_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert shared_transport() is shared_transport()


def test_a_handshake_that_hangs_can_be_ended_by_another_thread(trusting: Transport) -> None:
    with Stub(ignore) as stub, interruptible() as interruption:
        threading.Timer(0.2, interruption.set).start()
        started = time.monotonic()

        url = stub.url.replace("http://127.0.0.1", f"https://{NAME}")
        outcome = trusting.post(route_to(url), {"key": KEY, "action": "balance"}, paid=False)

    assert isinstance(outcome, TransportFailure)
    assert outcome.failure is Failure.tls
    assert time.monotonic() - started < SOON

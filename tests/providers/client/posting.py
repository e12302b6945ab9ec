"""Post a form through a transport to a stub."""

from __future__ import annotations

from typing import Any

from providers.client.exchange import Failure, RawReply, TransportFailure
from providers.client.transport import Transport
from tests.providers.client.conftest import KEY, route_to
from tests.providers.client.stub import Stub

FORM = {"key": KEY, "action": "add", "link": "https://example.com/?a=b&c=ü"}


def post(transport: Transport, stub: Stub | str, *, paid: bool = True, **options: Any) -> Any:
    url = stub if isinstance(stub, str) else stub.url
    return transport.post(route_to(url), FORM, paid=paid, **options)


def failure_of(outcome: RawReply | TransportFailure) -> Failure:
    assert isinstance(outcome, TransportFailure), outcome
    return outcome.failure

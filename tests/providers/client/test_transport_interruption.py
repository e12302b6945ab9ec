"""A call that another thread ends is over at once."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from providers.client.connection import interruptible
from providers.client.exchange import Failure, TransportFailure
from providers.client.transport import Transport
from tests.providers.client.conftest import SOON
from tests.providers.client.posting import failure_of, post
from tests.providers.client.stub import Stub, drip, hang, http, ignore, serve

PLACED = http(b'{"order": 23501}')


@pytest.mark.parametrize(
    "script", [hang, drip(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", every=0.05), ignore]
)
def test_a_call_can_be_ended_by_another_thread(transport: Transport, script: Any) -> None:
    with Stub(script) as stub, interruptible() as interruption:
        threading.Timer(0.2, interruption.set).start()
        started = time.monotonic()

        outcome = post(transport, stub, paid=False)

        assert failure_of(outcome) is Failure.timeout
        assert time.monotonic() - started < SOON
        # Neither is one begun after that.
        assert isinstance(post(transport, stub, paid=False), TransportFailure)


def test_a_call_that_no_one_ends_is_as_any_other(transport: Transport) -> None:
    with Stub(serve(PLACED, PLACED)) as stub, interruptible() as interruption:
        assert [post(transport, stub, paid=False).status for _ in range(2)] == [200, 200]

    assert not interruption.is_set
    interruption.set()

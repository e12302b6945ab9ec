"""Requests that never come whole end; those that come slowly and steadily are read."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from panelhub.http import web_worker
from panelhub.http.web_worker import DeadlineSocket


@pytest.fixture
def pair() -> Iterator[tuple[DeadlineSocket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with DeadlineSocket(fileno=ours.detach()) as reading, theirs:
        yield reading, theirs


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nX: "])
def test_a_request_that_stops_coming_ends(pair: tuple[DeadlineSocket, socket.socket], sent: bytes) -> None:
    reading, theirs = pair
    reading.ends = time.monotonic() + 5
    theirs.sendall(sent)
    if sent:
        assert reading.recv(100) == sent
    reading.ends = time.monotonic() + 0.05

    with pytest.raises(ConnectionResetError):
        reading.recv(100)


def test_what_goes_on_coming_earns_time(
    pair: tuple[DeadlineSocket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_worker, "LEAST_BYTES_A_SECOND", 1)
    reading, theirs = pair
    before = reading.ends = time.monotonic() + 30
    theirs.sendall(b"x" * 60)

    assert reading.recv(100) == b"x" * 60
    assert reading.ends == pytest.approx(before + 60)

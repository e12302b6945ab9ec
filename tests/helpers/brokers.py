"""Brokers that are down or hang."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import current_app

from panelhub.background import dispatch
from panelhub.monitoring import health


@contextmanager
def unused_port() -> Iterator[int]:
    """A port that refuses connections for as long as the block lasts."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        yield reserved.getsockname()[1]


@contextmanager
def silent_port() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@contextmanager
def broker_at(url: str, settings: Any) -> Iterator[None]:
    """Let this process use the broker at `url`; `settings` is the fixture of pytest-django."""
    conf = current_app.conf
    kept = (conf.broker_transport_options, settings.CELERY_BROKER_URL)
    settings.CELERY_BROKER_URL = url
    # Options of the configured broker mean nothing to another one.
    conf.broker_transport_options = {}
    dispatch.forget_broker()
    health.forget_broker()
    try:
        yield
    finally:
        conf.broker_transport_options, settings.CELERY_BROKER_URL = kept
        dispatch.forget_broker()
        health.forget_broker()

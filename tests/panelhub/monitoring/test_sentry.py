"""Errors sent to a tracker: none unless configured, and no secret in any."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import sentry_sdk
from django.conf import settings
from sentry_sdk.transport import Transport

from panelhub.http.request_id import bound_id
from panelhub.monitoring.sentry import strike_secrets, watch_errors
from panelhub.redaction import hide_secret

CANARY = "canary-tracker-51e0"
DSN = "https://public@tracker.example/1"


class Kept(Transport):
    """A tracker that records what it receives."""

    def __init__(self, options: dict[str, Any] | None = None) -> None:
        super().__init__(options)
        self.reported: list[str] = []

    def capture_envelope(self, envelope: Any) -> None:
        self.reported.append(envelope.serialize().decode())


@pytest.fixture
def tracker() -> Iterator[Kept]:
    kept = Kept()
    # Without the integrations, which would take hold of Django and Celery for all tests to come.
    watch_errors(DSN, transport=kept, default_integrations=False, auto_enabling_integrations=False)
    yield kept
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)


def test_nothing_is_sent_unless_requested() -> None:
    assert settings.SENTRY_DSN == ""
    watch_errors("")
    assert not sentry_sdk.get_client().is_active()


def test_an_error_is_shown_without_secrets(tracker: Kept) -> None:
    hide_secret(CANARY)
    api_key = CANARY
    try:
        raise ValueError(f"the panel refused {api_key}, key=unannounced-secret")
    except ValueError:
        with bound_id("0123456789abcdef"):
            sentry_sdk.capture_exception()

    (reported,) = tracker.reported
    assert "ValueError" in reported
    assert "test_sentry" in reported
    assert "0123456789abcdef" in reported
    assert CANARY not in reported
    assert "unannounced-secret" not in reported


def test_of_a_request_only_method_and_address_are_reported() -> None:
    event: Any = {
        "request": {
            "method": "POST",
            "url": f"https://hub.example/orders/?token={CANARY}",
            "query_string": f"token={CANARY}",
            "cookies": {"sessionid": CANARY},
            "headers": {"Cookie": CANARY},
            "data": {"new_key": CANARY},
        },
        "user": {"username": "kim", "ip_address": "203.0.113.9"},
        "breadcrumbs": {"values": [{"message": CANARY}]},
        "extra": {"body": CANARY},
    }

    reported = json.dumps(strike_secrets(event, {}))

    assert CANARY not in reported
    assert "kim" not in reported
    assert "https://hub.example/orders/" in reported


def test_a_message_of_the_log_is_reported_scrubbed(tracker: Kept) -> None:
    hide_secret(CANARY)
    sentry_sdk.capture_message(f"could not record key={CANARY}", level="error")
    assert CANARY not in "".join(tracker.reported)
    logging.getLogger("quiet").debug("nothing more")
    assert len(tracker.reported) == 1

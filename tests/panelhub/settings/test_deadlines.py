"""Deadlines: shortened by settings, never so that an order is swept while its call may still be on the wire."""

from __future__ import annotations

import re
from pathlib import Path

import environ
import pytest
from django.conf import settings

from orders.submission import services as submission_services
from panelhub.background.transports import REDIS_VISIBILITY_SECONDS
from panelhub.settings.celery import TASK_HARD_SECONDS, TASK_SOFT_SECONDS
from panelhub.settings.deadlines import LONGEST_PAID, SHORTEST_MARGIN, claim_fresh_for, read_deadlines
from providers.calls import rate_limit
from providers.client.transport import Limits, shared_transport

ROOT = Path(__file__).resolve().parents[3]


def read(monkeypatch: pytest.MonkeyPatch, **given: str) -> list[float]:
    for name in ("PAID", "READ", "SWEEP"):
        monkeypatch.delenv(f"PANELHUB_{name}_SECONDS", raising=False)
    for name, value in given.items():
        monkeypatch.setenv(f"PANELHUB_{name}_SECONDS", value)
    return list(read_deadlines(environ.Env()))


def test_they_are_as_promised_when_no_one_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch) == [30.0, 25.0, 60.0]


def test_the_sweep_follows_a_shorter_call(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, PAID="3", READ="2") == [3.0, 2.0, 33.0]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"PAID": "31"}, "PANELHUB_PAID_SECONDS must be between"),
        ({"PAID": "0.5"}, "PANELHUB_PAID_SECONDS must be between"),
        ({"PAID": "nan"}, "PANELHUB_PAID_SECONDS must be between"),
        ({"PAID": "soon"}, "PANELHUB_PAID_SECONDS must be a number of seconds, not 'soon'"),
        ({"READ": "26"}, "PANELHUB_READ_SECONDS must be between"),
        ({"SWEEP": "30"}, "PANELHUB_SWEEP_SECONDS must be at least 32"),
        ({"PAID": "3", "SWEEP": "4"}, "PANELHUB_SWEEP_SECONDS must be at least 5"),
        ({"SWEEP": "nan"}, "PANELHUB_SWEEP_SECONDS must be at least"),
        ({"SWEEP": "inf"}, "PANELHUB_SWEEP_SECONDS must be at least"),
    ],
)
def test_what_is_unsafe_is_refused(monkeypatch: pytest.MonkeyPatch, given: dict[str, str], words: str) -> None:
    with pytest.raises(environ.ImproperlyConfigured, match=words):
        read(monkeypatch, **given)


@pytest.mark.parametrize(("paid", "sweep"), [(30.0, 60.0), (30.0, 32.0), (1.0, 3.0), (3.0, 600.0)])
def test_a_call_is_over_before_its_order_is_swept(paid: float, sweep: float) -> None:
    assert claim_fresh_for(paid=paid, sweep=sweep) + paid < sweep


def test_the_wire_keeps_to_them() -> None:
    limits = shared_transport().limits

    assert limits.paid < settings.PANELHUB_PAID_SECONDS == submission_services.PAID_DEADLINE
    assert limits.read < settings.PANELHUB_READ_SECONDS
    assert submission_services.CLAIM_FRESH_FOR + submission_services.PAID_DEADLINE < submission_services.SWEEP_AFTER


@pytest.mark.parametrize("unit", ["panelhub-worker-clicks", "panelhub-worker-background"])
def test_units_leave_a_worker_the_time_that_a_call_may_take(unit: str) -> None:
    text = (ROOT / "deploy" / "systemd" / f"{unit}.service").read_text(encoding="utf-8")
    found = re.search(r"^TimeoutStopSec=(\d+)$", text, re.MULTILINE)

    assert found
    # What is in hand is waited for and written down; no page waits for a provider, so the web's limits do not matter.
    assert int(found[1]) > LONGEST_PAID + SHORTEST_MARGIN
    assert rate_limit.PLACE_LEASE >= rate_limit.LONGEST_WAIT + LONGEST_PAID
    assert REDIS_VISIBILITY_SECONDS > TASK_HARD_SECONDS > TASK_SOFT_SECONDS > LONGEST_PAID


def test_connecting_takes_no_more_than_half_of_a_short_call() -> None:
    assert Limits.within(paid=30, read=25) == Limits()
    assert Limits.within(paid=4, read=3) == Limits(connect=2, paid=3.5, read=2.5)

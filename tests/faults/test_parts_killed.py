"""What dies, or lives and does not work, is named (`python -m tests.chaos.kills` tries every part)."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from typing import Any

import pytest

from panelhub.monitoring import health
from panelhub.monitoring.health import read_background
from panelhub.schedule import BACKGROUND, CLICKS
from tests.helpers.waiting import wait_until

pytestmark = pytest.mark.long
NAMED = 40.0


@pytest.fixture(autouse=True)
def _signs_are_old_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signs come every ten seconds; here one that is missed is enough."""
    monkeypatch.setattr(health, "ALIVE", timedelta(seconds=18))


def all_live() -> bool:
    return all(read_background().values())


def test_a_worker_that_lives_and_does_not_work_is_named_until_it_works_again(start_worker: Any) -> None:
    start_worker(queues=(CLICKS,), options=("--with-schedule",))
    stuck = start_worker(queues=(BACKGROUND,))
    wait_until(all_live, seconds=NAMED, what="all parts to live")

    os.killpg(stuck.pid, signal.SIGSTOP)
    wait_until(lambda: not read_background()[BACKGROUND], seconds=NAMED, what="the stuck one to be named")
    assert read_background()[CLICKS]

    os.killpg(stuck.pid, signal.SIGCONT)
    wait_until(all_live, seconds=NAMED, what="all to be well")


def test_a_worker_that_was_killed_is_named_and_its_schedule_with_it(start_worker: Any) -> None:
    start_worker(queues=(BACKGROUND,))
    dead = start_worker(queues=(CLICKS,), options=("--with-schedule",))
    wait_until(all_live, seconds=NAMED, what="all parts to live")

    dead.kill()

    wait_until(lambda: not read_background()[CLICKS], seconds=NAMED, what="clicks to be named")
    wait_until(lambda: not read_background()["schedule"], seconds=NAMED, what="the schedule to be named")

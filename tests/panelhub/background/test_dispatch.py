"""Ringing for a worker never fails and never holds up whoever rings."""

from __future__ import annotations

import time
from typing import Any

import pytest
from celery import current_app
from django.db import transaction

from panelhub.background import dispatch
from tests.helpers.brokers import broker_at, silent_port, unused_port
from tests.helpers.workers import purge_queues

pytestmark = pytest.mark.broker
TASK = "panelhub.tasks.beat_heartbeat"


@pytest.fixture
def embedded(settings: Any) -> None:
    if not settings.CELERY_BROKER_URL.startswith("panelhub:"):
        pytest.skip("looks into the folder of the embedded broker")
    purge_queues()


def count_messages(settings: Any, queue: str) -> int:
    with current_app.connection_for_write() as connection:
        channel: Any = connection.default_channel
        return int(channel._size(f"{settings.PANELHUB_QUEUE_PREFIX}{queue}"))


@pytest.mark.usefixtures("embedded")
@pytest.mark.django_db(transaction=True)
def test_it_notifies_after_the_commit_and_not_before(settings: Any) -> None:
    with transaction.atomic():
        dispatch.notify_worker(TASK, queue="clicks")
        assert count_messages(settings, "clicks") == 0

    assert count_messages(settings, "clicks") == 1


@pytest.mark.usefixtures("embedded")
@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_sends_no_message(settings: Any) -> None:
    with transaction.atomic():
        dispatch.notify_worker(TASK, queue="clicks")
        transaction.set_rollback(True)

    assert count_messages(settings, "clicks") == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scheme", ["redis://127.0.0.1:{port}/0", "amqp://guest:guest@127.0.0.1:{port}//"])
def test_a_broker_that_is_down_costs_next_to_nothing(
    scheme: str, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with unused_port() as port, broker_at(scheme.format(port=port), settings):
        started = time.monotonic()
        with transaction.atomic():
            dispatch.notify_worker(TASK)

    assert time.monotonic() - started < 5
    assert "did not take" in caplog.text


@pytest.mark.parametrize("scheme", ["redis://127.0.0.1:{port}/0", "amqp://guest:guest@127.0.0.1:{port}//"])
def test_a_broker_that_hangs_is_given_up_and_left_alone_for_a_while(scheme: str, settings: Any) -> None:
    with silent_port() as port, broker_at(scheme.format(port=port), settings):
        started = time.monotonic()
        assert not dispatch.publish(TASK)
        first = time.monotonic() - started
        for _ in range(100):
            assert not dispatch.publish(TASK)
        others = time.monotonic() - started - first

    assert first < 5
    assert others < 1


def test_a_connection_that_broke_is_made_again(settings: Any) -> None:
    purge_queues()
    assert dispatch.publish(TASK, queue="clicks")
    # As if the broker had been restarted in between.
    dispatch._notifier()._producer.connection.collect()

    assert dispatch.publish(TASK, queue="clicks")
    purge_queues()


def test_only_words_that_json_knows_can_be_sent(caplog: pytest.LogCaptureFixture) -> None:
    assert not dispatch.publish(TASK, object())

    assert "did not take" in caplog.text

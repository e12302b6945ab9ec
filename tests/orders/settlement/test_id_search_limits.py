"""A search is bounded, and what one has found or not is known to the next."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from orders.models import Attempt, Order, WindowSearch
from orders.settlement.search_jobs import ask_for_search, run_searches, start_due_searches, verdict_on
from providers.models import Provider, Service
from providers.sandbox import Sandbox
from providers.sandbox.faults.faults import Fault
from tests.helpers.at_sandbox import calls_of, join, list_service, pick_service, send_order
from tests.helpers.lost_orders import accepted_last, lose, search_for
from tests.helpers.makers import make_provider


@pytest.mark.django_db(transaction=True)
def test_a_window_without_an_end_is_searched_up_to_a_number_of_calls_and_further_the_next_time(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orders.settlement.id_search.CALLS_IN_BATCHES", 2)
    provider = join(box, "smmplus")
    service = list_service(provider, pick_service(box.panel("smmplus")))
    panel = box.panel("smmplus")
    first = send_order(provider, service)
    panel.inject_foreign(250)
    lost = lose(box, provider, service)
    ended = timezone.now() - timedelta(minutes=10)
    Attempt.objects.filter(order=lost).update(started_at=ended, finished_at=ended)
    Attempt.objects.filter(order=first).update(started_at=ended - timedelta(1), finished_at=ended - timedelta(1))
    assert first.external_id is not None
    start = int(first.external_id) + 1

    search = search_for(lost)
    assert search.is_capped
    assert search.ranges == [[start, start + 199]]
    assert search.candidates == []

    search = search_for(lost)
    assert search.ranges == [[start + 200, start + 399]]
    assert [found["id"] for found in search.candidates] == [accepted_last(box)]


@pytest.mark.django_db(transaction=True)
def test_what_a_search_has_found_is_found_again_by_the_next_one(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    send_order(provider, service)
    lost = lose(box, provider, service)
    real_id = accepted_last(box)
    send_order(provider, service)
    long_ago = timezone.now() - timedelta(minutes=10)
    Order.objects.filter(pk=lost.pk).update(claimed_at=long_ago)
    Attempt.objects.filter(order=lost).update(
        started_at=long_ago, finished_at=long_ago + timedelta(seconds=1), http_status=200
    )
    Attempt.objects.exclude(order=lost).filter(order__pk__lt=lost.pk).update(
        started_at=long_ago - timedelta(minutes=1), finished_at=long_ago - timedelta(minutes=1)
    )
    lost.refresh_from_db()

    first, second = search_for(lost), search_for(lost)

    assert [found["id"] for found in first.candidates] == [real_id]
    assert [found["id"] for found in second.candidates] == [real_id]
    assert second.answered == 1
    assert second.asked == 0, "the window itself is not gone through once more"


@pytest.mark.django_db(transaction=True)
def test_ids_of_a_call_that_was_refused_as_a_whole_are_not_ruled_out(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    panel = box.panel("smmplus")
    send_order(provider, service)
    lost = [lose(box, provider, service), lose(box, provider, service)]
    real_ids = sorted((str(order.id) for order in box.ledger.orders("smmplus")), key=int)[-2:]
    Provider.objects.update(breaker_until=None, paid_failures=0)
    send_order(provider, service)
    long_ago = timezone.now() - timedelta(minutes=10)
    Attempt.objects.filter(order__in=lost).update(started_at=long_ago, finished_at=long_ago)
    Attempt.objects.filter(order=Order.objects.earliest("pk")).update(
        started_at=long_ago - timedelta(1), finished_at=long_ago - timedelta(1)
    )
    panel.misbehave(Fault.poison_id, action="status", times=1, ids=real_ids[:1])
    for order in lost:
        ask_for_search(order)
    run_searches(provider)

    for order in lost:
        # The second search asked no one: it has the first one's answers, and no more than they say.
        search = WindowSearch.objects.get(order=order)
        assert (search.asked, search.ranges, search.candidates) == (0, [], [])
        assert verdict_on(order, search).sentence.startswith(
            "The provider rejected some calls, so their IDs aren’t ruled out"
        )

    search = search_for(lost[0])
    assert [found["id"] for found in search.candidates] == real_ids


@pytest.mark.django_db
def test_lost_orders_that_no_one_settles_do_not_keep_the_next_ones_from_being_searched_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("orders.settlement.search_jobs.AT_ONCE", 2)
    provider = make_provider()
    old = [Order.objects.create(provider=provider, status="unconfirmed") for _number in range(3)]
    for order in old:
        WindowSearch.objects.create(order=order, finished_at=timezone.now())
    new = Order.objects.create(provider=provider, status="unconfirmed")

    start_due_searches()

    assert list(WindowSearch.objects.filter(finished_at=None).values_list("order", flat=True)) == [new.pk]


@pytest.mark.django_db
def test_nor_from_being_searched_for_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orders.settlement.search_jobs.AT_ONCE", 2)
    provider, earlier = make_provider(), timezone.now() - timedelta(minutes=10)
    for answered in (1, 1, 1, 0, 0, 0):
        order = Order.objects.create(provider=provider, status="unconfirmed", claimed_at=earlier)
        WindowSearch.objects.create(order=order, at=earlier, finished_at=earlier, answered=answered)
    due = list(Order.objects.order_by("pk").values_list("pk", flat=True)[3:])
    waiting = WindowSearch.objects.filter(finished_at=None).order_by("id").values_list("order", flat=True)

    start_due_searches()
    assert list(waiting.all()) == due[:2]
    start_due_searches()
    assert list(waiting.all()) == due


def make_old(lost: Order, first: Order) -> None:
    """The lost order can no longer be accepted late, and the one before it was sent before."""
    ended = timezone.now() - timedelta(minutes=10)
    Attempt.objects.filter(order=lost).update(started_at=ended, finished_at=ended)
    Attempt.objects.filter(order=first).update(started_at=ended - timedelta(1), finished_at=ended - timedelta(1))


@pytest.mark.django_db(transaction=True)
def test_what_a_search_found_before_it_broke_off_is_found_by_the_next_one(
    box: Sandbox, account: tuple[Provider, Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orders.settlement.search_jobs.RETRY_AFTER", timedelta(0))
    provider, service = account
    panel = box.panel("smmplus")
    first = send_order(provider, service)
    lost = lose(box, provider, service)
    real_id = accepted_last(box)
    panel.inject_foreign(150)
    make_old(lost, first)
    panel.misbehave(Fault.html_200, action="status", match=lambda params: real_id not in params.get("orders", ""))

    broken = search_for(lost)
    panel.behave()
    search = search_for(lost)

    assert broken.failure
    assert broken.candidates == []
    assert [found["id"] for found in search.candidates] == [real_id]


@pytest.mark.django_db(transaction=True)
def test_an_id_that_the_answer_leaves_out_is_polled_once_more_and_never_ruled_out(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    panel = box.panel("smmplus")
    first = send_order(provider, service)
    panel.inject_foreign(20)
    lost = lose(box, provider, service)
    real_id = accepted_last(box)
    panel.inject_foreign(20)
    send_order(provider, service)
    make_old(lost, first)

    panel.misbehave(Fault.missing_ids, action="status", ids=[real_id, int(real_id) + 1], times=2)
    silent, search = search_for(lost), search_for(lost)

    assert silent.candidates == []
    assert silent.calls == 2
    assert silent.ranges == []
    assert [found["id"] for found in search.candidates] == [real_id]


@pytest.mark.django_db(transaction=True)
def test_a_provider_without_batches_is_searched_one_by_one(box: Sandbox) -> None:
    provider = join(box, "servsmm", overrides={"without": ["multi_status"]})
    service = list_service(provider, pick_service(box.panel("servsmm")))
    send_order(provider, service)
    lost = lose(box, provider, service)
    send_order(provider, service)

    search = search_for(lost)

    assert [found["id"] for found in search.candidates] == [accepted_last_but_one(box)]
    assert all("orders" not in call.params for call in calls_of(box.panel("servsmm"), "status"))


def accepted_last_but_one(box: Sandbox) -> str:
    return str(sorted(order.id for order in box.ledger.orders("servsmm"))[-2])


@pytest.mark.django_db(transaction=True)
def test_a_settled_order_is_not_searched_for(box: Sandbox, account: tuple[Provider, Service]) -> None:
    provider, service = account
    lost = lose(box, provider, service)
    ask_for_search(lost)
    Order.objects.filter(pk=lost.pk).update(status="given_up")

    run_searches(provider)

    search = WindowSearch.objects.get()
    assert search.calls == 0
    assert "resolved" in search.note

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from orders.models import Attempt, Order, OrderEvent, Settlement, WindowSearch
from orders.settlement.adoption import adopt
from orders.settlement.candidates import why_not_fit
from orders.settlement.evidence import evidence
from orders.settlement.id_search import Prober, run_search
from orders.settlement.id_window import Window, chunks_of, is_number, window_of
from orders.settlement.search_jobs import ask_for_search, run_searches, start_due_searches, verdict_on
from providers.client.types import StatusRow
from providers.models import BalanceReading, Provider, Service
from providers.sandbox import Sandbox
from providers.sandbox.faults.faults import Fault
from tests.helpers.at_sandbox import calls_of, join, list_service, pick_service, send_order
from tests.helpers.makers import make_person, make_provider, make_service


def read_balance(box: Sandbox, provider: Provider) -> None:
    """What a sync of the balance leaves behind."""
    balance = box.panel(provider.dialect).balance
    provider.balance, provider.balance_at = balance, timezone.now()
    provider.save(update_fields=["balance", "balance_at"])
    last = BalanceReading.objects.filter(provider=provider).first()
    if last is None or last.balance != balance:
        BalanceReading.objects.create(provider=provider, balance=balance, currency=provider.currency)


def lose(box: Sandbox, provider: Provider, service: Service, **fields: Any) -> Order:
    """An order that the panel accepted and whose reply was lost."""
    box.panel(provider.dialect).misbehave(Fault.reset_after_accept, action="add", times=1)
    order = send_order(provider, service, **fields)
    assert order.status == "unconfirmed"
    return order


def search_for(order: Order) -> WindowSearch:
    ask_for_search(order)
    run_searches(order.provider)
    return WindowSearch.objects.filter(order=order).latest("id")


def accepted_last(box: Sandbox, slug: str = "smmplus") -> str:
    return str(max(order.id for order in box.ledger.orders(slug)))


# --- The whole way


@pytest.mark.django_db(transaction=True)
def test_an_add_whose_reply_is_lost_is_found_among_other_customers_ids_and_adopted_in_one_click(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    panel = box.panel("smmplus")
    read_balance(box, provider)
    send_order(provider, service)
    panel.inject_foreign(130)
    lost = lose(box, provider, service)
    real_id = accepted_last(box)
    panel.inject_foreign(70)
    send_order(provider, service)
    read_balance(box, provider)

    search = search_for(lost)
    verdict = verdict_on(lost, search)

    assert verdict.state == "found"
    assert [found["id"] for found in verdict.fitting] == [real_id]
    assert "the balance moved by this order's price" in verdict.sentence
    assert search.calls == len(calls_of(panel, "status")) <= 4
    assert search.from_id is not None
    assert search.to_id is not None
    assert search.from_id <= int(real_id) <= search.to_id

    calls_before = len(panel.requests)
    made = adopt(lost, external_id=real_id, by=make_person())

    lost.refresh_from_db()
    assert made.state == Settlement.State.DONE
    assert (lost.status, lost.external_id, lost.claim) == ("pending", real_id, None)
    assert lost.charge == box.ledger.orders("smmplus")[1].charge
    assert made.reason == "The search found it."
    assert OrderEvent.objects.filter(order=lost, kind="settled").count() == 1
    # The search had just seen it: the click itself asks nobody.
    assert len(panel.requests) == calls_before
    assert len(calls_of(panel, "add")) == 3


@pytest.mark.django_db(transaction=True)
def test_a_search_starts_by_itself_when_an_order_becomes_unconfirmed(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    send_order(provider, service)
    lost = lose(box, provider, service)

    assert start_due_searches() == [provider.pk]
    assert start_due_searches() == [provider.pk]
    run_searches(provider)

    (search,) = WindowSearch.objects.all()
    assert search.order == lost
    assert search.by is None
    assert [found["id"] for found in search.candidates] == [accepted_last(box)]
    assert start_due_searches() == []


@pytest.mark.django_db(transaction=True)
def test_an_order_that_nobody_accepted_is_not_found_and_absence_is_called_likely(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    send_order(provider, service)
    box.panel("smmplus").misbehave(Fault.reset_before_accept, action="add", times=1)
    lost = send_order(provider, service)
    send_order(provider, service)

    verdict = verdict_on(lost, search_for(lost))

    assert verdict.state == "none"
    assert "likely" in verdict.sentence
    assert "does not prove it" in verdict.sentence


@pytest.mark.django_db(transaction=True)
def test_an_order_that_was_not_found_is_searched_for_once_more_when_it_can_no_longer_come_late(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    send_order(provider, service)
    box.panel("smmplus").misbehave(Fault.reset_before_accept, action="add", times=1)
    lost = send_order(provider, service)
    start_due_searches()
    run_searches(provider)
    assert start_due_searches() == []

    earlier = timezone.now() - timedelta(minutes=10)
    Order.objects.filter(pk=lost.pk).update(claimed_at=earlier)
    WindowSearch.objects.update(at=earlier)
    assert start_due_searches() == [provider.pk]
    run_searches(provider)
    assert WindowSearch.objects.count() == 2
    assert start_due_searches() == []


@pytest.mark.django_db(transaction=True)
def test_children_of_a_drip_feed_are_not_taken_for_the_lost_order(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    panel = box.panel("smmplus")
    send_order(provider, service)
    parent = send_order(provider, service, parameters={"runs": "3", "interval": "1"})
    assert parent.status == "pending"
    panel.misbehave(Fault.reset_before_accept, action="add", times=1)
    lost = send_order(provider, service)
    panel.advance(600)  # the runs get ids of their own now
    later = send_order(provider, service)
    children = [order.id for order in box.ledger.orders("smmplus", children=True) if order.parent]
    assert children
    assert later.external_id is not None
    assert max(children) < int(later.external_id)

    search = search_for(lost)

    assert search.answered == len(children)
    assert search.candidates == []


@pytest.mark.django_db(transaction=True)
def test_an_id_in_the_broken_reply_is_asked_first_and_alone(box: Sandbox, account: tuple[Provider, Service]) -> None:
    provider, service = account
    panel = box.panel("smmplus")
    send_order(provider, service)
    panel.inject_foreign(500)
    panel.misbehave(Fault.php_notice, action="add", times=1)
    lost = send_order(provider, service)
    if lost.status != "unconfirmed":
        pytest.skip("the reader made sense of the notice")

    search = search_for(lost)

    assert search.calls == 1
    assert verdict_on(lost, search).state == "found"


@pytest.mark.django_db(transaction=True)
def test_two_lost_orders_that_fit_the_same_id_are_left_to_a_person(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    send_order(provider, service)
    first = lose(box, provider, service)
    second = lose(box, provider, service)
    send_order(provider, service)

    ask_for_search(first)
    ask_for_search(second)
    run_searches(provider)

    for lost in (first, second):
        verdict = verdict_on(lost, WindowSearch.objects.get(order=lost))
        assert verdict.state == "listed"
        assert len(verdict.fitting) == 2
    # Both together cost no more calls than one of them.
    assert sum(WindowSearch.objects.values_list("calls", flat=True)) <= 2


@pytest.mark.django_db(transaction=True)
def test_an_id_whose_charge_does_not_fit_is_shown_but_not_offered(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    panel = box.panel("smmplus")
    send_order(provider, service)
    panel.receive(
        {
            "key": panel.key,
            "action": "add",
            "service": service.external_id,
            "link": "https://example.com/by-hand",
            "quantity": str((service.min_quantity or 1) * 7),
        }
    )
    panel.misbehave(Fault.reset_before_accept, action="add", times=1)
    lost = send_order(provider, service)
    send_order(provider, service)

    verdict = verdict_on(lost, search_for(lost))

    assert verdict.state == "none"
    (other,) = verdict.others
    assert other["why"] in {"Its charge is not this order's.", "More remains than was ordered."}


@pytest.mark.django_db(transaction=True)
def test_a_provider_that_does_not_answer_ends_the_search_with_its_reason(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    send_order(provider, service)
    lost = lose(box, provider, service)
    box.panel("smmplus").misbehave(Fault.html_500_before_accept, action="status")

    search = search_for(lost)

    assert search.finished_at is not None
    assert search.failure
    assert verdict_on(lost, search).state == "failed"
    assert start_due_searches() == []


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
        # The second search asked nobody: it has the first one's answers, and no more than they say.
        search = WindowSearch.objects.get(order=order)
        assert (search.asked, search.ranges, search.candidates) == (0, [], [])
        assert verdict_on(order, search).sentence.startswith("The provider refused some calls as a whole")

    search = search_for(lost[0])
    assert [found["id"] for found in search.candidates] == real_ids


@pytest.mark.django_db
def test_lost_orders_that_nobody_settles_do_not_keep_the_next_ones_from_being_searched_for(
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
def test_an_id_that_the_answer_leaves_out_is_asked_about_once_more_and_never_ruled_out(
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
    assert "settled" in search.note


# --- The balance


@pytest.mark.django_db(transaction=True)
def test_the_balance_tells_whether_a_lost_order_was_charged(box: Sandbox, account: tuple[Provider, Service]) -> None:
    provider, service = account
    read_balance(box, provider)
    send_order(provider, service)
    lost = lose(box, provider, service)
    send_order(provider, service)
    assert evidence(lost).balance.open == "no_reading"

    read_balance(box, provider)
    move = evidence(lost).balance

    assert move.charged is True
    assert lost.expected_charge is not None
    assert move.others == 2 * lost.expected_charge


@pytest.mark.django_db(transaction=True)
def test_a_balance_that_did_not_move_says_that_nothing_was_charged(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    read_balance(box, provider)
    # Seen once with the figures that such an order moves.
    send_order(provider, service)
    read_balance(box, provider)
    box.panel("smmplus").misbehave(Fault.reset_before_accept, action="add", times=1)
    lost = send_order(provider, service)
    read_balance(box, provider)
    assert BalanceReading.objects.count() == 2

    assert evidence(lost).balance.charged is False


@pytest.mark.django_db(transaction=True)
def test_a_balance_rounded_more_coarsely_than_the_price_proves_nothing(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    read_balance(box, provider)
    box.panel("smmplus").misbehave(Fault.reset_before_accept, action="add", times=1)
    lost = send_order(provider, service)
    read_balance(box, provider)
    BalanceReading.objects.update(balance=100)

    move = evidence(lost).balance
    assert (move.charged, move.open) == (None, "too_small")


@pytest.mark.django_db(transaction=True)
def test_another_lost_order_in_between_leaves_the_balance_open(box: Sandbox, account: tuple[Provider, Service]) -> None:
    provider, service = account
    read_balance(box, provider)
    box.panel("smmplus").misbehave(Fault.reset_before_accept, action="add", times=1)
    lost = send_order(provider, service)
    lose(box, provider, service)
    read_balance(box, provider)

    move = evidence(lost).balance

    assert (move.charged, move.open) == (None, "others_open")


# --- Windows and runs of ids


@pytest.mark.parametrize(
    ("window", "runs", "capped"),
    [
        (Window(100, 106), [range(101, 106)], False),
        (Window(100, 101), [], False),
        (Window(100, 321), [range(101, 201), range(201, 301), range(301, 321)], False),
        (Window(100, None), [range(101, 201), range(201, 301), range(301, 401)], True),
        (Window(None, 1000), [range(700, 800), range(800, 900), range(900, 1000)], True),
        (Window(None, None), [], False),
        (Window(0, 10**12, 5 * 10**11), None, True),
    ],
)
def test_a_window_is_cut_into_runs(window: Window, runs: list[range] | None, capped: bool) -> None:
    found, is_capped = chunks_of(window, size=100, most=3)

    assert is_capped is capped
    assert len(found) <= 3
    if runs is None:
        assert any(10**11 * 5 - 200 <= run.start <= 10**11 * 5 + 200 for run in found)
    elif window.lower is None and window.upper is not None:
        assert found[-1].stop == window.upper
        assert sum(len(run) for run in found) >= 200
    else:
        assert found == runs


def test_what_was_asked_already_is_left_out() -> None:
    found, capped = chunks_of(Window(100, 200), size=10, most=20, done=[[101, 150], [160, 169]])

    assert [number for run in found for number in run] == [*range(151, 160), *range(170, 200)]
    assert not capped


@pytest.mark.parametrize(
    ("text", "yes"), [("23501", True), ("0012", False), ("a1", False), ("١٢", False), ("9" * 30, False)]
)
def test_only_plain_numbers_have_neighbours(text: str, yes: bool) -> None:
    assert is_number(text) is yes


@pytest.mark.django_db
def test_the_window_is_bounded_by_our_own_orders_by_time() -> None:
    provider = make_provider("smmplus")
    now = timezone.now()

    def placed(external_id: str | None, minutes: float, **fields: Any) -> Order:
        at = now + timedelta(minutes=minutes)
        status = "pending" if external_id else "unconfirmed"
        order = Order.objects.create(provider=provider, external_id=external_id, status=status, **fields)
        Attempt.objects.create(
            provider=provider,
            order=order,
            action="add",
            started_at=at,
            finished_at=at + timedelta(seconds=1),
            outcome="accepted" if external_id else "unknown",
            http_status=200,
        )
        return order

    placed("90", -30)
    placed("95", -10)
    lost = placed(None, 0)
    placed("107", 10)
    placed("99", 5, adopted=True)
    placed("111", 20)

    assert window_of(lost, evidence(lost)) == Window(95, 107, 101)
    # Right after a slow call the next order's id may be lower than the lost one's.
    assert window_of(lost, evidence(lost), slack=timedelta(minutes=15)).upper == 111


@pytest.mark.django_db
def test_orders_without_tries_bound_a_window_by_when_they_were_made() -> None:
    provider = make_provider("smmplus")
    now = timezone.now()
    Order.objects.create(provider=provider, external_id="50", status="pending", created_at=now - timedelta(hours=1))
    lost = Order.objects.create(provider=provider, status="unconfirmed", claimed_at=now - timedelta(minutes=30))
    Order.objects.create(provider=provider, external_id="60", status="pending", created_at=now)

    window = window_of(lost, evidence(lost))
    assert (window.lower, window.upper) == (50, 60)


@pytest.mark.django_db
def test_no_order_of_ours_means_no_place_to_look() -> None:
    lost = Order.objects.create(provider=make_provider("smmplus"), status="unconfirmed", claimed_at=timezone.now())

    search = run_search(WindowSearch.objects.create(order=lost), Prober(lost.provider))

    assert search.finished_at is not None
    assert search.calls == 0
    assert "no place to look" in search.note


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("row", "fits"),
    [
        (StatusRow("pending", "Pending", charge=Decimal("0.90"), remains=1000), True),
        (StatusRow("pending", "Pending", charge=Decimal("0.9004"), remains=1000), True),
        (StatusRow("pending", "Pending"), True),
        (StatusRow("pending", "Pending", charge=Decimal("0.80")), False),
        (StatusRow("canceled", "Canceled", charge=Decimal(0)), True),
        (StatusRow("canceled", "Canceled", charge=Decimal("5")), False),
        (StatusRow("pending", "Pending", charge=Decimal("0.90"), remains=1001), False),
        (StatusRow("completed", "Completed", charge=Decimal("0.90"), remains=-3), True),
        (StatusRow("pending", "Pending", charge=Decimal("0.90"), currency="TRY"), False),
    ],
)
def test_a_candidate_fits_by_charge_remains_and_currency(row: StatusRow, fits: bool) -> None:
    provider = make_provider("smmplus")
    lost = Order(
        provider=provider,
        service=make_service(provider),
        quantity=1000,
        billed_quantity=1000,
        expected_charge=Decimal("0.90"),
    )

    assert (why_not_fit(lost, row) == "") is fits

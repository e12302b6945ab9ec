"""Orders, refills, cancels, products and settlements through random faults: after every step the books agree.

The faults are the sandbox's, those of an account's money too: balances that are rounded or late, hidden top-ups, a
second user, refunds of the same amount. Being killed is a record that is never written, or late, beside other calls.
"""

from __future__ import annotations

import os
import sys
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import User
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from orders.aftercare.services import request_cancels, request_refills, withdraw_request
from orders.models import BalanceCheck, Order, ProductOrder, Refill, WindowSearch
from orders.placement.services import withdraw_order
from orders.polling import services as polling_services
from orders.polling.subjects import ORDERS as TRACKED_ORDERS
from orders.polling.subjects import REFILLS as TRACKED_REFILLS
from orders.settlement import balance_checks, search_jobs
from orders.settlement import services as settlement_services
from orders.settlement.adoption import adopt
from orders.settlement.evidence import evidence
from orders.settlement.id_confirmation import confirm, due_adoptions
from orders.settlement.services import CannotSettle
from orders.submission import records, sweeper
from orders.submission import services as submission_services
from orders.submission.call_types import CALL_TYPES
from providers.accounts.balances import sync_balance
from providers.client.errors import ProviderError
from providers.models import Provider, Service
from providers.sandbox import Sandbox
from providers.sandbox.faults.faults import Fault
from tests.helpers.at_sandbox import join, list_service, pick_service, queue_order
from tests.helpers.conservation import check_conservation
from tests.helpers.makers import make_product, set_limits
from tests.helpers.time_passing import pass_time

pytestmark = pytest.mark.long

FEW = 10
EXAMPLES = int(os.environ.get("PANELHUB_EXAMPLES", FEW))

# Everything a paid call can meet that does not take seconds; nothing here is distinguished by the hub's own code.
FAULTS = [
    Fault.close_before_reading, Fault.close_before_accept, Fault.reset_before_accept, Fault.close_after_accept,
    Fault.reset_after_accept, Fault.reset_in_body, Fault.json_500_before_accept, Fault.json_500_after_accept,
    Fault.html_502_before_accept, Fault.html_502_after_accept, Fault.redirect_302, Fault.redirect_307,
    Fault.empty_body, Fault.html_200, Fault.cut_body, Fault.cut_body_wrong_length, Fault.php_notice,
    Fault.byte_order_mark, Fault.null_body, Fault.not_a_number, Fault.id_as_string, Fault.id_null, Fault.id_zero,
    Fault.id_beside_error, Fault.no_id_no_error, Fault.unknown_error_after_accept, Fault.rate_limited,
    Fault.rate_limited_text, Fault.bad_key, Fault.no_funds, Fault.maintenance, Fault.refused, Fault.refused_400,
    Fault.made_after_accept, Fault.unlisted_after_accept, Fault.unlisted,
]  # fmt: skip
# A refill or a cancel of zero is read as a refusal, so a panel that means "accepted" by it is not survived.
ONLY_BOUGHT = {Fault.id_zero, Fault.made_after_accept, Fault.unlisted_after_accept, Fault.unlisted}
BATCH_FAULTS = [fault for fault in FAULTS if fault not in ONLY_BOUGHT]
BATCH_FAULTS += [Fault.missing_ids, Fault.extra_ids, Fault.wrong_container]


def some_fault(faults: Sequence[Fault]) -> st.SearchStrategy[Fault | None]:
    """None, one that loses the answer of a call that was taken, or any of them."""
    return st.none() | st.sampled_from([fault for fault in faults if fault.accepts]) | st.sampled_from(faults)


SLUGS = ("standard", "smmvna")
# How a panel shows its balance: the fault, and seconds of the panel's time by which charges are late.
BALANCES: list[tuple[Fault | None, float | None]] = [
    (None, None), (None, None), (Fault.balance_rounded, None), (Fault.balance_lags, 240.0),
    (Fault.balance_lags, 900.0), (Fault.balance_lags, 1800.0), (Fault.balance_lags, 5400.0),
]  # fmt: skip
# What moves the money besides: not what the hub has done.
MONEY = [Fault.hidden_top_up, Fault.second_user, Fault.refund_of_same_amount]
READINGS = (1.0, 10.0, 11.0)
TALLY: Counter[str] = Counter()


class Killed(BaseException):
    """The process ends here."""


class Hub(RuleBasedStateMachine):
    """Two accounts at a sandbox of their own: one panel does everything in batches, the other sells products."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.box: Sandbox = self.stack.enter_context(Sandbox(only=SLUGS))
        # No one sits out the minute after a rate limit in a test.
        self.stack.enter_context(patch("providers.calls.circuit_breaker.RATE_LIMIT_PAUSE", 0.01))
        self.lost_records: list[Callable[[], object]] = []
        self.number = 0
        self.shown: list[tuple[Fault | None, float | None]] = [(None, None)] * len(SLUGS)

    def teardown(self) -> None:
        if hasattr(self, "providers"):
            states = BalanceCheck.objects.filter(provider__in=self.providers).values_list("state", flat=True)
            TALLY.update(states)
        self.stack.close()

    @initialize(shown=st.lists(st.sampled_from(BALANCES), min_size=len(SLUGS), max_size=len(SLUGS)))
    def open_accounts(self, shown: list[tuple[Fault | None, float | None]]) -> None:
        self.shown = shown
        name = uuid.uuid4().hex[:8]
        self.person = User.objects.create(username=name)
        set_limits(self.person)
        self.providers = [join(self.box, slug, name=f"{slug} {name}", refill_pause_hours=0) for slug in SLUGS]
        self.services = []
        for provider in self.providers:
            panel = self.box.panel(provider.dialect)
            panel.balance = 10_000_000
            wanted: dict[str, Any] = {"cancel": True} if provider.dialect == "standard" else {}
            offered = pick_service(panel, refill=True, **wanted)
            self.services.append(list_service(provider, offered))
        shop = self.box.panel("smmvna").shop.products.values()
        goods = next(one for one in shop if one.is_available and one.inventory is None)
        self.product = make_product(self.providers[1], external_id=str(goods.id), rate=goods.rate)
        self.pieces = goods.minimum
        for which, provider in enumerate(self.providers):
            self.beset(which)
            sync_balance(provider)
        self.order(0, 3, None)
        self.order(1, 2, None)

    # --- What people do

    @rule(which=st.sampled_from([0, 1]), count=st.integers(1, 4), fault=some_fault(FAULTS))
    def order(self, which: int, count: int, fault: Fault | None) -> None:
        for _ in range(count):
            self.number += 1
            queue_order(self.services[which], number=self.number, created_by=self.person)
        self.send(fault, "add", which)

    @rule(
        which=st.sampled_from([0, 1]),
        fault=st.sampled_from([None, None, Fault.unlisted, Fault.unlisted, Fault.unlisted_after_accept]),
    )
    def order_alone(self, which: int, fault: Fault | None) -> None:
        """A single order with readings of the balance before and after, as on a day when little happens."""
        self.read_balances()
        self.wait(3.0)
        self.order(which, 1, fault)
        self.wait(4.0)
        self.read_balances()

    @rule(count=st.integers(1, 3), fault=some_fault(FAULTS))
    def order_products(self, count: int, fault: Fault | None) -> None:
        for _ in range(count):
            self.number += 1
            ProductOrder.objects.create(
                provider=self.providers[1],
                product=self.product,
                quantity=self.pieces,
                require=f"buyer {self.number}",
                expected_charge=self.product.rate * self.pieces,
                created_by=self.person,
            )
        self.send(fault, "add_product_order", 1)

    @rule(which=st.sampled_from([0, 1]), fault=some_fault(BATCH_FAULTS))
    def refill_everything(self, which: int, fault: Fault | None) -> None:
        self.let_time_pass(hours=200.0)
        self.look_after()
        request_refills(self.orders(), by=self.person)
        self.send(fault, "refill", which)

    @rule(fault=some_fault(BATCH_FAULTS))
    def cancel_everything(self, fault: Fault | None) -> None:
        request_cancels(self.orders(), by=self.person)
        self.send(fault, "cancel", 0)

    @rule(pick=st.randoms(use_true_random=False))
    def take_something_back(self, pick: Any) -> None:
        queued = [*self.orders().filter(status="queued"), *self.refills().filter(status="queued")]
        if queued:
            row = pick.choice(queued)
            if isinstance(row, Order):
                withdraw_order(row, by=self.person)
            else:
                withdraw_request(row, by=self.person)

    @rule(
        pick=st.randoms(use_true_random=False),
        way=st.sampled_from(
            [settlement_services.send_again, settlement_services.mark_not_placed, settlement_services.close_as_unknown]
        ),
    )
    def settle_half(self, pick: Any, way: Callable[..., Any]) -> None:
        self.let_time_pass(hours=0.1)
        for kind in CALL_TYPES:
            for row in self.rows(kind).filter(status="unconfirmed"):
                if pick.random() < 0.5:
                    with suppress(CannotSettle):
                        way(row, by=self.person, reason="decided")

    @rule()
    def search_and_adopt(self) -> None:
        search_jobs.start_due_searches()
        for provider in self.providers:
            search_jobs.run_searches(provider)
        for order in self.orders().filter(status="unconfirmed").select_related("provider", "service__provider"):
            search = WindowSearch.objects.filter(order=order).first()
            verdict = search_jobs.verdict_on(order, search, evidence(order))
            chosen = [found["id"] for found in verdict.fitting]
            if verdict.state == "listed":
                # A person who has to choose looks at the panel's own page first.
                panel = self.box.panel(order.provider.dialect)
                chosen = [one for one in chosen if panel.orders[int(one)].link == order.link]
            if chosen:
                with suppress(CannotSettle):
                    adopt(order, external_id=chosen[0], by=self.person, reason=verdict.sentence)
        for pk in due_adoptions():
            confirm(pk)

    # --- What the world and the background do

    @rule(hours=st.sampled_from([0.1, 2.0, 200.0]))
    def let_time_pass(self, hours: float) -> None:
        """Panels get on with their work; the hub's pauses, breaks and waits are over; old calls are past the margin."""
        self.wait(hours * 60)
        keys = [provider.pk for provider in self.providers]
        Provider.objects.filter(pk__in=keys).update(breaker_until=None, pause_kind="", paid_failures=0)
        Service.objects.filter(provider__in=keys, hold_reason="refused").update(hold_reason="")
        for kind in CALL_TYPES:
            self.rows(kind).filter(not_before__isnull=False).update(not_before=None)

    def wait(self, minutes: float) -> None:
        """The clocks of panels and hub go on together."""
        for provider in self.providers:
            self.box.panel(provider.dialect).advance(minutes * 60)
        pass_time(minutes, self.providers)

    def read_balances(self) -> None:
        for provider in self.providers:
            with suppress(ProviderError):
                sync_balance(provider)

    def beset(self, which: int, fault: Fault | None = None, *, action: str = "", times: int | None = 1) -> None:
        """Only this fault meets a panel from now on, beside the way in which it shows its balance."""
        panel = self.box.panel(SLUGS[which])
        panel.behave()
        if fault is not None:
            panel.misbehave(fault, action=action or None, times=times)
        way, seconds = self.shown[which]
        if way is not None:
            panel.misbehave(way, action="balance", seconds=seconds)

    @rule(which=st.sampled_from([0, 1]), action=st.sampled_from(["status", "refill_status", "balance"]))
    def look_after(self, which: int = 0, action: str = "") -> None:
        """Balances and states are read, once in a while without an answer."""
        if action:
            self.beset(which, Fault.html_500_before_accept, action=action)
        self.read_balances()
        for provider in self.providers:
            for tracked in (TRACKED_ORDERS, TRACKED_REFILLS):
                polling_services.sync_now(tracked, provider)

    @rule(which=st.sampled_from([0, 1]), fault=st.sampled_from(MONEY), action=st.sampled_from(["status", "balance"]))
    def money_moves(self, which: int, fault: Fault, action: str) -> None:
        """Money comes or goes, and the hub may not have seen it when something else happens."""
        self.beset(which, fault, action=action)

    def send(self, fault: Fault | None, action: str, which: int) -> None:
        """Everything queued goes out; the first calls of ``action`` meet the fault."""
        if fault is not None:
            self.beset(which, fault, action=action, times=1 + self.number % 2)
        for provider in self.providers:
            submission_services.send_due(provider)
        if fault is not None:
            self.beset(which)

    @rule(which=st.sampled_from([0, 1]), before_the_call=st.booleans())
    def be_killed_while_sending(self, which: int, before_the_call: bool) -> None:
        """A claim without a call, or a call whose outcome is not written down; that may still happen, late."""
        self.number += 1
        queue_order(self.services[which], number=self.number, created_by=self.person)
        target = (
            "orders.submission.services.still_ours" if before_the_call else "orders.submission.services.records.record"
        )
        for provider in self.providers:
            with patch(target, side_effect=self._die), suppress(Killed):
                submission_services.send_due(provider)

    def _die(self, *args: Any, **kwargs: Any) -> None:
        if kwargs:
            self.lost_records.append(lambda: records.record(*args, **kwargs))
        raise Killed

    @rule()
    def check_balances(self) -> None:
        """What was refused in unlisted words is held against the balance: nothing that was bought may be rejected."""
        for minutes in READINGS:
            self.wait(minutes)
            for provider in self.providers:
                balance_checks.run_checks(provider)

    @rule()
    def write_down_late(self) -> None:
        for late in self.lost_records:
            late()
        self.lost_records.clear()

    @rule()
    def sweep(self) -> None:
        self.let_time_pass(hours=0.1)
        sweeper.sweep()

    # --- What holds after every step

    @invariant()
    def books_agree(self) -> None:
        if hasattr(self, "providers"):
            assert check_conservation(self.box.ledger, self.providers) == []

    @invariant()
    def no_id_is_on_two_orders(self) -> None:
        if hasattr(self, "providers"):
            ids = list(self.orders().filter(external_id__isnull=False).values_list("provider_id", "external_id"))
            assert len(ids) == len(set(ids))

    def rows(self, kind: Any) -> Any:
        return kind.model.objects.filter(**{f"{kind.provider_path}__in": self.providers})

    def orders(self) -> Any:
        return Order.objects.filter(provider__in=self.providers)

    def refills(self) -> Any:
        return Refill.objects.filter(order__provider__in=self.providers)


@pytest.mark.django_db(transaction=True)
def test_books_agree_after_every_step_through_random_faults() -> None:
    run_state_machine_as_test(
        Hub,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=30,
            deadline=None,
            # The same walk every time, so that no one's change fails for someone else's bug; more are new ones.
            derandomize=EXAMPLES == FEW,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print("unlisted refusals by the result of their check:", dict(TALLY), file=sys.stderr)

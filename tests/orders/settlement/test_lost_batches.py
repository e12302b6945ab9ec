"""One lost reply of a batch: its rows are checked, shown and settled together, with one reason."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.models import Attempt, Cancellation, Order, Refill, Settlement
from orders.roles import ROLES
from orders.settlement import lost_batches
from orders.settlement import services as settlement_services
from orders.settlement.tasks import check_lost_batch
from panelhub.models import AuditEvent
from providers.models import Provider
from providers.sandbox import Sandbox
from tests.helpers.at_sandbox import join, make_completed
from tests.helpers.makers import grant, make_person, make_provider, make_service

pytestmark = pytest.mark.django_db
MODELS: dict[str, Any] = {"refill": Refill, "cancellation": Cancellation}
LONG_AGO = timedelta(minutes=10)


def lose_batch(provider: Provider, slug: str, count: int, *, orders: list[Order] | None = None) -> uuid.UUID:
    """Return so many rows whose one call had no reply."""
    call, at = uuid.uuid4(), timezone.now() - LONG_AGO
    service = make_service(provider)
    orders = orders or [
        Order.objects.create(
            provider=provider, service=service, external_id=f"{call.hex[:6]}{n}", status="in_progress", tier=1
        )
        for n in range(count)
    ]
    for order in orders:
        row = MODELS[slug].objects.create(
            order=order, status="unconfirmed", claim=call, claimed_at=at, error="the connection was reset"
        )
        Attempt.objects.create(
            call=call, provider=provider, action=slug, started_at=at, finished_at=at, outcome="unknown", **{slug: row}
        )
    return call


@pytest.fixture
def manager() -> Any:
    return make_person(*ROLES["manager"])


@pytest.fixture
def as_manager(manager: Any) -> Client:
    client = Client()
    client.force_login(manager, backend="panelhub.security.backends.RoleBackend")
    return client


def page_of(slug: str, call: uuid.UUID) -> str:
    return reverse("orders:settle_batch", args=[slug, call])


@pytest.mark.parametrize("slug", ["refill", "cancellation"])
@pytest.mark.parametrize(
    ("way", "refill_status", "cancel_status"),
    [
        ("accepted", "pending", "accepted"),
        ("not_placed", "refused", "refused"),
        ("give_up", "given_up", "given_up"),
        ("send_again", "queued", "queued"),
    ],
)
def test_a_hundred_rows_are_settled_with_one_reason(
    as_manager: Client, slug: str, way: str, refill_status: str, cancel_status: str
) -> None:
    call = lose_batch(make_provider("smmplus"), slug, 100)
    rows = MODELS[slug].objects.filter(claim=call)
    keys = list(rows.values_list("pk", flat=True))

    answer = as_manager.post(page_of(slug, call), {"row": keys, "way": way, "reason": "the panel's support said so"})

    assert answer.status_code == 302
    wanted = refill_status if slug == "refill" else cancel_status
    assert set(MODELS[slug].objects.filter(pk__in=keys).values_list("status", flat=True)) == {wanted}
    assert Settlement.objects.filter(reason="the panel's support said so").count() == 100
    assert AuditEvent.objects.filter(action=f"{slug}.settled").count() == 100


def test_what_is_not_chosen_stays_as_it_is(as_manager: Client) -> None:
    call = lose_batch(make_provider("smmplus"), "cancellation", 5)
    first, second, *rest = Cancellation.objects.filter(claim=call).order_by("pk")

    as_manager.post(page_of("cancellation", call), {"row": [first.pk, second.pk], "way": "accepted", "reason": "seen"})

    assert set(Cancellation.objects.filter(pk__in=[row.pk for row in rest]).values_list("status", flat=True)) == {
        "unconfirmed"
    }
    assert Settlement.objects.count() == 2


def test_a_row_that_someone_settled_meanwhile_is_left_out_and_named(as_manager: Client, manager: Any) -> None:
    call = lose_batch(make_provider("smmplus"), "cancellation", 3)
    rows = list(Cancellation.objects.filter(claim=call).order_by("pk"))
    settlement_services.close_as_unknown(
        rows[0], by=manager, reason="No call was made yet, or its record has been removed"
    )

    answer = as_manager.post(
        page_of("cancellation", call),
        {"row": [row.pk for row in rows], "way": "accepted", "reason": "seen"},
        follow=True,
    )

    assert "1 were already resolved by another person" in answer.content.decode()
    statuses = Cancellation.objects.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == ["given_up", "accepted", "accepted"]


def test_two_people_at_once_settle_each_row_once(manager: Any) -> None:
    call = lose_batch(make_provider("smmplus"), "refill", 3)
    rows = list(lost_batches.rows_of_call(manager, "refill", call))

    first = lost_batches.settle_together(rows, decide=settlement_services.close_as_unknown, by=manager, reason="one")
    second = lost_batches.settle_together(rows, decide=settlement_services.mark_not_placed, by=manager, reason="two")

    assert (len(first.rows), len(second.rows), sum(second.skipped.values())) == (3, 0, 3)
    assert set(Refill.objects.values_list("status", flat=True)) == {"given_up"}


@pytest.mark.parametrize(
    "posted",
    [
        {"way": "accepted", "reason": "r"},
        {"way": "", "reason": "r", "row": "all"},
        {"way": "adopt", "reason": "r", "row": "all"},
        {"way": "accepted", "reason": " ", "row": "all"},
        {"way": "accepted", "reason": "r", "row": "foreign"},
    ],
)
def test_without_rows_a_way_or_a_reason_nothing_happens(as_manager: Client, posted: dict[str, Any]) -> None:
    call = lose_batch(make_provider("smmplus"), "cancellation", 2)
    other = lose_batch(make_provider("smmplus"), "cancellation", 1)
    keys = {"all": call, "foreign": other}
    if "row" in posted:
        posted = posted | {
            "row": list(Cancellation.objects.filter(claim=keys[posted["row"]]).values_list("pk", flat=True))
        }

    as_manager.post(page_of("cancellation", call), posted)

    assert set(Cancellation.objects.values_list("status", flat=True)) == {"unconfirmed"}


def test_only_who_may_settle_settles_and_only_at_providers_they_see() -> None:
    provider = make_provider("smmplus")
    call = lose_batch(provider, "cancellation", 2)
    reader, elsewhere = make_person(*ROLES["viewer"]), make_person(*ROLES["manager"])
    grant(elsewhere, make_provider("smmplus"))
    keys = list(Cancellation.objects.values_list("pk", flat=True))
    for person in (reader, elsewhere):
        client = Client()
        client.force_login(person, backend="panelhub.security.backends.RoleBackend")
        client.post(page_of("cancellation", call), {"row": keys, "way": "give_up", "reason": "r"})
        client.post(reverse("orders:check_batch", args=["cancellation", call]))

    assert set(Cancellation.objects.values_list("status", flat=True)) == {"unconfirmed"}
    assert not AuditEvent.objects.filter(action="batch.checked").exists()


def test_the_list_offers_to_settle_a_batch_together(as_manager: Client) -> None:
    call = lose_batch(make_provider("smmplus"), "cancellation", 7)
    alone = lose_batch(make_provider("smmplus"), "refill", 1)

    page = as_manager.get(reverse("orders:unconfirmed")).content.decode()

    assert page_of("cancellation", call) in page
    assert page_of("refill", alone) not in page


@pytest.mark.parametrize("slug", ["order", "product_order", "nonsense"])
def test_what_is_never_sent_in_batches_has_no_such_page(as_manager: Client, slug: str) -> None:
    assert as_manager.get(page_of(slug, uuid.uuid4())).status_code == 404


def test_a_batch_that_is_settled_leads_back_to_the_list(as_manager: Client) -> None:
    assert as_manager.get(page_of("refill", uuid.uuid4()))["Location"] == reverse("orders:unconfirmed")


def test_the_orders_of_a_batch_are_checked_in_one_call_and_what_they_say_is_shown(
    box: Sandbox, as_manager: Client
) -> None:
    provider, panel = join(box, "smmplus"), box.panel("smmplus")
    orders = make_completed(box, provider, 5)
    call = lose_batch(provider, "cancellation", 5, orders=orders)
    Order.objects.filter(pk=orders[0].pk).update(status="canceled", moved_at=timezone.now())
    Order.objects.filter(pk__in=[order.pk for order in orders[1:]]).update(status="in_progress")
    panel.requests.clear()

    check_lost_batch(str(call))

    assert [request.action for request in panel.requests].count("status") == 1
    page = as_manager.get(page_of("cancellation", call)).content.decode()
    assert "Completed" in page


def test_whoever_sees_no_costs_reads_the_words_of_a_batch_without_amounts() -> None:
    call = lose_batch(make_provider("smmplus"), "refill", 1)
    Refill.objects.update(error="Taken from your balance: $12.50")

    def words_for(*rights: str) -> str:
        person = make_person("orders.view_order", *rights)
        rows = list(lost_batches.rows_of_call(person, "refill", call))
        return str(lost_batches.context_of(rows, slug="refill", user=person)["words"])

    assert words_for() == "Taken from your balance: …"
    assert words_for("orders.view_cost") == "Taken from your balance: $12.50"

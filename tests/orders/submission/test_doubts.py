"""Duplicates after an earlier unknown try, and the same unlisted refusal for several orders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from orders.models import Attempt, BalanceCheck, Cancellation, Order, Refill
from orders.settlement import services as settlement_services
from orders.submission import services as submission_services
from orders.submission.doubts import compare_words
from providers.accounts.balances import sync_balance
from providers.models import Provider, Service
from tests.helpers.makers import make_service
from tests.providers.panels import PlainPanel

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

pytestmark = pytest.mark.django_db

ACTIVE = "You have active order with this link. Please wait until order being completed."
UNLISTED = "Yönetici ile iletişime geçin (17)"


@pytest.fixture
def plain(httpserver: HTTPServer) -> PlainPanel:
    return PlainPanel(httpserver)


@pytest.fixture
def provider(plain: PlainPanel) -> Provider:
    return plain.make_provider()


def queue(service: Service, number: int = 1, **fields: Any) -> Order:
    link = fields.pop("link", f"https://example.com/p/{number}")
    return Order.objects.create(provider=service.provider, service=service, link=link, quantity=100, **fields)


def let_margin_pass(row: Any) -> None:
    for model in (type(row), Attempt):
        name = "claimed_at" if model is type(row) else "started_at"
        model.objects.update(**{name: "2026-01-01T00:00:00Z"})


def test_a_duplicate_refusal_after_an_unknown_try_says_that_try_was_accepted(
    plain: PlainPanel, provider: Provider, admin_user: Any
) -> None:
    order = queue(make_service(provider))
    plain.answers["add"] = {}
    submission_services.send_due(provider)
    let_margin_pass(order)
    order.refresh_from_db()
    settlement_services.send_again(order, by=admin_user, reason="it seems lost")
    plain.answers["add"] = {"error": ACTIVE}

    submission_services.send_due(provider)

    order.refresh_from_db()
    assert order.status == "unconfirmed"
    assert ACTIVE in order.error
    assert "probably accepted" in order.error
    assert list(order.attempts.order_by("id").values_list("outcome", flat=True)) == ["unknown", "unknown"]


@pytest.mark.parametrize("words", [ACTIVE, "neworder.error.link_duplicate", "Bad link"])
def test_without_an_earlier_try_a_duplicate_is_a_plain_refusal(
    plain: PlainPanel, provider: Provider, words: str
) -> None:
    order = queue(make_service(provider))
    plain.answers["add"] = {"error": words}

    submission_services.send_due(provider)

    order.refresh_from_db()
    assert (order.status, order.error) == ("rejected", words)


def test_a_duplicate_mentions_an_unconfirmed_order_for_the_same_link(plain: PlainPanel, provider: Provider) -> None:
    service = make_service(provider)
    first = queue(service, link="https://example.com/same")
    plain.answers["add"] = {}
    submission_services.send_due(provider)
    second = queue(service, link="https://example.com/same")
    other = queue(service, link="https://example.com/other", status="unconfirmed")
    plain.answers["add"] = {"error": ACTIVE}

    submission_services.send_due(provider)

    second.refresh_from_db()
    assert second.status == "rejected"
    assert f"#{second.pk}" in first.events.get(kind="note").words
    assert not other.events.filter(kind="note").exists()


def test_a_refill_that_was_requested_already(plain: PlainPanel, provider: Provider, admin_user: Any) -> None:
    order = queue(make_service(provider), status="completed", external_id="7")
    for model, action, words in (
        (Refill, "refill", "Refill already requested"),
        (Cancellation, "cancel", [{"order": 7, "cancel": {"error": "Cancel request already sent"}}]),
    ):
        row = model.objects.create(order=order)
        plain.answers[action] = {}
        submission_services.send_due(provider)
        let_margin_pass(row)
        row.refresh_from_db()
        settlement_services.send_again(row, by=admin_user, reason="it seems lost")
        plain.answers[action] = words if isinstance(words, list) else {"error": words}

        submission_services.send_due(provider)

        row.refresh_from_db()
        assert row.status == "unconfirmed", action


# --- The same refusal again and again ---------------------------------------------------------------------------------


def counts(provider: Provider) -> dict[str, int]:
    orders = Order.objects.filter(provider=provider)
    return {status: orders.filter(status=status).count() for status in ("unconfirmed", "queued", "rejected", "pending")}


def send_all(provider: Provider) -> None:
    """What the background does, without its breaks between failures."""
    for _ in range(10):
        Provider.objects.filter(pk=provider.pk).update(breaker_until=None)
        submission_services.send_due(provider)


def test_the_same_unlisted_refusal_for_different_orders_pauses_the_provider(
    plain: PlainPanel, provider: Provider
) -> None:
    services = [make_service(provider, external_id=str(number)) for number in (1, 2)]
    for number in range(25):
        queue(services[number % 2], number)
    plain.answers["add"] = {"error": UNLISTED}

    send_all(provider)

    provider.refresh_from_db()
    assert (provider.pause_kind, provider.pause_text) == ("same_refusal", UNLISTED)
    assert counts(provider) == {"unconfirmed": 3, "queued": 22, "rejected": 0, "pending": 0}
    assert BalanceCheck.objects.count() == 3
    # A good balance says nothing about it: only a person ends this pause.
    sync_balance(provider)
    send_all(provider)
    assert plain.actions().count("add") == 3


def test_refusals_of_one_service_hold_that_service_alone(plain: PlainPanel, provider: Provider) -> None:
    bad, good = (make_service(provider, external_id=number) for number in ("1", "2"))
    for number in range(6):
        queue(bad, number)
    plain.answers["add"] = lambda asked: (
        {"error": UNLISTED} if asked["service"] == "1" else {"order": asked["link"][-1]}
    )

    send_all(provider)
    queue(good, 8)
    send_all(provider)

    provider.refresh_from_db()
    bad.refresh_from_db()
    assert (provider.pause_kind, bad.hold_reason) == ("", "refused")
    assert counts(provider) == {"unconfirmed": 3, "queued": 3, "rejected": 0, "pending": 1}
    Service.objects.filter(pk=bad.pk).update(hold_reason="")
    plain.answers["add"] = lambda asked: {"order": f"9{asked['link'][-1]}"}
    send_all(provider)
    assert counts(provider) == {"unconfirmed": 3, "queued": 0, "rejected": 0, "pending": 4}


@pytest.mark.parametrize("words", ["Bad link", "Quantity less than minimal 10", "comments is required", ACTIVE])
def test_listed_refusals_pause_and_hold_nothing(plain: PlainPanel, provider: Provider, words: str) -> None:
    services = [make_service(provider, external_id=str(number)) for number in (1, 2)]
    for number in range(8):
        queue(services[number % 2], number)
    plain.answers["add"] = {"error": words}

    send_all(provider)

    provider.refresh_from_db()
    assert provider.pause_kind == ""
    assert counts(provider)["rejected"] == 8
    assert not Service.objects.exclude(hold_reason="").exists()


def test_refusals_for_one_link_pause_nothing(plain: PlainPanel, provider: Provider) -> None:
    for number in range(4):
        queue(make_service(provider, external_id=str(number)), link="https://example.com/private")
    plain.answers["add"] = {"error": UNLISTED}

    send_all(provider)

    provider.refresh_from_db()
    assert provider.pause_kind == ""


def test_an_order_that_is_accepted_in_between_starts_the_count_again(plain: PlainPanel, provider: Provider) -> None:
    services = [make_service(provider, external_id=str(number)) for number in (1, 2)]
    ids = iter(range(1, 100))
    for number in range(6):
        refused = number % 3 != 2
        plain.answers["add"] = {"error": UNLISTED} if refused else {"order": next(ids)}
        queue(services[number % 2], number)
        send_all(provider)

    provider.refresh_from_db()
    assert provider.pause_kind == ""
    assert counts(provider) == {"unconfirmed": 4, "queued": 0, "rejected": 0, "pending": 2}


def test_refusals_are_compared_without_figures_and_without_the_link() -> None:
    one, other = Order(link="https://example.com/p/1"), Order(link="https://example.com/other")

    assert compare_words("Rejected https://example.com/p/1 (no 17)", one) == compare_words(
        "rejected  https://example.com/other (no 4711)", other
    )
    assert compare_words("Rejected", one) != compare_words("Denied", one)

"""Lists that look wrong and prices that jumped, and who may decide about them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.roles import ROLES
from panelhub.models import AuditEvent
from providers.catalogue.seen_prices import mark_of_price, mark_of_prices
from providers.models import CatalogueHold, Service, ServiceChange
from tests.helpers.makers import (
    grant,
    make_person,
    make_provider,
    make_service,
)
from tests.helpers.pages import log_in, text_of

pytestmark = pytest.mark.django_db
HELD = reverse("providers:held")
ACCEPT = reverse("providers:accept_prices")
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def browser(manager: Any) -> Client:
    return log_in(manager)


def make_hold(provider: Any, **fields: Any) -> CatalogueHold:
    plain = {
        "kind": "halved",
        "body_hash": "a" * 64,
        "reason": "612 of 1,200 services are missing.",
        "listed": 588,
        "known": 1200,
        "details": {
            "gone": 612,
            "appeared": 0,
            "changed": 3,
            "renamed": 1,
            "gone_examples": [f"17 · Gone {HOSTILE}"],
            "appeared_examples": [],
            "renamed_examples": ["Old name → New name"],
        },
    }
    return CatalogueHold.objects.create(provider=provider, **(plain | fields))


def make_jump(provider: Any, **fields: Any) -> Service:
    plain = {"hold_reason": "price_jump", "rate": Decimal("3"), "accepted_rate": Decimal("1.5")}
    return make_service(provider, **(plain | fields))


def seen_on(browser: Client, service: Service) -> str:
    """Return what the page would post for ``service``."""
    found = re.search(rf'value="({service.pk}:[^"]+)"', browser.get(HELD).content.decode())
    assert found
    return found[1]


def all_seen_on(browser: Client, **query: Any) -> str:
    """Return what the page would post with the button for all."""
    found = re.search(r'name="seen" value="([0-9a-f]+)"', browser.get(HELD, query).content.decode())
    assert found
    return found[1]


def test_a_held_list_is_shown_with_what_it_would_change(browser: Client) -> None:
    hold = make_hold(make_provider(name="North"))

    page = text_of(browser.get(HELD))

    for shown in ("North", hold.reason, "588", "1,200", "612", "17 · Gone", "Old name → New name"):
        assert shown in page
    assert HOSTILE not in page


@pytest.mark.parametrize("details", [{}, [], "nonsense", {"gone": "many", "gone_examples": 3}])
def test_details_of_another_shape_do_not_break_the_page(browser: Client, details: Any) -> None:
    make_hold(make_provider(), details=details)

    assert browser.get(HELD).status_code == 200


def test_a_list_is_accepted_with_a_line_in_the_record_and_the_sync_is_queued(
    browser: Client, manager: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    notified: list[Any] = []
    monkeypatch.setattr("providers.catalogue.holds.notify_worker", lambda *args, **options: notified.append(args))
    hold = make_hold(make_provider(name="North"))
    url = reverse("providers:decide_hold", args=[hold.pk])

    for _ in range(2):
        assert browser.post(url, {"way": "accept"}).status_code == 302
    hold.refresh_from_db()

    assert hold.accepted_by == manager
    assert notified == [("providers.tasks.sync_services", hold.provider_id)]
    assert AuditEvent.objects.filter(action="catalogue.accepted", actor=manager).count() == 1
    page = text_of(browser.get(HELD))
    assert f"accepted by {manager.get_username()}" in page
    assert "data-live" in page


def test_a_list_is_thrown_away_once(browser: Client, manager: Any) -> None:
    provider = make_provider(name="North")
    hold = make_hold(provider)
    renumbered = make_service(provider, hold_reason="renumbered")
    url = reverse("providers:decide_hold", args=[hold.pk])

    for _ in range(2):
        browser.post(url, {"way": "discard"})
    hold.refresh_from_db()
    renumbered.refresh_from_db()

    assert (hold.outcome, hold.closed_by, renumbered.hold_reason) == ("discarded", manager, "")
    assert AuditEvent.objects.filter(action="catalogue.discarded").count() == 1
    assert "discarded" in text_of(browser.get(HELD))


def test_a_wish_that_is_none_decides_nothing(browser: Client) -> None:
    hold = make_hold(make_provider())
    assert browser.post(reverse("providers:decide_hold", args=[hold.pk]), {"way": "burn"}).status_code == 302
    hold.refresh_from_db()
    assert (hold.accepted_at, hold.closed_at) == (None, None)


def test_a_price_is_accepted_alone(browser: Client, manager: Any) -> None:
    provider = make_provider()
    one, other = make_jump(provider), make_jump(provider)

    browser.post(ACCEPT, {"service": [seen_on(browser, one)]})
    one.refresh_from_db()
    other.refresh_from_db()

    assert (one.hold_reason, other.hold_reason) == ("", "price_jump")
    assert ServiceChange.objects.get(kind="accepted").service == one
    assert AuditEvent.objects.get(action="service.price_accepted").actor == manager


def test_all_prices_of_one_provider_are_accepted_and_no_other(browser: Client) -> None:
    mine, other = make_provider(), make_provider()
    for provider in (mine, mine, other):
        make_jump(provider)

    seen = all_seen_on(browser, provider=mine.pk)
    answer = browser.post(ACCEPT, {"all": "1", "provider": mine.pk, "seen": seen})

    assert answer["Location"] == f"{HELD}?provider={mine.pk}"
    assert Service.objects.filter(hold_reason="price_jump").get().provider == other


def test_a_price_that_moved_again_is_not_accepted_unseen(browser: Client) -> None:
    provider = make_provider()
    moved, still = make_jump(provider), make_jump(provider)
    chosen = [seen_on(browser, service) for service in (moved, still)]
    Service.objects.filter(pk=moved.pk).update(rate=Decimal(300))

    answer = text_of(browser.post(ACCEPT, {"service": chosen}, follow=True))

    assert Service.objects.get(hold_reason="price_jump") == moved
    assert "1 price accepted." in answer
    assert "A price changed again and wasn’t accepted. Review it again" in answer
    browser.post(ACCEPT, {"service": [seen_on(browser, moved)]})
    assert not Service.objects.exclude(hold_reason="").exists()


@pytest.mark.parametrize("rate", [Decimal(3), Decimal("3.1")])
def test_all_are_accepted_only_while_they_are_what_was_seen(browser: Client, rate: Decimal) -> None:
    provider = make_provider()
    make_jump(provider)
    other = make_jump(provider)
    seen = all_seen_on(browser)
    Service.objects.filter(pk=other.pk).update(rate=rate)
    moved = rate != Decimal(3)

    answer = text_of(browser.post(ACCEPT, {"all": "1", "seen": seen}, follow=True))

    assert Service.objects.filter(hold_reason="price_jump").count() == (2 if moved else 0)
    assert ("A price changed again and wasn’t accepted. Review it again" in answer) is moved


@pytest.mark.parametrize("typed", [{"service": ["{pk}", "{pk}:", "{pk}:3"]}, {"all": "1"}, {"all": "1", "seen": "3"}])
def test_a_decision_that_names_no_price_it_saw_decides_nothing(browser: Client, typed: dict[str, Any]) -> None:
    service = make_jump(make_provider())
    given = [text.format(pk=service.pk) for text in typed.get("service", [])]

    answer = text_of(browser.post(ACCEPT, {**typed, "service": given}, follow=True))

    service.refresh_from_db()
    assert service.hold_reason == "price_jump"
    assert "A price changed again and wasn’t accepted. Review it again" in answer


def test_the_form_shows_no_price_to_whoever_may_not_see_it(browser: Client, manager: Any) -> None:
    service = make_jump(make_provider(), rate=Decimal("7.1234"))
    manager.groups.clear()
    manager.user_permissions.set(Permission.objects.filter(codename__in=["view_service", "accept_catalogue"]))

    page = browser.get(HELD).content.decode()

    assert f'value="{service.pk}:' in page
    assert "7.12" not in page


def test_only_what_waits_is_accepted(browser: Client) -> None:
    provider = make_provider()
    renumbered, open_one = make_service(provider, hold_reason="renumbered"), make_service(provider)
    chosen = [f"{service.pk}:{mark_of_price(service.rate)}" for service in (renumbered, open_one)]

    answer = browser.post(ACCEPT, {"service": [*chosen, "nonsense", "9" * 30]}, follow=True)
    renumbered.refresh_from_db()

    assert renumbered.hold_reason == "renumbered"
    assert "No price was accepted" in text_of(answer)
    assert not AuditEvent.objects.filter(action="service.price_accepted").exists()


def test_prices_are_shown_with_how_far_they_jumped(browser: Client) -> None:
    make_jump(make_provider(name="North", currency="USD"), name=f"Likes {HOSTILE}")

    page = text_of(browser.get(HELD))

    for shown in ("Likes", "1.50", "3.00", "100%"):
        assert shown in page
    assert HOSTILE not in page


def test_who_may_not_decide_sees_but_has_no_button() -> None:
    provider = make_provider(name="North")
    hold, service = make_hold(provider), make_jump(provider)
    viewer = log_in(make_person(*ROLES["viewer"]))

    page = text_of(viewer.get(HELD))

    assert hold.reason in page
    assert "Accept list" not in page
    assert "Accept" not in page
    assert "1.50" not in page
    assert viewer.post(reverse("providers:decide_hold", args=[hold.pk]), {"way": "accept"}).status_code == 403
    assert viewer.post(ACCEPT, {"service": [service.pk]}).status_code == 403


def test_what_waits_at_a_provider_one_is_not_granted_cannot_be_decided(manager: Any, browser: Client) -> None:
    mine, other = make_provider(), make_provider(name="Hidden")
    grant(manager, mine)
    hold, service = make_hold(other), make_jump(other)

    page = text_of(browser.get(HELD))
    decided = browser.post(reverse("providers:decide_hold", args=[hold.pk]), {"way": "accept"})
    browser.post(ACCEPT, {"service": [f"{service.pk}:{mark_of_price(service.rate)}"]})
    seen = mark_of_prices([(service.pk, service.rate)])
    browser.post(ACCEPT, {"all": "1", "provider": other.pk, "seen": seen})
    service.refresh_from_db()

    assert "Hidden" not in page
    assert decided.status_code == 404
    assert service.hold_reason == "price_jump"


def test_what_waits_is_shown_on_the_providers_pages(browser: Client) -> None:
    provider = make_provider(name="North")
    assert "Lists that need review" not in text_of(browser.get(reverse("providers:list")))
    make_hold(provider)
    make_jump(provider)

    listed = text_of(browser.get(reverse("providers:list")))
    shown = text_of(browser.get(reverse("providers:detail", args=[provider.pk])))

    assert "One provider has lists or prices to review." in listed
    assert f"{HELD}?provider={provider.pk}" in shown
    assert "half or more missing" in shown


@pytest.mark.parametrize("address", ["home", "orders:list", "providers:services"])
def test_held_lists_are_counted_above_every_page_for_whoever_may_decide(
    browser: Client, manager: Any, address: str
) -> None:
    mine, other = make_provider(), make_provider()
    viewer = log_in(make_person(*ROLES["viewer"]))

    def reported(client: Client) -> str:
        found = re.search(
            r'(\d+)\s*<span class="wide">\s*&nbsp;lists? held', text_of(client.get(reverse(address), follow=True))
        )
        return found[1] if found else ""

    assert reported(browser) == ""
    for provider in (mine, other):
        make_hold(provider)
    make_hold(make_provider(), accepted_at=timezone.now())
    make_hold(mine, closed_at=timezone.now(), outcome="discarded")
    assert reported(browser) == "2"
    assert reported(viewer) == ""
    grant(manager, mine)
    assert reported(browser) == "1"


def test_decisions_are_posts(browser: Client) -> None:
    hold = make_hold(make_provider())
    assert browser.get(reverse("providers:decide_hold", args=[hold.pk])).status_code == 405
    assert browser.get(ACCEPT).status_code == 405


def test_the_page_costs_the_same_however_much_waits(browser: Client, django_assert_max_num_queries: Any) -> None:
    for _ in range(12):
        provider = make_provider()
        make_hold(provider)
        for _ in range(6):
            make_jump(provider)
    browser.get(HELD)

    with django_assert_max_num_queries(9):
        page = text_of(browser.get(HELD))
    assert 'rel="next"' in page

"""A list that looks wrong and a price that jumps wait for a person's decision."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User

from providers.catalogue.decisions import accept_prices
from providers.catalogue.holds import accept_hold, discard_hold
from providers.catalogue.seen_prices import mark_of_price
from providers.catalogue.sync import sync_services
from providers.models import CatalogueHold, Service
from tests.helpers.catalogues import available, kinds
from tests.providers.panels import PlainPanel, service, services

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return User.objects.create_user("manager", password="correct horse battery")


# --- The guard --------------------------------------------------------------------------------------------------------


def _renumbered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "service": 9000 + row["service"]} for row in rows]


def _shuffled(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = [row["name"] for row in rows]
    return [{**row, "name": name} for row, name in zip(rows, names[1:] + names[:1], strict=True)]


SUSPICIOUS: list[tuple[str, Callable[[list[dict[str, Any]]], list[dict[str, Any]]]]] = [
    ("empty", lambda rows: []),
    ("halved", lambda rows: rows[::2]),
    ("halved", lambda rows: rows[:3]),
    ("renumbered", _renumbered),
    ("renumbered", _shuffled),
    ("doubled", lambda rows: rows + _renumbered(rows)),
]


@pytest.mark.parametrize(("kind", "bend"), SUSPICIOUS)
def test_a_list_that_looks_wrong_waits_for_a_person(
    panel: PlainPanel, kind: str, bend: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
) -> None:
    panel.answers["services"] = services(20)
    provider = panel.make_provider()
    sync_services(provider)
    before = list(provider.services.order_by("pk").values())
    panel.answers["services"] = bend(services(20))

    for _ in range(3):
        assert sync_services(provider)["held"] == 1

    after = list(provider.services.order_by("pk").values())
    # How often a service was missing is counted; nothing closes for it here (see `test_relaunch`).
    assert [row | {"hold_reason": "", "missing_syncs": 0} for row in after] == before
    assert kinds(provider) == []
    hold = provider.catalogue_holds.get()
    assert (hold.kind, hold.known, hold.closed_at) == (kind, 20, None)
    assert hold.reason


def test_an_id_that_bears_another_name_is_not_ordered_by_until_that_is_decided(panel: PlainPanel, person: User) -> None:
    panel.answers["services"] = services(20)
    provider = panel.make_provider()
    sync_services(provider)
    panel.answers["services"] = _shuffled(services(20))
    assert sync_services(provider) == {"listed": 20, "held": 1, "closed_for_now": 20}
    assert not Service.objects.orderable().exists()

    panel.answers["services"] = services(20)
    sync_services(provider)
    assert Service.objects.orderable().count() == 20

    panel.answers["services"] = _shuffled(services(20))
    sync_services(provider)
    accept_hold(provider.catalogue_holds.get(closed_at=None), person)
    assert sync_services(provider) == {"listed": 20, "changed": 20}
    assert Service.objects.orderable().count() == 20
    assert provider.services.get(external_id="1").name == "Instagram Likes 2"


def test_discarding_a_renumbered_list_opens_what_it_had_closed(panel: PlainPanel, person: User) -> None:
    panel.answers["services"] = services(20)
    provider = panel.make_provider()
    sync_services(provider)
    panel.answers["services"] = _shuffled(services(20))
    sync_services(provider)
    discard_hold(provider.catalogue_holds.get(), person)
    assert Service.objects.orderable().count() == 20


def test_a_good_list_ends_the_hold(panel: PlainPanel) -> None:
    panel.answers["services"] = services(20)
    provider = panel.make_provider()
    sync_services(provider)
    panel.answers["services"] = []
    sync_services(provider)
    panel.answers["services"] = services(20)

    assert sync_services(provider) == {"listed": 20}

    hold = provider.catalogue_holds.get()
    assert hold.closed_at
    assert hold.outcome == CatalogueHold.Outcome.OVERTAKEN
    assert sync_services(provider) == {"unchanged": 1}


def test_an_accepted_list_is_taken_over_and_closes_what_it_lacks_at_once(panel: PlainPanel, person: User) -> None:
    panel.answers["services"] = services(20)
    provider = panel.make_provider()
    sync_services(provider)
    panel.answers["services"] = services(5)
    sync_services(provider)
    hold = provider.catalogue_holds.get()

    assert accept_hold(hold, person)
    assert not accept_hold(hold, person)
    assert sync_services(provider) == {"listed": 5, "closed": 15}

    assert available(provider) == {"1", "2", "3", "4", "5"}
    hold.refresh_from_db()
    assert (hold.outcome, hold.accepted_by) == (CatalogueHold.Outcome.APPLIED, person)


def test_accepting_a_halved_list_does_not_accept_an_empty_one(panel: PlainPanel, person: User) -> None:
    panel.answers["services"] = services(20)
    provider = panel.make_provider()
    sync_services(provider)
    panel.answers["services"] = services(5)
    sync_services(provider)
    accept_hold(provider.catalogue_holds.get(), person)
    panel.answers["services"] = []

    assert sync_services(provider)["held"] == 1

    assert len(available(provider)) == 20
    hold = provider.catalogue_holds.get()
    assert (hold.kind, hold.accepted_at) == ("empty", None)


def test_a_discarded_list_is_not_raised_again_and_changes_nothing(panel: PlainPanel, person: User) -> None:
    panel.answers["services"] = services(20)
    provider = panel.make_provider()
    sync_services(provider)
    panel.answers["services"] = services(5)
    sync_services(provider)

    assert discard_hold(provider.catalogue_holds.get(), person)
    assert sync_services(provider) == {"unchanged": 1}
    panel.answers["services"] = services(5)[::-1]
    assert sync_services(provider) == {"listed": 5}

    assert provider.catalogue_holds.count() == 1
    assert len(available(provider)) == 20
    # Another one is another question.
    panel.answers["services"] = []
    assert sync_services(provider)["held"] == 1


def test_a_small_catalogue_may_lose_half_but_not_all(panel: PlainPanel) -> None:
    panel.answers["services"] = services(4)
    provider = panel.make_provider()
    sync_services(provider)
    panel.answers["services"] = services(1)

    sync_services(provider)
    sync_services(provider)
    assert available(provider) == {"1"}
    panel.answers["services"] = []
    assert sync_services(provider)["held"] == 1


def test_a_catalogue_that_grows_with_new_names_is_taken_over(panel: PlainPanel) -> None:
    panel.answers["services"] = services(20)
    provider = panel.make_provider()
    sync_services(provider)
    panel.answers["services"] = services(60)

    assert sync_services(provider) == {"listed": 60, "new": 40}


def test_a_thousand_services_are_closed_in_chunks(panel: PlainPanel, person: User) -> None:
    panel.answers["services"] = services(2300)
    provider = panel.make_provider()
    sync_services(provider)
    panel.answers["services"] = services(100)
    sync_services(provider)
    accept_hold(provider.catalogue_holds.get(), person)

    assert sync_services(provider) == {"listed": 100, "closed": 2200}


# --- Prices -----------------------------------------------------------------------------------------------------------


def test_a_price_jump_is_recorded_and_closes_the_service_until_accepted(panel: PlainPanel, person: User) -> None:
    panel.answers["services"] = services(12)
    provider = panel.make_provider(price_jump_percent=50)
    sync_services(provider)
    panel.answers["services"] = [service(1, rate="1.36"), service(2, rate="1.35"), *services(12)[2:]]

    assert sync_services(provider) == {"listed": 12, "changed": 2, "jumped": 1}

    jumped, risen = provider.services.get(external_id="1"), provider.services.get(external_id="2")
    assert (jumped.rate, jumped.hold_reason, jumped.accepted_rate) == (Decimal("1.36"), "price_jump", Decimal("0.90"))
    assert (risen.rate, risen.hold_reason) == (Decimal("1.35"), "")
    assert jumped not in Service.objects.orderable()
    assert risen in Service.objects.orderable()
    assert kinds(provider) == ["jump", "rate", "rate"]

    seen = {jumped.pk: mark_of_price(jumped.rate)}
    assert accept_prices(provider.services.all(), seen) == ([jumped.pk], [])
    assert accept_prices(provider.services.all(), seen) == ([], [])
    assert jumped in Service.objects.orderable()
    assert sync_services(provider, force=True) == {"listed": 12}
    assert jumped in Service.objects.orderable()


def test_a_jump_in_small_steps_after_the_first_stays_closed(panel: PlainPanel) -> None:
    panel.answers["services"] = [service(1)]
    provider = panel.make_provider()
    sync_services(provider)
    for rate in ("2.00", "2.10", "2.20"):
        panel.answers["services"] = [service(1, rate=rate)]
        sync_services(provider)

    held = provider.services.get()
    assert (held.hold_reason, held.accepted_rate, held.rate) == ("price_jump", Decimal("0.90"), Decimal("2.20"))


def test_a_price_that_comes_down_again_opens_the_service(panel: PlainPanel) -> None:
    panel.answers["services"] = [service(1)]
    provider = panel.make_provider()
    sync_services(provider)
    for rate in ("9.00", "0.95"):
        panel.answers["services"] = [service(1, rate=rate)]
        sync_services(provider)

    opened = provider.services.get()
    assert (opened.hold_reason, opened.accepted_rate) == ("", None)


def test_a_price_that_falls_is_taken_over_at_once(panel: PlainPanel) -> None:
    panel.answers["services"] = [service(1)]
    provider = panel.make_provider()
    sync_services(provider)
    panel.answers["services"] = [service(1, rate="0.01")]

    assert sync_services(provider) == {"listed": 1, "changed": 1}
    assert provider.services.get().hold_reason == ""

"""Catalogue, products, balance and check of every dialect against the sandbox, in good health and with its faults."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from providers.accounts.balances import providers_due as balances_due
from providers.accounts.balances import sync_balance
from providers.accounts.connection_test import check_provider
from providers.catalogue.product_sync import sync_products
from providers.catalogue.sync import sync_services
from providers.client.errors import ProviderError, RateLimited
from providers.dialects import DIALECTS
from providers.job_runs import services_due
from providers.models.platforms import OTHER
from providers.sandbox.faults.faults import Fault
from tests.helpers.at_sandbox import join

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("slug", list(DIALECTS))
def test_every_dialect_is_read_whole(box: Any, slug: str) -> None:
    provider, panel = join(box, slug), box.panel(slug)

    assert sync_services(provider)["new"] == len(panel.services)
    assert provider.services.count() == len(panel.services)
    assert not provider.services.filter(platform=OTHER).exists()
    assert sync_services(provider) == {"unchanged": 1}
    sync_balance(provider)
    assert provider.balance == panel.balance.quantize(Decimal("0.0000000001"))
    listed = sync_products(provider).get("listed", 0)
    assert bool(listed) == (slug == "smmvna")
    assert check_provider(provider).ok


def plain(provider: Any) -> list[dict[str, Any]]:
    """Return the services of a provider, but for how often a held list lacked them."""
    counted = {"missing_syncs"}
    rows = provider.services.order_by("pk").values()
    return [{name: value for name, value in row.items() if name not in counted} for row in rows]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.catalogue_empty, "empty"),
        (Fault.catalogue_halved, "halved"),
        (Fault.catalogue_doubled, "doubled"),
        (Fault.catalogue_renumbered, "renumbered"),
    ],
)
def test_bent_lists_wait_for_a_person_and_good_ones_end_that(box: Any, fault: Fault, kind: str) -> None:
    provider, panel = join(box, "smmplus"), box.panel("smmplus")
    sync_services(provider)
    before = plain(provider)
    panel.misbehave(fault, times=3)

    for _ in range(3):
        assert sync_services(provider)["held"] == 1
    assert plain(provider) == before
    assert provider.catalogue_holds.get().kind == kind

    sync_services(provider)
    assert plain(provider) == before
    assert provider.catalogue_holds.get().closed_at


def test_prices_ten_times_as_high_close_their_services(box: Any) -> None:
    provider, panel = join(box, "servsmm"), box.panel("servsmm")
    sync_services(provider)
    panel.misbehave(Fault.catalogue_price_jump, times=1)

    assert sync_services(provider)["jumped"] == len(panel.services)
    assert not provider.services.filter(hold_reason="").exists()
    sync_services(provider)
    assert not provider.services.exclude(hold_reason="").exists()


def test_a_list_in_pages_is_read_whole(box: Any) -> None:
    provider, panel = join(box, "standard"), box.panel("standard")
    panel.misbehave(Fault.catalogue_paged)
    assert sync_services(provider)["new"] == 5 * len(panel.services)
    assert sync_services(provider) == {"unchanged": 1}


@pytest.mark.parametrize(
    "fault",
    [
        *(
            Fault.reset_before_accept,
            Fault.reset_in_body,
            Fault.html_200,
            Fault.html_503_after_accept,
            Fault.empty_body,
        ),
        *(Fault.cut_body, Fault.cut_body_wrong_length, Fault.php_notice, Fault.null_body, Fault.deep_nesting),
        *(Fault.redirect_307, Fault.bad_key, Fault.maintenance, Fault.many_headers),
    ],
)
def test_no_fault_of_the_wire_changes_what_is_known(box: Any, fault: Fault) -> None:
    provider, panel = join(box, "smmvna"), box.panel("smmvna")
    sync_services(provider)
    sync_products(provider)
    before = [list(rows.order_by("pk").values()) for rows in (provider.services, provider.products)]
    rule = panel.misbehave(fault)

    for sync in (sync_services, sync_products, sync_balance):
        with pytest.raises(ProviderError):
            sync(provider)

    after = [list(rows.order_by("pk").values()) for rows in (provider.services, provider.products)]
    assert after == before
    assert provider.balance is None
    assert rule is not None


def test_a_panel_that_wants_fewer_requests_is_left_alone_for_a_while(box: Any) -> None:
    provider, panel = join(box, "smmvna"), box.panel("smmvna")
    panel.misbehave(Fault.rate_limited, times=1)
    with pytest.raises(RateLimited):
        sync_services(provider)
    assert not services_due().exists()
    assert not balances_due().exists()

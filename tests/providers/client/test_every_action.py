"""Every action of every panel's row, over real HTTP; what a panel lacks is refused before any call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from providers.client.client import Account, PanelClient
from providers.client.errors import NotSupported
from providers.client.types import CancelAccepted, RefillAccepted, RowError
from providers.dialects import DIALECTS, Action, resolve
from providers.sandbox import STEADY, Sandbox

PANELS = ("servsmm", "smmplus", "smpanelim", "smmprovider", "smmvna")
LONG = 30 * 24 * 3600.0

CALLS: dict[Action, Callable[[PanelClient], Any]] = {
    Action.services: lambda client: client.services(),
    Action.add: lambda client: client.add({"service": "1", "link": "https://example.com/a", "quantity": "100"}),
    Action.status: lambda client: client.status("1"),
    Action.multi_status: lambda client: client.statuses(["1", "2"]),
    Action.refill: lambda client: client.refill("1"),
    Action.multi_refill: lambda client: client.refills(["1", "2"]),
    Action.refill_status: lambda client: client.refill_status("1"),
    Action.multi_refill_status: lambda client: client.refill_statuses(["1", "2"]),
    Action.cancel: lambda client: client.cancel(["1"]),
    Action.balance: lambda client: client.balance(),
    Action.products: lambda client: client.products(),
    Action.add_product_order: lambda client: client.add_product_order("1", 1, "x"),
    Action.product_order_status: lambda client: client.product_status("1"),
    Action.multi_product_order_status: lambda client: client.product_statuses(["1", "2"]),
    Action.result_product: lambda client: client.product_result("1"),
}


def _client(box: Sandbox, slug: str) -> PanelClient:
    account = Account(
        name=slug, dialect=resolve(slug, {}), api_url=box.url(slug), api_key=box.key(slug), allow_private=True
    )
    return PanelClient(account)


def _add(client: PanelClient, panel: Any, **wanted: bool) -> str:
    service = next(
        one
        for one in panel.services.values()
        if one.type == "Default" and all(getattr(one, name) == value for name, value in wanted.items())
    )
    parameters = {"service": str(service.id), "link": "https://example.com/a", "quantity": str(service.minimum)}
    return client.add(parameters).order


@pytest.mark.parametrize("slug", PANELS)
def test_every_action_a_panel_offers_works_over_http(slug: str) -> None:
    with Sandbox(only=[slug], fates=STEADY) as box:
        client, panel = _client(box, slug), box.panel(slug)
        can = client.account.dialect.can
        assert len(client.services()) > 100
        assert client.balance().balance > 0
        orders = [_add(client, panel, refill=True) for _number in range(2)]
        panel.advance(LONG)
        assert client.status(orders[0]).status == "completed"
        assert {row.status for row in client.statuses(orders).values() if not isinstance(row, RowError)} == {
            "completed"
        }
        refills = [client.refill(orders[0]).refill]
        if can(Action.multi_refill):
            answer = client.refills([orders[1]])[orders[1]]
            assert isinstance(answer, RefillAccepted)
            refills.append(answer.refill)
        panel.advance(LONG)
        assert client.refill_status(str(refills[0])).status in {"completed", "rejected"}
        if can(Action.multi_refill_status):
            assert set(client.refill_statuses([str(one) for one in refills])) == {str(one) for one in refills}
        if can(Action.cancel):
            fresh = _add(client, panel, cancel=True)
            assert isinstance(client.cancel([fresh])[fresh], CancelAccepted)
        if can(Action.products):
            _buy(client, panel)


def _buy(client: PanelClient, panel: Any) -> None:
    product = next(one for one in client.products() if one.in_stock and one.type.lower() == "auto")
    order = client.add_product_order(product.id, product.min or 1, "somebody@example.com").order
    panel.advance(LONG)
    status = client.product_status(order)
    assert status.status in {"completed", "partial", "canceled"}
    assert set(client.product_statuses([order])) == {order}
    if status.status != "canceled":
        assert client.product_result(order).items


@pytest.mark.parametrize("slug", PANELS)
def test_what_a_panel_lacks_is_refused_in_a_sentence_before_any_call(slug: str) -> None:
    with Sandbox(only=[slug]) as box:
        client, panel = _client(box, slug), box.panel(slug)
        lacking = [action for action in Action if not DIALECTS[slug].can(action)]
        assert lacking
        for action in lacking:
            with pytest.raises(NotSupported, match=r" .+\.$"):
                CALLS[action](client)
        assert not panel.requests


def test_the_crawl_knows_every_action() -> None:
    assert set(CALLS) == set(Action)

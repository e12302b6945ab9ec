"""One chain over real sockets: refused at the first, no funds at the second, partly delivered at the third, the rest
at the first again; one chain, right sums, nothing twice.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from orders.models import Chain, ExchangeRate
from orders.polling.services import sync_now
from orders.polling.subjects import ORDERS
from orders.routes.books import Books, books_of
from orders.routes.sweeper import sweep_chains
from orders.submission.services import send_due
from providers.models import Provider, Service
from providers.sandbox import Fate
from tests.helpers.at_sandbox import calls_of, join, list_service, pick_service
from tests.helpers.routes import LINK, last_of, links_of, make_chain, make_route
from tests.helpers.time_passing import pass_time

if TYPE_CHECKING:
    from providers.sandbox import Sandbox

pytestmark = pytest.mark.django_db

SLUGS = ("smmplus", "servsmm", "smmprovider")


def send(provider: Provider) -> None:
    provider.refresh_from_db()
    send_due(provider)


def test_a_chain_is_delivered_in_full_and_nothing_is_bought_twice(box: Sandbox) -> None:
    panels = [box.panel(slug) for slug in SLUGS]
    accounts = [join(box, slug) for slug in SLUGS]
    for currency in {account.currency for account in accounts}:
        ExchangeRate.objects.get_or_create(currency=currency, defaults={"rate": Decimal(1)})
    offered = [pick_service(panel) for panel in panels]
    services = [list_service(account, one) for account, one in zip(accounts, offered, strict=True)]
    quantity = max(one.minimum for one in offered) * 10
    for panel, balance in zip(panels, (1_000_000, 0, 1_000_000), strict=True):
        panel.balance = balance
    # The first no longer has the service under the number that the hub knows.
    Service.objects.filter(pk=services[0].pk).update(external_id="99999999")
    chain = make_chain(make_route(*services, patience_minutes=30), quantity=quantity, ceiling=Decimal(100_000))

    send(accounts[0])
    sweep_chains()
    assert [link.status for link in links_of(chain)] == ["rejected", "queued"]
    send(accounts[1])
    pass_time(31)
    sweep_chains()
    assert [link.status for link in links_of(chain)] == ["rejected", "withdrawn", "queued"]
    send(accounts[2])
    panels[2].decide(int(last_of(chain).external_id or 0), Fate.partial, share=0.6)
    panels[2].advance(7 * 24 * 3600)
    sync_now(ORDERS, accounts[2])
    pass_time(11)
    Service.objects.filter(pk=services[0].pk).update(external_id=str(offered[0].id))
    sync_now(ORDERS, accounts[2])
    sweep_chains()
    rest = last_of(chain)
    assert (rest.service, rest.quantity) == (services[0], quantity - quantity * 6 // 10)
    send(accounts[0])
    panels[0].decide(int(last_of(chain).external_id or 0), Fate.completed)
    panels[0].advance(7 * 24 * 3600)
    sync_now(ORDERS, accounts[0])
    sweep_chains()

    chain.refresh_from_db()
    links = links_of(chain)
    assert [link.status for link in links] == ["rejected", "withdrawn", "partial", "completed"]
    assert (chain.status, books_of(chain, links)) == (Chain.Status.DONE, Books(quantity, quantity, 0, 0, 0))
    bought = [[order.quantity for order in panel.orders.values() if order.link == LINK] for panel in panels]
    assert bought == [[rest.quantity], [], [quantity]]
    assert [len(calls_of(panel, "add")) for panel in panels] == [2, 1, 1]
    reasons = ["ordered", "refused", "patience", "rest", "done"]
    assert list(chain.steps.values_list("reason", flat=True)) == reasons

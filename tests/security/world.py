"""A filled hub: one of each thing at one provider, and people of every role in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client

from orders.api.authentication import make_token
from orders.models import (
    Attempt,
    Bundle,
    BundlePart,
    Cancellation,
    Channel,
    LedgerEntry,
    Markup,
    MassLine,
    MassOrder,
    OpenService,
    Order,
    OrderEvent,
    Person,
    Refill,
    RefillWindow,
    SavedView,
    Settlement,
    Ticket,
    TicketOrder,
    WindowSearch,
)
from orders.models import Client as HubClient
from orders.roles import ensure_roles
from orders.routes.services import place_chain
from providers.models import CatalogueHold, Provider
from tests.helpers.makers import make_product, make_provider, make_service
from tests.helpers.routes import make_route
from tests.helpers.schedules import make_schedule

# From the least to the most; each role may what the one before it may.
ANONYMOUS: Final = "anonymous"
SUPERUSER: Final = "superuser"
ROLES: Final = ("viewer", "staff", "manager", "administrator")
# Administrators, no superusers, of one provider: of another one, and of one that was deleted since.
LIMITED: Final = ("limited", "stranded")
PEOPLE: Final = (ANONYMOUS, *ROLES, SUPERUSER)
# Words that stand in the rows of the provider that some people are not granted.
FOREIGN_WORDS: Final = ("kestrel-panel", "kestrel-service", "kestrel-product", "kestrel.example")


@dataclass(slots=True)
class World:
    """Rows by the word the table of permissions uses for them, and the session of each person."""

    rows: dict[str, Any] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)

    def browser(self, person: str) -> Client:
        """Return a new browser in which this person is logged in; what a page breaks is an answer, not an exception."""
        browser = Client(raise_request_exception=False)
        if person in self.sessions:
            browser.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[person]
        return browser

    def pk_of(self, word: str, person: str) -> Any:
        """Return the key of a row; ``mine:token`` is the one of the person who asks."""
        whose = f"{word}:{person}"
        found = self.rows.get(whose) or self.rows.get(f"{word}:staff") or self.rows[word]
        return found.pk


def body_of(answer: Any) -> bytes:
    """Return all of an answer's body, a streamed one read to its end and closed."""
    if not answer.streaming:
        return bytes(answer.content)
    if not hasattr(answer, "whole_body"):
        answer.whole_body = b"".join(answer.streaming_content)
    return bytes(answer.whole_body)


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside has not happened afterwards, so that the next one meets the same hub."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def fill() -> World:
    """Make the world."""
    ensure_roles()
    world = World()
    _add_people(world)
    _add_rows(world)
    return world


def _add_people(world: World) -> None:
    from django.contrib.auth.models import Group

    for name in ROLES:
        # Entered into admin as well, so that nothing but permissions stands between them and its pages.
        person = User.objects.create(username=name, is_staff=True)
        person.groups.add(Group.objects.get(name=name))
        Person.objects.create(user=person, all_providers=True, no_limit=True)
        world.people[name] = person
    world.people[SUPERUSER] = User.objects.create(username=SUPERUSER, is_staff=True, is_superuser=True)
    for name in LIMITED:
        limited = User.objects.create(username=name, is_staff=True)
        limited.groups.add(Group.objects.get(name="administrator"))
        theirs = make_provider("smmplus", name=f"the panel of {name}")
        Person.objects.create(user=limited, no_limit=True, all_clients=False).providers.add(theirs)
        if name == "stranded":
            theirs.delete()
        world.people[name] = limited
    for name, person in world.people.items():
        browser = Client()
        browser.force_login(person, backend="panelhub.security.backends.RoleBackend")
        world.sessions[name] = browser.cookies[settings.SESSION_COOKIE_NAME].value


def _add_rows(world: World) -> None:
    rows = world.rows
    provider = rows["provider"] = make_provider(
        "smmvna", name="kestrel-panel", api_key="kestrel-key-of-the-panel", balance=Decimal(100)
    )
    service = rows["service"] = make_service(provider, name="kestrel-service", refill=True, cancel=True)
    product = rows["product"] = make_product(provider, name="kestrel-product")
    by = world.people["staff"]
    bundle = rows["bundle"] = Bundle.objects.create(name="kestrel-bundle", key="kestrel-bundle")
    BundlePart.objects.create(bundle=bundle, position=0, service=service, quantity=100)
    rows["client"] = HubClient.objects.create(name="kestrel-client")
    rows["order"] = _order(provider, service, by, status="in_progress", external_id="501", charge=Decimal("0.09"))
    rows["waiting_order"] = _order(provider, service, by, status="queued")
    rows["held_order"] = _order(provider, service, by, status="held")
    unconfirmed = rows["unconfirmed"] = _order(provider, service, by, status="unconfirmed")
    rows["refill"] = Refill.objects.create(order=rows["order"], created_by=by)
    rows["cancellation"] = Cancellation.objects.create(order=rows["order"], created_by=by)
    rows["product_order"] = product.orders.create(
        provider=provider,
        quantity=2,
        require="kestrel.example",
        created_by=by,
        status="completed",
        external_id="77",
        client=rows["client"],
    )
    rows["attempt"] = Attempt.objects.create(
        provider=provider, action="add", order=rows["order"], outcome="accepted", late_id="502"
    )
    OrderEvent.objects.create(order=rows["order"], kind="state", before="queued", after="in_progress", words="kestrel")
    rows["adoption"] = Settlement.objects.create(kind="order", way="adopt", state="waiting", provider=provider, by=by)
    WindowSearch.objects.create(order=unconfirmed)
    rows["entry"] = LedgerEntry.objects.create(
        provider=provider, kind="top_up", amount=Decimal(5), text="kestrel.example", recognised=True
    )
    mass = rows["mass"] = MassOrder.objects.create(
        created_by=by, status="ready", total=1, good=1, client=rows["client"]
    )
    MassLine.objects.create(
        mass_order=mass, number=1, provider=provider, service=service, link="https://kestrel.example/m", quantity=10
    )
    rows["refill_window"] = RefillWindow.objects.create(order=rows["order"], days=30)
    ticket = rows["ticket"] = Ticket.objects.create(provider=provider, kind="speed_up", created_by=by)
    TicketOrder.objects.create(ticket=ticket, order=rows["order"])
    rows["schedule"] = make_schedule(service=service, person=by, fields={"link": "https://kestrel.example/s"})
    route = rows["route"] = make_route(service, name="kestrel-route")
    rows["chain"] = place_chain(user=by, route=route, link="https://kestrel.example/r", quantity=100)
    rows["open_service"] = OpenService.objects.create(service=service)
    rows["markup"] = Markup.objects.create(provider=provider)
    rows["hold"] = CatalogueHold.objects.create(provider=provider, kind="halved", reason="half of it is gone")
    for name in ("staff", "manager", "administrator", "superuser"):
        rows[f"mine:token:{name}"], _key = make_token(world.people[name], f"shop of {name}")
    rows["channel"] = Channel.objects.create(name="team chat", url="json://127.0.0.1:9/hook")
    rows["colleague"] = world.people["viewer"]
    for name, person in world.people.items():
        rows[f"mine:view:{name}"] = SavedView.objects.create(person=person, name="Mine", query="tab=done")


def _order(provider: Provider, service: Any, by: User, **fields: Any) -> Order:
    fields["client_label"] = "kestrel-client"
    plain = {"link": "https://kestrel.example/a", "quantity": 100, "created_by": by}
    return Order.objects.create(provider=provider, service=service, **(plain | fields))

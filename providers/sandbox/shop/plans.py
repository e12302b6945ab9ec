"""Decides the course of an order when it is accepted; repeatable, as it is drawn from the order's own number."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random

from providers.sandbox.books.records import Fate, Order, Plan, Service

SMALL = 1_000  # orders up to this always complete, so that a demonstration can be relied on


@dataclass(frozen=True, slots=True)
class Fates:
    """How many of a panel's orders, refills and product orders go wrong: shares between 0 and 1."""

    partial: float = 0.0
    canceled: float = 0.0
    rejected: float = 0.0  # refills


STEADY = Fates()  # for tests: what goes wrong is what the test decides
LIFELIKE = Fates(partial=0.10, canceled=0.04, rejected=0.15)


def make_plan(*, seed: str, service: Service, quantity: int, link: str, fates: Fates, overdelivers: bool) -> Plan:
    """Return the course of one order: a small one takes about twenty minutes of simulated time."""
    random = Random(seed)  # noqa: S311 - repeatable, not secret
    delivery = random.uniform(620, 820) + quantity / service.pace
    plan = Plan(
        wait=random.uniform(300, 440),
        preparation=random.uniform(120, 260),
        pace=quantity / delivery,
        surplus=random.randint(1, 1 + quantity // 50) if overdelivers and random.random() < 0.3 else 0,
        start_count=Random(link).randint(0, 60_000),  # noqa: S311
    )
    if quantity <= SMALL:
        return plan
    fate, share = draw_fate(random, fates)
    return replace(plan, fate=fate, share=share)


def draw_fate(random: Random, fates: Fates) -> tuple[Fate, float]:
    """Return how an order ends, and with what share of its quantity when it is partial."""
    draw = random.random()
    if draw < fates.canceled:
        return Fate.canceled, 0.0
    if draw < fates.canceled + fates.partial:
        return Fate.partial, round(random.uniform(0.2, 0.95), 2)
    return Fate.completed, 1.0


def run_starts(order: Order, index: int) -> float:
    """Return simulated time of a drip-feed's run, counted from 0."""
    return order.since + index * int(order.parameters["interval"]) * 60


def post_appears(order: Order, index: int) -> float:
    """Return simulated time at which a subscription's post is noticed and its delay is over, counted from 0."""
    delay = int(order.parameters["delay"]) * 60
    old_posts = int(order.parameters.get("old_posts") or 0)
    if index < old_posts:
        return order.since + 60 + delay
    spread = Random(f"{order.id}:{index}").uniform(-600, 600)  # noqa: S311
    return order.since + 1_200 + (index - old_posts) * 2_700 + spread + delay


def post_quantity(order: Order, index: int) -> int:
    """Return how much a subscription delivers to one post, between its min and its max."""
    random = Random(f"{order.id}:{index}:quantity")  # noqa: S311
    return random.randint(int(order.parameters["min"]), int(order.parameters["max"]))


def posts_wanted(order: Order) -> int | None:
    """Posts a subscription serves in all; None means until it expires or is canceled."""
    old_posts = int(order.parameters.get("old_posts") or 0)
    posts = int(order.parameters.get("posts") or 0)
    return posts + old_posts if posts else None


def expiry_of(text: str) -> float | None:
    """Return the end of the day a subscription expires on (`d/m/Y`), as simulated seconds; None when unreadable."""
    try:
        return datetime.strptime(text, "%d/%m/%Y").replace(tzinfo=UTC).timestamp() + 86_400
    except ValueError:
        return None


def is_fully_served(order: Order, children: int) -> bool:
    """Return whether a subscription has had all its posts."""
    wanted = posts_wanted(order)
    return wanted is not None and children >= wanted

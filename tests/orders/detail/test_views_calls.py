"""The page of the calls that were made for one order."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.urls import reverse

from orders.models import Attempt, Cancellation, Order, ProductOrder
from orders.roles import ROLES
from providers.models import CallRecord
from tests.helpers.makers import (
    grant,
    make_person,
    make_provider,
)
from tests.providers.catalogue.test_views_catalogue import log_in, text_of

pytestmark = pytest.mark.django_db


def made_call(provider: Any, detail: str, **subject: Any) -> None:
    call = uuid.uuid4()
    Attempt.objects.create(call=call, provider=provider, action="add", **subject)
    CallRecord.objects.create(
        provider=provider,
        call=call,
        is_paid=True,
        action="add",
        outcome="ok",
        detail=detail,
        excerpt=f"reply to {detail}",
    )


def test_calls_for_an_order_and_what_followed_it_are_shown_and_no_others() -> None:
    provider = make_provider()
    order, other = Order.objects.create(provider=provider), Order.objects.create(provider=provider)
    made_call(provider, "the first", order=order)
    made_call(provider, "its cancel", cancellation=Cancellation.objects.create(order=order))
    made_call(provider, "of another", order=other)
    manager = log_in(make_person(*ROLES["manager"]))

    page = text_of(manager.get(reverse("orders:calls", args=[order.pk])))

    assert "reply to the first" in page
    assert "reply to its cancel" in page
    assert "of another" not in page
    assert reverse("orders:calls", args=[order.pk]) in text_of(manager.get(reverse("orders:detail", args=[order.pk])))


def test_calls_for_a_product_order_are_shown() -> None:
    provider = make_provider("smmvna")
    order = ProductOrder.objects.create(provider=provider, quantity=1)
    made_call(provider, "the purchase", product_order=order)
    manager = log_in(make_person(*ROLES["manager"]))

    assert "reply to the purchase" in text_of(manager.get(reverse("orders:product_calls", args=[order.pk])))
    shown = text_of(manager.get(reverse("orders:product_detail", args=[order.pk])))
    assert reverse("orders:product_calls", args=[order.pk]) in shown


def test_texts_are_for_those_who_run_things_and_rows_for_those_who_are_granted_them() -> None:
    mine, other = make_provider(), make_provider()
    order, foreign = Order.objects.create(provider=mine), Order.objects.create(provider=other)
    made_call(mine, "the first", order=order)
    person = make_person(*ROLES["staff"])
    grant(person, mine)
    staff = log_in(person)

    page = text_of(staff.get(reverse("orders:calls", args=[order.pk])))

    assert "the first" in page
    assert "reply to" not in page
    assert staff.get(reverse("orders:calls", args=[foreign.pk])).status_code == 404

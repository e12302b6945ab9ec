"""A mass order's lines are ordered once, whichever SECRET_KEY signed their tokens."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from orders.models import MassLine, MassOrder, Order
from orders.placement.form_tokens import scope_token
from tests.helpers import mass
from tests.helpers.makers import make_service
from tests.helpers.pages import log_in

pytestmark = pytest.mark.django_db
OLD = "the key of last year, long enough to be one of Django's"


def begin(client: Client, **fields: Any) -> MassOrder:
    service = make_service()
    return mass.begin(
        client, f"{service.external_id} | https://example.com/a | 100", provider=str(service.provider_id), **fields
    )


@pytest.mark.parametrize("kept_as", ["an earlier key", "an earlier version"])
def test_a_line_that_was_ordered_before_is_not_ordered_again(as_staff: Client, settings: Any, kept_as: str) -> None:
    settings.SECRET_KEY_FALLBACKS = [OLD]
    batch = begin(as_staff)
    line = MassLine.objects.get()
    assert line.provider is not None
    token = uuid.uuid5(batch.uid, str(line.number))
    if kept_as == "an earlier key":
        token = scope_token(token, user=None, source="mass line", secret=OLD)
    mass.take(as_staff, batch, "place")
    Order.objects.create(provider=line.provider, form_token=token)

    mass.place_all()

    batch.refresh_from_db()
    assert Order.objects.count() == 1
    assert batch.status == MassOrder.Status.PAUSED
    assert "ordered elsewhere" in batch.summary["stopped"]


def test_a_key_that_is_no_fallback_stops_nothing(as_staff: Client, settings: Any) -> None:
    settings.SECRET_KEY_FALLBACKS = [OLD]
    batch = begin(as_staff)
    mass.take(as_staff, batch, "place")

    mass.place_all()

    assert Order.objects.count() == 1
    assert MassLine.objects.get().order is not None


def test_a_form_posted_again_after_the_rotation_is_the_same_mass_order(staff: Any, settings: Any) -> None:
    token, service = str(uuid.uuid4()), make_service()
    fields = {"lines": f"{service.external_id} | https://example.com/a | 100", "provider": str(service.provider_id)}
    # Sessions outlive the rotation by the fallback, too.
    settings.SECRET_KEY, now = OLD, settings.SECRET_KEY
    browser = log_in(staff)
    first = mass.post(browser, form_token=token, **fields)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = now, [OLD]
    second = mass.post(browser, form_token=token, **fields)

    assert first["Location"] == second["Location"]
    assert MassOrder.objects.count() == 1

"""The steps of the first five minutes tick themselves, are for who can take them, and go away."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.models import Order
from orders.roles import ROLES
from tests.helpers.makers import make_order, make_person, make_provider
from tests.helpers.pages import log_in, text_of

pytestmark = pytest.mark.django_db
STEPS = reverse("orders:first_steps")


@pytest.fixture
def browser() -> Client:
    return log_in(make_person(*ROLES["administrator"]))


def is_loaded(browser: Client) -> bool:
    return f'hx-get="{STEPS}"' in text_of(browser.get(reverse("orders:list")))


def test_each_step_ticks_itself_and_all_of_them_go_away(browser: Client, django_assert_max_num_queries: Any) -> None:
    assert "0 of 4 done" in text_of(browser.get(STEPS))
    assert is_loaded(browser)
    provider = make_provider(catalogue_at=timezone.now())
    assert "1 of 4 done" in text_of(browser.get(STEPS))
    make_order(provider=provider)
    assert Order.objects.count() == 1
    make_person()
    with django_assert_max_num_queries(8):
        assert "3 of 4 done" in text_of(browser.get(STEPS))
    typed = {f"low_{provider.pk}": "12.5"}
    assert browser.post(reverse("providers:alerts"), typed).status_code == 302

    provider.refresh_from_db()
    assert provider.low_balance == Decimal("12.5")
    assert "Get started" not in text_of(browser.get(STEPS))
    assert not is_loaded(browser)


def test_they_can_be_hidden_and_are_not_for_who_cannot_take_them(browser: Client) -> None:
    browser.post(reverse("orders:first_steps_hide"))

    assert not is_loaded(browser)
    staff = log_in(make_person(*ROLES["manager"]))
    assert not is_loaded(staff)
    assert staff.get(STEPS).status_code == 403

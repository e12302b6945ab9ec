"""The tokens under which forms and idempotency keys are kept."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from orders.models import Order
from orders.placement.services import create_order
from tests.helpers.makers import make_person, make_service

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("source", ["desk", "shop", "token 7"])
def test_a_call_repeated_after_the_secret_changed_is_still_one_order(settings: Any, source: str) -> None:
    person, service, token = make_person(), make_service(), uuid.uuid4()
    fields = {"link": "https://example.com/p/1", "quantity": "100"}
    made = create_order(user=person, service=service, fields=fields, form_token=token, source=source)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-secret-0123456789", [settings.SECRET_KEY]

    again = create_order(user=person, service=service, fields=fields, form_token=token, source=source)

    assert again.pk == made.pk
    assert Order.objects.count() == 1

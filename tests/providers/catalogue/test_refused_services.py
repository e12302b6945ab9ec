"""A service that was held because every order of it was refused: a manager opens it again."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from orders.models import Order
from orders.submission.services import providers_with_due_work
from panelhub.models import AuditEvent
from providers.models import Service
from tests.helpers.makers import make_service
from tests.helpers.pages import log_in, text_of

pytestmark = pytest.mark.django_db


def test_a_manager_opens_a_held_service_and_what_was_queued_goes_out(manager: Any) -> None:
    service = make_service(hold_reason=Service.Hold.REFUSED)
    Order.objects.create(provider=service.provider, service=service, link="https://a.example/p", quantity=100)
    assert providers_with_due_work() == []
    browser = log_in(manager)
    address = reverse("providers:service_open", args=[service.pk])
    assert address in browser.get(reverse("providers:service", args=[service.pk])).content.decode()

    answer = browser.post(address, follow=True)

    service.refresh_from_db()
    assert service.hold_reason == ""
    assert address not in answer.content.decode()
    assert "Order" in text_of(answer)
    assert AuditEvent.objects.filter(action__startswith="service.").exists()
    assert providers_with_due_work() == [service.provider_id]


def test_staff_cannot_open_it(as_staff: Any) -> None:
    service = make_service(hold_reason=Service.Hold.REFUSED)

    assert as_staff.post(reverse("providers:service_open", args=[service.pk])).status_code == 403

    service.refresh_from_db()
    assert service.hold_reason == Service.Hold.REFUSED


def test_a_service_held_for_its_price_is_not_opened_this_way(manager: Any) -> None:
    service = make_service(hold_reason=Service.Hold.PRICE_JUMP)

    log_in(manager).post(reverse("providers:service_open", args=[service.pk]))

    service.refresh_from_db()
    assert service.hold_reason == Service.Hold.PRICE_JUMP

"""Words of an account that the hub does not know: shown on its page, one click to map each."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from pytest_httpserver import HTTPServer

from orders.models import Order
from orders.polling import services as polling_services
from orders.polling.subjects import ORDERS
from orders.roles import ROLES
from panelhub.models import AuditEvent
from tests.helpers.makers import make_person, make_provider, make_service
from tests.helpers.pages import log_in, text_of
from tests.providers.panels import PlainPanel, place_order

pytestmark = pytest.mark.django_db
MAY_CHANGE = ("providers.view_provider", "providers.change_provider")


@pytest.fixture
def administrator(db: None) -> Any:
    return make_person(*ROLES["administrator"])


def url_of(provider: Any, name: str = "map_word") -> str:
    return reverse(f"providers:{name}", args=[provider.pk])


def test_an_unknown_state_is_mapped_by_one_click_and_read_in_the_next_reply(
    httpserver: HTTPServer, administrator: Any
) -> None:
    panel = PlainPanel(httpserver)
    panel.answers["status"] = {"status": "Bitmiş gibi", "charge": "1.00", "currency": "USD"}
    provider = panel.make_provider()
    order = place_order(provider)
    polling_services.sync_now(ORDERS, provider)
    order.refresh_from_db()
    assert (order.status, order.provider_status) == ("pending", "Bitmiş gibi")
    browser = log_in(administrator)
    assert "Bitmiş gibi" in text_of(browser.get(url_of(provider, "detail")))

    answer = browser.post(
        url_of(provider), {"kind": "states", "word": "Bitmiş gibi", "meaning": "completed"}, follow=True
    )

    assert "now means" in text_of(answer)
    provider.refresh_from_db()
    assert provider.overrides == {"states": {"Bitmiş gibi": "completed"}}
    event = AuditEvent.objects.get(action="provider.word_mapped")
    assert (event.actor, "Bitmiş gibi → completed" in event.summary) == (administrator, True)
    polling_services.sync_now(ORDERS, provider)
    assert Order.objects.get().status == "completed"
    assert url_of(provider) not in browser.get(url_of(provider, "detail")).content.decode()


def test_an_unknown_type_is_mapped_and_counts_for_what_is_listed(administrator: Any) -> None:
    provider = make_provider()
    service = make_service(provider, type="primary_kind", type_label="Primary Kind")
    browser = log_in(administrator)
    assert "Primary Kind" in text_of(browser.get(url_of(provider, "detail")))

    browser.post(url_of(provider), {"kind": "types", "word": "Primary Kind", "meaning": "default"})

    service.refresh_from_db()
    provider.refresh_from_db()
    assert service.type == "default"
    assert provider.overrides == {"types": {"Primary Kind": "default"}}


@pytest.mark.parametrize(
    ("kind", "word", "meaning"),
    [("states", "Odd", "done and dusted"), ("types", "Odd", "no_such_type"), ("errors", "Odd", "completed")],
)
def test_a_meaning_that_is_none_changes_nothing(administrator: Any, kind: str, word: str, meaning: str) -> None:
    provider = make_provider()

    log_in(administrator).post(url_of(provider), {"kind": kind, "word": word, "meaning": meaning})

    provider.refresh_from_db()
    assert provider.overrides == {}
    assert not AuditEvent.objects.filter(action="provider.word_mapped").exists()


def test_only_who_may_change_the_account_maps_a_word() -> None:
    provider = make_provider()
    fields = {"kind": "states", "word": "Odd", "meaning": "completed"}

    assert log_in(make_person("providers.view_provider")).post(url_of(provider), fields).status_code == 403
    assert log_in(make_person(*MAY_CHANGE)).post(url_of(provider), fields).status_code == 302

    provider.refresh_from_db()
    assert provider.overrides == {"states": {"Odd": "completed"}}

"""Practice at the sandbox over real HTTP, and the alerts of all accounts on one page."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from orders.roles import ROLES
from panelhub.models import AuditEvent
from providers.sandbox import Sandbox
from providers.sandbox.faults.faults import Fault
from tests.helpers.at_sandbox import join
from tests.helpers.makers import grant, make_person, make_provider
from tests.helpers.pages import log_in, messages_of, text_of

pytestmark = pytest.mark.django_db
PAGE = reverse("providers:practice")
ALERTS = reverse("providers:alerts")


@pytest.fixture
def person() -> Any:
    return make_person(*ROLES["administrator"])


@pytest.fixture
def browser(person: Any) -> Client:
    return log_in(person)


def test_a_panel_of_the_sandbox_misbehaves_and_behaves_again(browser: Client, settings: Settings) -> None:
    with Sandbox(only=["smmplus"]) as box:
        settings.PANELHUB_SANDBOX_ORIGIN = box.address
        provider, panel = join(box, "smmplus", is_sandbox=True), box.panel("smmplus")
        assert "Lose the next reply" in text_of(browser.get(PAGE))
        for exercise in ("lost", "refuse", "funds"):
            browser.post(PAGE, {"provider": provider.pk, "exercise": exercise})
        assert [(rule.fault, rule.times) for rule in panel.misbehaviour.rules] == [
            (Fault.close_after_accept, 1),
            (Fault.refused, 1),
        ]
        assert panel.balance == 0
        browser.post(PAGE, {"provider": provider.pk, "exercise": "behave"})

        assert panel.misbehaviour.rules == []
        assert panel.balance == 500
    assert AuditEvent.objects.filter(action="sandbox.practised").count() == 4
    answer = browser.post(PAGE, {"provider": provider.pk, "exercise": "lost"}, follow=True)
    assert "The sandbox doesn’t answer" in str(messages_of(answer))


def test_only_sandbox_accounts_that_one_sees_are_practised_with(
    person: Any, browser: Client, settings: Settings
) -> None:
    real, sandbox = make_provider(), make_provider(is_sandbox=True)
    assert "No sandbox provider" in text_of(browser.get(PAGE))
    assert browser.post(PAGE, {"provider": sandbox.pk, "exercise": "lost"}).status_code == 422
    settings.PANELHUB_SANDBOX_ORIGIN = "http://127.0.0.1:9"
    for typed in (
        {"provider": real.pk, "exercise": "lost"},
        {"provider": sandbox.pk, "exercise": "nonsense"},
        {"provider": "9" * 40, "exercise": "lost"},
        {},
    ):
        assert browser.post(PAGE, typed).status_code == 422
    grant(person)
    assert log_in(person).post(PAGE, {"provider": sandbox.pk, "exercise": "lost"}).status_code == 422
    assert log_in(make_person(*ROLES["manager"])).get(PAGE).status_code == 403


def test_alerts_change_what_was_changed_at_visible_accounts_with_a_record(person: Any, browser: Client) -> None:
    mine = make_provider(name="mine", low_balance=Decimal(5))
    same = make_provider(name="same", low_balance=Decimal(7))
    hidden = make_provider(name="kestrel-panel")
    grant(person, mine, same)
    browser = log_in(person)
    assert "kestrel" not in text_of(browser.get(ALERTS))
    bad = browser.post(ALERTS, {f"low_{mine.pk}": "-1"})
    assert bad.status_code == 422

    typed = {f"low_{mine.pk}": "", f"low_{same.pk}": "7", f"low_{hidden.pk}": "3"}
    assert browser.post(ALERTS, typed).status_code == 302

    for provider in (mine, same, hidden):
        provider.refresh_from_db()
    assert (mine.low_balance, same.low_balance, hidden.low_balance) == (None, Decimal(7), None)
    event = AuditEvent.objects.get(action="provider.changed")
    assert event.target_id == str(mine.pk)
    blind = log_in(make_person("providers.change_provider", "providers.view_provider"))
    assert blind.get(ALERTS).status_code == 403

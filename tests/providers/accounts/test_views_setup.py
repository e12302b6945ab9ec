"""Adding an account on the hub's own pages: checked at once against a real panel, and never more than admin allows."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from orders.models import Order, Person
from orders.roles import ROLES
from panelhub.background import dispatch
from panelhub.models import AuditEvent
from providers import tasks
from providers.models import Provider
from providers.sandbox import Sandbox
from tests.helpers.makers import grant, make_person, make_provider
from tests.helpers.pages import HTMX, log_in, text_of

pytestmark = pytest.mark.django_db
ADD = reverse("providers:add")
CANARY = "canary-77aa01c9e4-key"


@pytest.fixture
def administrator() -> User:
    return make_person(*ROLES["administrator"])


@pytest.fixture
def browser(administrator: User) -> Client:
    return log_in(administrator)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    monkeypatch.setattr(dispatch, "publish", lambda task, *args, **_: found.append((task.rpartition(".")[2], *args)))
    monkeypatch.setattr(tasks, "publish", lambda task, *args, **_: found.append((task.rpartition(".")[2], *args)))
    return found


def fields(**changes: Any) -> dict[str, Any]:
    plain = {"name": "one", "dialect": "smmplus", "api_url": "https://panel.example/api/v2", "new_key": CANARY}
    further = {"is_active": "on", "price_jump_percent": "50", "refill_pause_hours": "24", "overrides": "{}"}
    return plain | further | changes


def page_of(name: str, provider: Provider) -> str:
    return reverse(f"providers:{name}", args=[provider.pk])


def test_a_wrong_key_is_reported_where_it_was_entered_and_the_right_one_ends_with_a_catalogue(
    browser: Client, sent: list[tuple[Any, ...]], settings: Settings, django_capture_on_commit_callbacks: Any
) -> None:
    settings.PANELHUB_ALLOW_PRIVATE_PROVIDERS = True
    with Sandbox(only=["smmplus"]) as box:
        typed = fields(api_url=box.url("smmplus"), requests_per_minute="60000")
        with django_capture_on_commit_callbacks(execute=True):
            setup = browser.post(ADD, typed)["Location"]
        provider = Provider.objects.get()
        assert sent.pop() == ("check_provider", provider.pk)
        assert "data-live-soon" in text_of(browser.get(setup))
        tasks.check_provider(provider.pk)

        page = text_of(browser.get(setup, headers=HTMX))
        assert "Invalid API key" in page
        assert "data-rejected" in page
        assert "hx-get" not in page
        assert CANARY not in page
        right = {"dialect": "smmplus", "api_url": box.url("smmplus"), "new_key": box.key("smmplus")}
        with django_capture_on_commit_callbacks(execute=True):
            setup = browser.post(page_of("setup", provider), right)["Location"]
        assert sent.pop() == ("check_provider", provider.pk)
        assert "data-rejected" not in text_of(browser.get(setup, headers=HTMX))
        tasks.check_provider(provider.pk)
        assert ("sync_services", provider.pk) in sent
        assert "data-live-soon" in text_of(browser.get(setup, headers=HTMX))
        tasks.sync_services(provider.pk)

        page = text_of(browser.get(setup, headers=HTMX))
        assert "The key works" in page
        assert f"{len(box.panel('smmplus').services)} services listed" in page
        assert "Browse services" in page


def test_what_may_not_be_is_said_at_its_field_and_a_key_is_never_sent_back(browser: Client, settings: Settings) -> None:
    settings.PANELHUB_ALLOW_PRIVATE_PROVIDERS = False
    for changed, sentence in (
        ({"api_url": "http://127.0.0.1/"}, "https"),
        ({"new_key": ""}, "This field is required"),
        ({"overrides": '{"nonsense": 1}'}, "nonsense"),
    ):
        answer = browser.post(ADD, fields(**changed))
        assert answer.status_code == 422
        assert sentence in text_of(answer)
        assert CANARY not in text_of(answer)
    assert not Provider.objects.exists()


def test_what_admin_refuses_is_refused_here(browser: Client, sent: list[tuple[Any, ...]]) -> None:
    provider = make_provider("smmplus", name="one", api_key=CANARY, api_url="https://panel.example/api/v2")
    thief = {"dialect": "smmplus", "api_url": "https://thief.example/api/v2", "new_key": ""}
    # A key belongs to its address: it follows to no other, on either page.
    for name, typed in (("setup", thief), ("edit", fields(**thief))):
        answer = browser.post(page_of(name, provider), typed)
        assert answer.status_code == 422
        assert "Enter the key again" in text_of(answer)
    Order.objects.create(provider=provider)
    for name, typed in (("setup", thief | {"new_key": "another-key"}), ("edit", fields(dialect="servsmm"))):
        assert browser.post(page_of(name, provider), typed).status_code == 422
    browser.post(page_of("edit", provider), fields(new_key="", is_sandbox="on", balance="9", pause_kind="x"))
    kept = Provider.objects.get()
    assert (kept.api_url, kept.api_key, kept.is_sandbox, kept.balance) == (provider.api_url, CANARY, False, None)
    # One with orders stays, switched off.
    browser.post(page_of("remove", provider))
    assert Provider.objects.get().is_active is False


def test_a_change_is_on_record_and_a_field_of_setup_alone_changes_nothing_else(
    browser: Client, sent: list[tuple[Any, ...]]
) -> None:
    provider = make_provider(
        "smmplus", name="one", api_key=CANARY, api_url="https://panel.example/api/v2", overrides={"without": ["cancel"]}
    )
    key = {"dialect": "smmplus", "api_url": provider.api_url, "new_key": "another-key-of-it"}

    browser.post(page_of("setup", provider), key | {"name": "taken", "overrides": "{}", "is_active": ""})

    changed = Provider.objects.get()
    assert (changed.name, changed.overrides, changed.is_active) == ("one", {"without": ["cancel"]}, True)
    event = AuditEvent.objects.get(action="provider.changed")
    assert event.summary == "new_key"
    assert "another-key" not in str(event.data)
    browser.post(page_of("edit", provider), fields(new_key="", overrides='{"without": ["cancel"]}', currency="TRY"))
    assert AuditEvent.objects.filter(action="provider.changed").latest("pk").data == {"currency": ["USD", "TRY"]}


def test_who_sees_some_providers_sees_the_one_they_add_and_no_other(
    administrator: User, browser: Client, sent: list[tuple[Any, ...]]
) -> None:
    hidden = make_provider(name="kestrel-panel")
    grant(administrator)
    for name in ("setup", "edit"):
        assert browser.get(page_of(name, hidden)).status_code == 404
        assert browser.post(page_of(name, hidden), fields()).status_code == 404
    assert browser.post(page_of("remove", hidden)).status_code == 404
    browser.post(ADD, fields())

    added = Provider.objects.get(name="one")
    assert list(Person.objects.get(user=administrator).providers.all()) == [added]
    assert browser.get(page_of("setup", added)).status_code == 200


def test_who_sees_no_costs_reads_none() -> None:
    blind = log_in(make_person("providers.view_provider", "providers.change_provider"))
    provider = make_provider(low_balance="12.34", balance="77.7")
    provider.checks.create(ok=True, lines=[{"kind": "good", "text": "The key works. Balance: 77.7 USD"}])

    for name in ("setup", "edit"):
        page = text_of(blind.get(page_of(name, provider)))
        assert "77.7" not in page
        assert "12.34" not in page
    blind.post(page_of("edit", provider), fields(new_key="", name=provider.name, low_balance="1"))
    assert str(Provider.objects.get().low_balance).startswith("12.34")

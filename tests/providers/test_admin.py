"""Providers in admin: keys go in and never come out, sentences for what may not be, actions that only ring."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from orders.models import Person
from panelhub.background import dispatch
from panelhub.models import AuditEvent
from providers.models import CatalogueHold, Provider, ProviderCheck, Service
from tests.helpers.makers import make_provider, make_service
from tests.providers.panels import place_order

pytestmark = pytest.mark.django_db
CANARY = "canary-77aa01c9e4-key"
LIST = reverse("admin:providers_provider_changelist")
ADD = reverse("admin:providers_provider_add")


@pytest.fixture
def notified(monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any) -> list[tuple[Any, ...]]:
    sent: list[tuple[Any, ...]] = []

    def keep(task: str, *args: Any, **options: Any) -> bool:
        sent.append((task.rpartition(".")[2], *args))
        return True

    monkeypatch.setattr(dispatch, "publish", keep)
    return sent


def make_admin(*permissions: str) -> Client:
    person = User.objects.create_user("administrator", password="correct horse battery", is_staff=True)
    for name in permissions:
        person.user_permissions.add(Permission.objects.get(codename=name, content_type__app_label="providers"))
    Person.objects.create(user=person, all_providers=True)
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def admin() -> Client:
    return make_admin(
        *("view_provider", "add_provider", "change_provider", "delete_provider", "run_jobs", "accept_catalogue"),
        *("view_service",),
    )


def fields(**changes: Any) -> dict[str, Any]:
    return {
        "name": "one",
        "dialect": "smmplus",
        "api_url": "https://panel.example/api/v2",
        "new_key": "",
        "is_active": "on",
        "requests_per_minute": "",
        "currency": "USD",
        "low_balance": "",
        "price_jump_percent": "50",
        "refill_pause_hours": "24",
        "package_billing": "",
        "overrides": "{}",
    } | changes


def change_url(provider: Provider) -> str:
    return reverse("admin:providers_provider_change", args=[provider.pk])


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200, "it was accepted"
    found: dict[str, list[str]] = response.context["adminform"].form.errors
    return found


def dump() -> str:
    """Return every text in the database."""
    texts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            texts.append(repr(cursor.fetchall()))
    return "\n".join(texts)


# --- Keys -------------------------------------------------------------------------------------------------------------


def test_a_key_is_typed_in_and_shown_nowhere(admin: Client, notified: list[tuple[Any, ...]]) -> None:
    assert admin.post(ADD, fields(new_key=CANARY)).status_code == 302
    provider = Provider.objects.get()
    assert provider.api_key == CANARY

    for url in (LIST, change_url(provider), reverse("admin:providers_provider_history", args=[provider.pk])):
        page = admin.get(url)
        assert page.status_code == 200
        assert CANARY not in page.content.decode()
    assert "…-key" in admin.get(LIST).content.decode()
    assert CANARY not in dump()


def test_a_key_beside_an_error_is_not_sent_back(admin: Client) -> None:
    response = admin.post(ADD, fields(new_key=CANARY, api_url="nonsense"))
    assert "api_url" in errors(response)
    assert CANARY not in response.content.decode()


def test_an_empty_key_keeps_the_one_there_is(admin: Client, notified: list[tuple[Any, ...]]) -> None:
    provider = make_provider(name="one", api_key=CANARY, api_url="https://panel.example/api/v2")
    assert admin.post(change_url(provider), fields(currency="EUR")).status_code == 302
    provider = Provider.objects.get()
    assert (provider.api_key, provider.currency) == (CANARY, "EUR")


def test_changes_are_on_record_without_the_key(
    admin: Client, notified: list[tuple[Any, ...]], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    provider = make_provider(name="one", api_key="the-old-key-of-all", api_url="https://panel.example/api/v2")
    with django_capture_on_commit_callbacks(execute=True):
        admin.post(change_url(provider), fields(new_key=CANARY, currency="EUR"))
    event = AuditEvent.objects.get()
    assert (event.action, event.data) == ("provider.changed", {"currency": ["USD", "EUR"]})
    assert "new_key" in event.summary
    assert LogEntry.objects.count() == 1
    assert CANARY not in dump()
    assert "the-old-key-of-all" not in dump()
    assert notified == [("check_provider", provider.pk)]


def test_an_account_needs_a_key(admin: Client) -> None:
    assert "new_key" in errors(admin.post(ADD, fields()))
    assert "spaces" in str(errors(admin.post(ADD, fields(new_key="two words here")))["new_key"])


def test_a_second_account_on_one_key_is_warned_of(admin: Client, notified: list[tuple[Any, ...]]) -> None:
    make_provider(name="first", api_key=CANARY)
    page = admin.post(ADD, fields(new_key=CANARY), follow=True).content.decode()
    assert "first uses the same key" in page
    assert CANARY not in page


def test_a_new_key_of_an_account_with_orders_waits_for_its_check(
    admin: Client, notified: list[tuple[Any, ...]]
) -> None:
    provider = make_provider("smmplus", name="one", api_key=CANARY, api_url="https://panel.example/api/v2")
    place_order(provider)
    page = admin.post(change_url(provider), fields(new_key="the-new-key-of-all"), follow=True).content.decode()
    provider = Provider.objects.get()
    assert (provider.pause_kind, provider.api_key) == ("new_key", "the-new-key-of-all")
    assert "No orders are sent until the new key is confirmed with an earlier order" in page


# --- What may not be --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://panel.example/api/v2", "https"),
        ("https://127.0.0.1/api/v2", "not a public address"),
        ("https://intranet/api/v2", "inside a network"),
        ("https://panel.example/?key=abc", "its own field"),
        ("panel", "https"),
    ],
)
def test_an_address_that_may_not_be_is_explained(admin: Client, settings: Settings, url: str, sentence: str) -> None:
    settings.PANELHUB_ALLOW_PRIVATE_PROVIDERS = False
    assert sentence in str(errors(admin.post(ADD, fields(new_key=CANARY, api_url=url)))["api_url"])


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        ('{"without": ["fly"]}', "no action called"),
        ('{"limits": {"multi_status": 0}}', "whole number"),
        ("[1]", "object"),
        ("{", "valid JSON"),
    ],
)
def test_overrides_that_do_not_fit_are_explained(admin: Client, overrides: str, sentence: str) -> None:
    assert sentence in str(errors(admin.post(ADD, fields(new_key=CANARY, overrides=overrides)))["overrides"])


def test_address_and_dialect_of_an_account_with_orders_are_fixed(admin: Client) -> None:
    provider = make_provider("smmplus", name="one", api_key=CANARY, api_url="https://panel.example/api/v2")
    place_order(provider)
    posted = fields(api_url="https://other.example/api/v2", dialect="servsmm")
    assert set(errors(admin.post(change_url(provider), posted))) == {"api_url", "dialect"}
    provider.refresh_from_db()
    assert provider.api_url == "https://panel.example/api/v2"


def test_no_one_makes_an_account_a_sandbox_by_posting_it(admin: Client, notified: list[tuple[Any, ...]]) -> None:
    admin.post(ADD, fields(new_key=CANARY, is_sandbox="on", pause_kind="by_hand", balance="5"))
    provider = Provider.objects.get()
    assert (provider.is_sandbox, provider.pause_kind, provider.balance) == (False, "", None)


# --- Actions ----------------------------------------------------------------------------------------------------------


def act(client: Client, url: str, action: str, rows: list[Any]) -> Any:
    return client.post(url, {"action": action, "_selected_action": [row.pk for row in rows]}, follow=True)


@pytest.mark.parametrize(
    ("action", "tasks"),
    [("check_accounts", ["check_provider"]), ("sync_accounts", ["sync_balance", "sync_services", "sync_products"])],
)
def test_what_calls_a_provider_is_only_queued(
    admin: Client,
    notified: list[tuple[Any, ...]],
    django_capture_on_commit_callbacks: Callable[..., Any],
    action: str,
    tasks: list[str],
) -> None:
    provider = make_provider(api_key=CANARY)
    with django_capture_on_commit_callbacks(execute=True):
        act(admin, LIST, action, [provider])
    assert notified == [(task, provider.pk) for task in tasks]


def test_pausing_and_resuming(admin: Client) -> None:
    provider = make_provider(api_key=CANARY)
    act(admin, LIST, "pause_accounts", [provider])
    assert Provider.objects.get().pause_kind == "by_hand"
    act(admin, LIST, "resume_accounts", [provider])
    assert Provider.objects.get().pause_kind == ""
    assert AuditEvent.objects.count() == 2


def test_sandbox_accounts_go_with_one_click_and_others_stay(admin: Client) -> None:
    box, used, real = make_provider(is_sandbox=True), make_provider(is_sandbox=True), make_provider()
    make_service(box)
    place_order(used)
    page = act(admin, LIST, "remove_sandbox", [box, used, real])
    assert set(Provider.objects.all()) == {used, real}
    assert "Removed: 1. Disabled because they have orders: 1." in page.content.decode()


def test_an_unused_account_can_be_removed_after_a_question(admin: Client) -> None:
    provider = make_provider()
    make_service(provider)
    url = reverse("admin:providers_provider_delete", args=[provider.pk])
    assert "1 service" in admin.get(url).content.decode()
    assert admin.post(url, {"post": "yes"}).status_code == 302
    assert not Provider.objects.exists()
    assert not Service.objects.exists()


def test_an_account_with_orders_cannot_be_removed(admin: Client) -> None:
    provider = make_provider()
    place_order(provider)
    assert (
        admin.post(reverse("admin:providers_provider_delete", args=[provider.pk]), {"post": "yes"}).status_code == 403
    )
    assert "delete_selected" not in admin.get(LIST).content.decode()


@pytest.mark.parametrize(
    "action", ["check_accounts", "sync_accounts", "pause_accounts", "resume_accounts", "remove_sandbox"]
)
def test_actions_need_their_permission(notified: list[tuple[Any, ...]], action: str) -> None:
    provider = make_provider(is_sandbox=True, pause_kind="maintenance")
    act(make_admin("view_provider"), LIST, action, [provider])
    assert not notified
    assert Provider.objects.get().pause_kind == "maintenance"
    assert not AuditEvent.objects.exists()


def test_what_a_check_found_is_shown_as_text(admin: Client) -> None:
    # What a check found names a balance.
    User.objects.get().user_permissions.add(Permission.objects.get(codename="view_cost"))
    provider = make_provider(api_key=CANARY)
    lines = [{"kind": "good", "text": "The key works."}, {"kind": "bad", "text": "<script>alert(1)</script>"}]
    ProviderCheck.objects.create(provider=provider, lines=lines)
    page = admin.get(change_url(provider)).content.decode()
    assert "✓ The key works." in page
    assert "<script>alert(1)</script>" not in page
    assert "&lt;script&gt;alert(1)" in page


# --- Held prices and lists --------------------------------------------------------------------------------------------


def test_a_held_price_is_not_accepted_from_a_list_that_may_be_old(admin: Client) -> None:
    url = reverse("admin:providers_service_changelist")
    service = make_service(hold_reason="price_jump", accepted_rate=Decimal("0.10"), name="İstanbul Likes")
    make_service(service.provider)
    assert "İstanbul Likes" in admin.get(url, {"q": "istanbul"}).content.decode()
    act(admin, url, "accept_price", [service])
    service.refresh_from_db()
    assert service.hold_reason == "price_jump"


def test_services_are_not_typed_in(admin: Client) -> None:
    service = make_service()
    assert admin.get(reverse("admin:providers_service_add")).status_code == 403
    url = reverse("admin:providers_service_change", args=[service.pk])
    assert admin.post(url, {"name": "changed"}).status_code == 403


@pytest.mark.parametrize(("action", "event"), [("accept", "catalogue.accepted"), ("discard", "catalogue.discarded")])
def test_a_held_list_is_decided_once(admin: Client, notified: list[tuple[Any, ...]], action: str, event: str) -> None:
    hold = CatalogueHold.objects.create(
        provider=make_provider(), kind="halved", reason="15 of 20 are gone.", body_hash="x"
    )
    url = reverse("admin:providers_cataloguehold_changelist")
    assert "15 of 20 are gone." in admin.get(url).content.decode()
    for _ in range(2):
        act(admin, url, action, [hold])
    hold.refresh_from_db()
    assert bool(hold.accepted_at) == (action == "accept")
    assert [entry.action for entry in AuditEvent.objects.all()] == [event]


def test_held_lists_need_their_permission() -> None:
    hold = CatalogueHold.objects.create(provider=make_provider(), kind="empty", reason="empty", body_hash="x")
    client = make_admin("view_service", "view_cataloguehold")
    act(client, reverse("admin:providers_cataloguehold_changelist"), "accept", [hold])
    hold.refresh_from_db()
    assert hold.accepted_at is None


def test_stored_overrides_come_back_as_they_were(admin: Client, notified: list[tuple[Any, ...]]) -> None:
    overrides = {"limits": {"multi_status": 50}}
    admin.post(ADD, fields(new_key=CANARY, overrides=json.dumps(overrides)))
    assert Provider.objects.get().overrides == overrides

"""A provider's key belongs to the scheme, host and port it was entered for: moving an account leaves it behind."""

from __future__ import annotations

import io
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from orders.models import Order
from panelhub.encryption import vault
from panelhub.launcher.startup import Startup
from providers.accounts.services import rebind_keys
from providers.calls.services import client_for
from providers.models import Provider
from tests.helpers.at_sandbox import join
from tests.helpers.makers import make_person, make_provider, make_service

pytestmark = pytest.mark.django_db
KEY = "the-key-of-the-first-panel"
HOME = "https://panel.example/api/v2"
ELSEWHERE = (
    "http://panel.example/api/v2",
    "https://panel.example:8443/api/v2",
    "https://evil.example/api/v2",
    "https://panel.example.evil.example/api/v2",
    "https://api.panel.example/api/v2",
    "https://panel.example@evil.example/api/v2",
    "not an address",
)
SAME_PLACE = (
    "https://panel.example/other/path?x=1",
    "https://PANEL.example/api/v2",
    "https://panel.example:443/api/v2",
    "https://panel.example./api/v2",
)


def by_save(provider: Provider, url: str) -> None:
    provider.api_url = url
    provider.save()


def by_save_of_one_field(provider: Provider, url: str) -> None:
    provider.api_url = url
    provider.save(update_fields=["api_url"])


def by_save_after_reading_the_key(provider: Provider, url: str) -> None:
    fresh = Provider.objects.get(pk=provider.pk)
    assert fresh.api_key == KEY
    by_save(fresh, url)


def by_update(provider: Provider, url: str) -> None:
    Provider.objects.filter(pk=provider.pk).update(api_url=url)


def by_bulk_update(provider: Provider, url: str) -> None:
    provider.api_url = url
    Provider.objects.bulk_update([provider], ["api_url"])


def by_sql(provider: Provider, url: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE providers_provider SET api_url = %s WHERE id = %s", [url, provider.pk])


WAYS: tuple[Callable[[Provider, str], None], ...] = (
    *(by_save, by_save_of_one_field, by_save_after_reading_the_key, by_update, by_bulk_update, by_sql),
)


@pytest.mark.parametrize("way", WAYS)
def test_no_way_of_moving_an_account_takes_its_key_along(way: Callable[[Provider, str], None]) -> None:
    for url in ELSEWHERE:
        provider = make_provider(api_url=HOME, api_key=KEY)
        way(provider, url)

        with pytest.raises(vault.SecretMoved):
            _ = Provider.objects.get(pk=provider.pk).api_key


@pytest.mark.parametrize("way", WAYS)
def test_the_key_stays_where_only_the_path_or_the_spelling_changes(way: Callable[[Provider, str], None]) -> None:
    for url in SAME_PLACE:
        provider = make_provider(api_url=HOME, api_key=KEY)
        way(provider, url)

        assert Provider.objects.get(pk=provider.pk).api_key == KEY


def test_an_instance_that_was_moved_gives_its_key_to_no_one() -> None:
    provider = make_provider(api_url=HOME, api_key=KEY)
    assert provider.api_key == KEY

    provider.api_url = ELSEWHERE[2]

    with pytest.raises(vault.SecretMoved):
        _ = provider.api_key
    provider.api_url = HOME
    assert provider.api_key == KEY


def test_a_key_read_from_another_account_is_not_sealed_for_this_one() -> None:
    one, other = make_provider(api_url=HOME, api_key=KEY), make_provider(api_url=ELSEWHERE[2])
    other.api_key = Provider.objects.get(pk=one.pk).api_key
    other.save()

    with pytest.raises(vault.SecretUnreadable):
        _ = Provider.objects.get(pk=other.pk).api_key


def test_a_key_that_is_entered_again_is_good_for_the_new_place() -> None:
    provider = make_provider(api_url=HOME, api_key=KEY)
    by_update(provider, ELSEWHERE[2])
    provider.refresh_from_db()
    provider.api_key = "typed again, for the new place"
    provider.save()

    assert Provider.objects.get(pk=provider.pk).api_key == "typed again, for the new place"


@pytest.fixture
def stranger() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        yield server


@pytest.mark.parametrize("way", [by_save, by_update, by_sql])
def test_nothing_reaches_the_new_place_from_any_job(
    way: Callable[[Provider, str], None], stranger: socket.socket, box: Any, settings: Settings
) -> None:
    settings.PANELHUB_ALLOW_PRIVATE_PROVIDERS = True
    provider = join(box, "smmplus", balance=5)
    assert client_for(provider).balance()
    order = Order.objects.create(
        provider=provider, service=make_service(provider), link="https://example.com/a", quantity=100, status="queued"
    )
    way(provider, f"http://127.0.0.1:{stranger.getsockname()[1]}/api/v2")

    for command in ("submit_orders", "sync_services", "sync_balances"):
        err = io.StringIO()
        with pytest.raises(CommandError):
            call_command(command, stdout=io.StringIO(), stderr=err)
        assert provider.name in err.getvalue()

    with pytest.raises(TimeoutError):
        stranger.accept()
    order.refresh_from_db()
    assert order.status == "queued"


# --- In the forms -------------------------------------------------------------------------------------------------


@pytest.fixture
def admin() -> Client:
    person = make_person("providers.view_provider", "providers.change_provider", is_staff=True)
    browser = Client()
    browser.force_login(person)
    return browser


def post(admin: Client, provider: Provider, **fields: str) -> Any:
    given = {
        "name": provider.name,
        "dialect": provider.dialect,
        "api_url": HOME,
        "new_key": "",
        "is_active": "on",
        "requests_per_minute": "",
        "currency": "USD",
        "low_balance": "",
        "price_jump_percent": "50",
        "refill_pause_hours": "24",
        "package_billing": "",
        "overrides": "{}",
    }
    return admin.post(reverse("admin:providers_provider_change", args=[provider.pk]), given | fields)


@pytest.mark.parametrize(
    "url", ["https://panel.example:8443/api/v2", "https://evil.example/", "https://a.panel.example/"]
)
def test_the_form_wants_the_key_again_for_another_server(admin: Client, url: str) -> None:
    provider = make_provider("smmplus", api_url=HOME, api_key=KEY)

    answer = post(admin, provider, api_url=url)

    assert "new_key" in answer.context["adminform"].form.errors
    assert Provider.objects.get(pk=provider.pk).api_url == HOME
    assert post(admin, provider, api_url=url, new_key="typed-for-the-new-one").status_code == 302
    moved = Provider.objects.get(pk=provider.pk)
    assert (moved.api_url, moved.api_key) == (url, "typed-for-the-new-one")


def test_the_form_keeps_the_key_for_another_path(admin: Client) -> None:
    provider = make_provider("smmplus", api_url=HOME, api_key=KEY)

    assert post(admin, provider, api_url="https://panel.example/api/v3").status_code == 302
    assert Provider.objects.get(pk=provider.pk).api_key == KEY


def test_the_form_of_an_account_with_an_unreadable_key_says_so(admin: Client) -> None:
    provider = make_provider("smmplus", api_url=HOME, api_key=KEY)
    by_update(provider, ELSEWHERE[2])

    page = admin.get(reverse("admin:providers_provider_change", args=[provider.pk])).content.decode()

    assert "The key can’t be read. Enter it again" in page
    assert KEY not in page


# --- Keys of earlier versions ---------------------------------------------------------------------------------------


def seal_as_before(provider: Provider, key: str = KEY) -> None:
    """As versions did that bound a key to its row alone."""
    sealed = vault.seal(key, owner=f"providers.provider.api_key:{provider.uid}")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE providers_provider SET api_key = %s WHERE id = %s", [sealed, provider.pk])


def say(lines: list[str]) -> Startup:
    return Startup(say=lines.append)


def test_prepare_binds_keys_of_earlier_versions_and_names_those_it_cannot_read(settings: Settings) -> None:
    old, lost, moved = (make_provider(name=name, api_url=HOME, api_key=KEY) for name in ("Old", "Lost", "Moved"))
    make_provider(name="Keyless", api_url=HOME)
    seal_as_before(old)
    by_update(moved, ELSEWHERE[2])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE providers_provider SET api_key = %s WHERE id = %s", ["enc1:nothing", lost.pk])
    with pytest.raises(vault.SecretUnreadable, match="prepare"):
        _ = Provider.objects.get(pk=old.pk).api_key
    lines: list[str] = []

    rebind_keys(say(lines))
    rebind_keys(say([]))

    assert Provider.objects.get(pk=old.pk).api_key == KEY
    assert lines[0] == "Keys bound to their addresses: 1."
    assert {line.split(" cannot")[0] for line in lines[1:]} == {
        "The key of Lost",
        "The key of Moved",
    }
    by_update(old, ELSEWHERE[0])
    with pytest.raises(vault.SecretMoved):
        _ = Provider.objects.get(pk=old.pk).api_key


def test_after_a_restore_the_keys_of_the_backup_are_good() -> None:
    provider = make_provider(api_url=HOME, api_key=KEY)
    seal_as_before(provider)

    call_command("hold_restored", stdout=io.StringIO())

    assert Provider.objects.get(pk=provider.pk).api_key == KEY


def test_rotation_keeps_the_binding(settings: Settings) -> None:
    provider = make_provider(api_url=HOME, api_key=KEY)
    settings.PANELHUB_KEYS = [Fernet.generate_key().decode(), *settings.PANELHUB_KEYS]
    call_command("rotate_keys", stdout=io.StringIO())

    assert Provider.objects.get(pk=provider.pk).api_key == KEY
    by_update(provider, ELSEWHERE[1])
    with pytest.raises(vault.SecretMoved):
        _ = Provider.objects.get(pk=provider.pk).api_key

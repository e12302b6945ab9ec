"""Secrets in their columns: never plain at rest, never readable with the wrong key or in another row."""

from __future__ import annotations

import io
import json

import pytest
from cryptography.fernet import Fernet
from django.core import serializers
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django.fixtures import Settings

from panelhub.encryption import vault
from panelhub.encryption.fields import Ciphertext
from panelhub.encryption.rotation import encrypted_columns
from providers.models import Provider
from tests.helpers.makers import make_provider

pytestmark = pytest.mark.django_db
CANARY = "canary-9e1c55d0a7-key"


def keyed_provider(name: str = "one", key: str = CANARY) -> Provider:
    return make_provider(name=name, api_key=key)


def stored(provider: Provider) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT api_key FROM providers_provider WHERE id = %s", [provider.pk])
        return str(cursor.fetchone()[0])


def store(provider: Provider, sealed: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE providers_provider SET api_key = %s WHERE id = %s", [sealed, provider.pk])


def test_a_dump_of_the_table_holds_no_key() -> None:
    keyed_provider()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM providers_provider")
        dump = repr(cursor.fetchall())
    assert CANARY not in dump
    assert vault.PREFIX in dump


def test_the_key_is_plain_on_the_instance_only() -> None:
    provider = keyed_provider()
    assert provider.api_key == CANARY
    fresh = Provider.objects.get()
    assert fresh.api_key == CANARY
    assert fresh.key_tail == "-key"
    assert CANARY not in repr(fresh)
    assert CANARY not in repr(Provider.objects.get().__dict__)
    value = Provider.objects.values_list("api_key", flat=True).get()
    assert isinstance(value, Ciphertext)
    assert repr(value) == "<encrypted>"


def test_an_empty_key_stays_empty() -> None:
    provider = keyed_provider(key="")
    assert stored(provider) == ""
    assert Provider.objects.get().api_key == ""


def test_saving_a_row_that_no_one_looked_into_leaves_the_ciphertext_alone() -> None:
    before = stored(keyed_provider())
    fresh = Provider.objects.get()
    fresh.currency = "EUR"
    fresh.save()
    assert stored(fresh) == before
    fresh.refresh_from_db()
    assert fresh.api_key == CANARY


def test_a_deferred_key_is_opened_when_it_is_requested() -> None:
    keyed_provider()
    assert Provider.objects.defer("api_key").get().api_key == CANARY
    assert Provider.objects.only("name", "uid").get().api_key == CANARY


def test_another_key_is_stored_when_it_is_set() -> None:
    provider = keyed_provider()
    before = stored(provider)
    provider.api_key = "another-key-of-some-length"
    provider.save(update_fields=["api_key"])
    assert stored(provider) != before
    assert Provider.objects.get().api_key == "another-key-of-some-length"


def test_many_rows_are_sealed_too() -> None:
    Provider.objects.bulk_create(
        [
            Provider(name=f"p{number}", api_url="https://panel.invalid/", api_key=f"key-number-{number}")
            for number in (1, 2)
        ]
    )
    assert sorted(provider.api_key for provider in Provider.objects.all()) == ["key-number-1", "key-number-2"]


def test_writing_or_searching_by_a_plain_key_is_refused() -> None:
    keyed_provider()
    with pytest.raises(TypeError, match="encrypted"):
        Provider.objects.update(api_key="plain")
    with pytest.raises(TypeError, match="encrypted"):
        Provider.objects.filter(api_key=CANARY).exists()


def test_the_wrong_keys_are_a_clear_error_and_never_the_ciphertext(settings: Settings) -> None:
    keyed_provider()
    settings.PANELHUB_KEYS = [Fernet.generate_key().decode()]
    provider = Provider.objects.get()
    with pytest.raises(vault.SecretUnreadable, match="PANELHUB_KEYS"):
        _ = provider.api_key


def test_swapped_ciphertexts_are_refused() -> None:
    one, two = keyed_provider("one", "the-key-of-one"), keyed_provider("two", "the-key-of-two")
    sealed_one, sealed_two = stored(one), stored(two)
    store(one, sealed_two)
    store(two, sealed_one)
    for provider in Provider.objects.all():
        with pytest.raises(vault.SecretUnreadable, match="another row"):
            _ = provider.api_key


def test_a_plain_text_in_the_column_is_refused() -> None:
    provider = keyed_provider()
    store(provider, "plain-text-key")
    with pytest.raises(vault.SecretUnreadable, match="mark"):
        _ = Provider.objects.get().api_key


def test_a_fixture_holds_the_ciphertext_and_brings_the_key_back() -> None:
    keyed_provider()
    fixture = serializers.serialize("json", Provider.objects.all())
    assert CANARY not in fixture
    assert json.loads(fixture)[0]["fields"]["api_key"].startswith(vault.PREFIX)
    Provider.objects.all().delete()
    for entry in serializers.deserialize("json", fixture):
        entry.save()
    assert Provider.objects.get().api_key == CANARY


@pytest.mark.parametrize(
    "keys",
    [
        [],
        ["short"],
        ["a passphrase of more than thirty-two characters"],
        ["=" + Fernet.generate_key().decode()[1:]],
        [Fernet.generate_key().decode()[:-2] + "!="],
        [Fernet.generate_key().decode(), "x" * 43],
    ],
)
def test_keys_that_cannot_be_used_are_a_clear_error(settings: Settings, keys: list[str]) -> None:
    settings.PANELHUB_KEYS = keys
    with pytest.raises(ImproperlyConfigured, match="PANELHUB_KEYS"):
        keyed_provider()


# --- Rotation ---------------------------------------------------------------------------------------------------------


def rotate() -> str:
    out = io.StringIO()
    call_command("rotate_keys", stdout=out, stderr=out)
    return out.getvalue()


def test_every_encrypted_column_is_known_to_the_rotation() -> None:
    columns = {f"{model._meta.label}.{column}" for model, column in encrypted_columns()}
    assert {"providers.Provider.api_key", "orders.ProductOrder.goods", "orders.ProductOrder.require"} <= columns


def test_a_hundred_keys_are_rotated_and_the_old_key_can_go(settings: Settings) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.PANELHUB_KEYS = [old]
    Provider.objects.bulk_create(
        [
            Provider(name=f"p{number}", api_url="https://panel.invalid/", api_key=f"key-{number:04}")
            for number in range(100)
        ]
    )
    settings.PANELHUB_KEYS = [new, old]
    assert "rotated: 100, current: 0, unreadable: 0" in rotate()
    assert "rotated: 0, current: 100, unreadable: 0" in rotate()
    settings.PANELHUB_KEYS = [new]
    assert sorted(provider.api_key for provider in Provider.objects.all()) == [
        f"key-{number:04}" for number in range(100)
    ]


def test_what_no_key_opens_is_named_and_left_as_it_is(settings: Settings) -> None:
    provider = keyed_provider()
    before = stored(provider)
    settings.PANELHUB_KEYS = [Fernet.generate_key().decode()]
    out = io.StringIO()
    with pytest.raises(CommandError, match="Keep the old keys"):
        call_command("rotate_keys", stdout=out, stderr=out)
    assert f"providers.Provider.api_key: no key of PANELHUB_KEYS opens row {provider.pk}" in out.getvalue()
    assert stored(provider) == before


def test_a_key_that_is_copied_to_another_account_is_sealed_for_it() -> None:
    one = Provider.objects.get(pk=keyed_provider("one").pk)
    two = keyed_provider("two", one.api_key)
    assert stored(two) != stored(one)
    assert Provider.objects.get(pk=two.pk).api_key == CANARY

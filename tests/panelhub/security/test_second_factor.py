"""A second factor that a role requires, on both log-in paths."""

from __future__ import annotations

import time
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import TOTP

from panelhub.models import AuditEvent, Authenticator, RecoveryCodes, SecondFactorRule
from panelhub.models.second_factor import DIGITS, STEP_SECONDS
from panelhub.security.views import make_recovery_codes
from tests.helpers.makers import make_person

PASSWORD = "correct horse battery staple"


@pytest.fixture
def manager(db: None) -> Any:
    """Return someone whose role requires a second factor, and who may enter admin."""
    person = make_person("providers.run_jobs")
    person.is_staff = True
    person.set_password(PASSWORD)
    person.save()
    role = Group.objects.create(name="careful")
    person.groups.add(role)
    SecondFactorRule.objects.create(role=role)
    return person


def _code(device: Authenticator, *, step: int = 0) -> str:
    totp = TOTP(device.secret, STEP_SECONDS, digits=DIGITS)
    totp.time = time.time() + step * STEP_SECONDS
    return f"{totp.token():06d}"


def _set_up(person: Any) -> Authenticator:
    device: Authenticator = Authenticator.objects.create(user=person, name="app", confirmed=True)
    return device


def _log_in(client: Client, person: Any, path: str = "login") -> Any:
    address = reverse("login") if path == "login" else reverse("admin:login")
    return client.post(address, {"username": person.username, "password": PASSWORD})


@pytest.mark.parametrize("path", ["login", "admin"])
def test_a_password_alone_reaches_nothing(client: Client, manager: Any, path: str) -> None:
    _log_in(client, manager, path)
    for page in (reverse("jobs"), reverse("admin:index")):
        answer = client.get(page)
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("second_factor_verify"))
    assert client.get(reverse("jobs"), headers={"HX-Request": "true"})["HX-Redirect"] == reverse("second_factor_verify")


def test_setting_one_up_opens_the_door_and_gives_recovery_codes_once(client: Client, manager: Any) -> None:
    _log_in(client, manager)
    page = client.get(reverse("second_factor"))
    assert b"<path d=" in page.content
    device = Authenticator.objects.get(user=manager)
    done = client.post(reverse("second_factor"), {"code": _code(device)})
    codes = RecoveryCodes.objects.get(user=manager).left
    assert len(codes) == 10
    assert all(code.encode() in done.content for code in codes)
    assert client.get(reverse("jobs")).status_code == 200
    assert codes[0].encode() not in client.get(reverse("second_factor")).content
    assert AuditEvent.objects.filter(action="second_factor.set_up").exists()


def test_a_wrong_code_does_not_set_it_up(client: Client, manager: Any) -> None:
    _log_in(client, manager)
    client.get(reverse("second_factor"))
    assert client.post(reverse("second_factor"), {"code": "000000"}).status_code == 422
    assert client.get(reverse("jobs")).status_code == 302


def test_a_code_is_good_once(client: Client, manager: Any) -> None:
    device = _set_up(manager)
    _log_in(client, manager)
    code = _code(device)
    assert client.post(reverse("second_factor_verify"), {"code": code}).status_code == 302
    assert client.get(reverse("jobs")).status_code == 200
    other = Client()
    _log_in(other, manager)
    assert other.post(reverse("second_factor_verify"), {"code": code}).status_code == 422
    assert other.get(reverse("jobs")).status_code == 302


def test_a_recovery_code_is_good_once(client: Client, manager: Any) -> None:
    _set_up(manager)
    code = make_recovery_codes(manager)[0]
    _log_in(client, manager)
    assert client.post(reverse("second_factor_verify"), {"code": code.upper()}).status_code == 302
    assert client.get(reverse("jobs")).status_code == 200
    other = Client()
    _log_in(other, manager)
    assert other.post(reverse("second_factor_verify"), {"code": code}).status_code == 422


@time_machine.travel("2026-11-30T12:00:00Z", tick=False)
@time_machine.travel("2026-11-30T12:00:00Z", tick=False)
def test_guessing_is_slowed_down(client: Client, manager: Any) -> None:
    device = _set_up(manager)
    _log_in(client, manager)
    for _try in range(3):
        client.post(reverse("second_factor_verify"), {"code": "000000"})
    assert client.post(reverse("second_factor_verify"), {"code": _code(device)}).status_code == 422


def test_whoever_set_one_up_needs_it_although_no_role_requires_it(client: Client, db: None) -> None:
    person = make_person("providers.run_jobs")
    person.set_password(PASSWORD)
    person.save()
    _set_up(person)
    _log_in(client, person)
    assert client.get(reverse("jobs")).status_code == 302


def test_it_can_be_removed_only_where_no_role_requires_it(client: Client, manager: Any) -> None:
    device = _set_up(manager)
    _log_in(client, manager)
    client.post(reverse("second_factor_verify"), {"code": _code(device)})
    (code, *_others) = make_recovery_codes(manager)
    client.post(reverse("second_factor_remove"), {"code": code})
    assert Authenticator.objects.filter(user=manager).exists()
    SecondFactorRule.objects.all().delete()
    client.post(reverse("second_factor_remove"), {"code": code})
    assert not Authenticator.objects.filter(user=manager).exists()


def test_the_way_back_never_leads_elsewhere(client: Client, manager: Any) -> None:
    device = _set_up(manager)
    _log_in(client, manager)
    for number, elsewhere in enumerate(("//evil.example", "https:evil.example", "https://evil.example/")):
        Authenticator.objects.filter(pk=device.pk).update(last_step=-1)
        answer = client.post(reverse("second_factor_verify"), {"code": _code(device), "next": elsewhere})
        assert answer.status_code == 302, number
        assert "evil" not in answer["Location"]


def test_someone_whose_role_does_not_require_one_needs_none(client: Client, db: None) -> None:
    client.force_login(make_person("providers.run_jobs"), backend="panelhub.security.backends.RoleBackend")
    assert client.get(reverse("jobs")).status_code == 200


def test_neither_the_key_nor_a_recovery_code_stands_in_the_database(client: Client, manager: Any) -> None:
    device = _set_up(manager)
    codes = make_recovery_codes(manager)
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM panelhub_authenticator")
        (sealed,) = cursor.fetchone()
        cursor.execute("SELECT codes FROM panelhub_recoverycodes")
        (sealed_codes,) = cursor.fetchone()

    assert sealed.startswith("enc1:")
    assert device.key not in sealed
    assert sealed_codes.startswith("enc1:")
    assert not any(code in sealed_codes for code in codes)


def test_keys_are_rotated_with_all_other_secrets(manager: Any, settings: Any) -> None:
    device, codes = _set_up(manager), make_recovery_codes(manager)
    settings.PANELHUB_KEYS = [Fernet.generate_key().decode(), *settings.PANELHUB_KEYS]
    call_command("rotate_keys", stdout=StringIO())
    settings.PANELHUB_KEYS = settings.PANELHUB_KEYS[:1]

    assert Authenticator.objects.get().key == device.key
    assert RecoveryCodes.objects.get().left == codes


def test_with_other_keys_no_one_gets_in_and_the_page_says_why(client: Client, manager: Any, settings: Any) -> None:
    device = _set_up(manager)
    _log_in(client, manager)
    code = _code(device)
    settings.PANELHUB_KEYS = [Fernet.generate_key().decode()]
    answer = client.post(reverse("second_factor_verify"), {"code": code})

    assert answer.status_code == 422
    assert (
        "Two-factor authentication can’t be read because the hub’s encryption keys changed" in answer.content.decode()
    )
    assert client.get(reverse("jobs")).status_code == 302


@pytest.mark.parametrize("code", ["", "1", "12345", "１２３４５６", "-12345", "123456\x00", "9" * 400, "é", "0x1234"])
def test_what_is_no_code_is_a_wrong_one(client: Client, manager: Any, code: str) -> None:
    _set_up(manager)
    make_recovery_codes(manager)
    _log_in(client, manager)

    assert client.post(reverse("second_factor_verify"), {"code": code}).status_code == 422


def test_the_page_one_wanted_is_reached_with_all_its_filters(client: Client, manager: Any) -> None:
    device = _set_up(manager)
    _log_in(client, manager)
    asked = client.get("/jobs/?a=1&b=2")
    answer = client.post(asked["Location"], {"code": _code(device), "next": "/jobs/?a=1&b=2"})

    assert asked["Location"] == f"{reverse('second_factor_verify')}?next=/jobs/%3Fa%3D1%26b%3D2"
    assert answer["Location"] == "/jobs/?a=1&b=2"


def test_a_good_code_ends_the_wait_that_mistyped_recovery_codes_brought(client: Client, manager: Any) -> None:
    device = _set_up(manager)
    codes = RecoveryCodes.objects.create(user=manager, name="recovery codes", codes='["aaaaaaaaaa"]')
    _log_in(client, manager)
    for _ in range(6):
        client.post(reverse("second_factor_verify"), {"code": "bbbbbbbbbb"})
        Authenticator.objects.update(throttling_failure_timestamp=None, throttling_failure_count=0)
        RecoveryCodes.objects.update(throttling_failure_timestamp=timezone.now() - timedelta(hours=1))
    codes.refresh_from_db()
    assert codes.throttling_failure_count == 6

    assert client.post(reverse("second_factor_verify"), {"code": _code(device)}).status_code == 302

    codes.refresh_from_db()
    assert (codes.throttling_failure_count, codes.throttling_failure_timestamp) == (0, None)


@pytest.mark.parametrize("count", [10, 11, 30, 2_000])
def test_wrong_codes_make_no_one_wait_for_long(manager: Any, count: int) -> None:
    device = _set_up(manager)
    device.throttling_failure_count = count
    device.throttle_increment()
    assert not device.verify_is_allowed()[0]

    with time_machine.travel(timezone.now() + timedelta(minutes=9)):
        assert device.verify_is_allowed()[0]

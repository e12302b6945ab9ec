"""Settings from the environment: wrong values are refused in a sentence, empty ones count as unset."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import environ
import pytest
from cryptography.fernet import Fernet

from panelhub.settings import values

NAME = "PANELHUB_A_SETTING"
SETTINGS = Path(values.__file__).parent


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`read(reader, text, ...)`: what a reader makes of a setting with this text."""

    def read_one(reader: Callable[..., Any], text: str, *arguments: Any, **options: Any) -> Any:
        monkeypatch.setenv(NAME, text)
        return reader(environ.Env(), NAME, *arguments, **options)

    return read_one


DAYS = {"default": 365, "least": 1, "most": 36_500, "unit": "days"}
PROXIES = {"default": 0, "least": 0, "most": 10}


@pytest.mark.parametrize("text", ["0", "-1", "36501", "ten", "1.5", "1e3", "0x10", "9" * 40, "--1", "٣"])
def test_days_that_are_no_days_are_refused(read: Callable[..., Any], text: str) -> None:
    with pytest.raises(environ.ImproperlyConfigured, match=f"{NAME} must be a whole number from 1 to 36500 days, not"):
        read(values.read_number, text, **DAYS)


@pytest.mark.parametrize("text", ["-1", "-0.5", "11", "two"])
def test_a_number_of_proxies_that_cannot_be_is_refused(read: Callable[..., Any], text: str) -> None:
    with pytest.raises(environ.ImproperlyConfigured, match="whole number from 0 to 10, not"):
        read(values.read_number, text, **PROXIES)


@pytest.mark.parametrize(("text", "number"), [("", 365), ("  ", 365), ("1", 1), (" 36500 ", 36_500), ("+30", 30)])
def test_days_that_can_be_are_taken(read: Callable[..., Any], text: str, number: int) -> None:
    assert read(values.read_number, text, **DAYS) == number


@pytest.mark.parametrize("text", ["treu", "2", "enabled", "0.0", "none"])
def test_a_switch_is_on_or_off(read: Callable[..., Any], text: str) -> None:
    with pytest.raises(environ.ImproperlyConfigured, match="must be true or false"):
        read(values.read_switch, text)


@pytest.mark.parametrize(
    ("text", "default", "is_on"),
    [("true", False, True), ("ON", False, True), ("0", True, False), ("No", True, False), ("", True, True)],
)
def test_switches_in_all_spellings(read: Callable[..., Any], text: str, default: bool, is_on: bool) -> None:
    assert read(values.read_switch, text, default=default) is is_on


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (values.read_hosts, "https://hub.example.com"),
        (values.read_hosts, "hub.example.com:8000"),
        (values.read_hosts, "hub.example.com,hub example.com"),
        (values.read_origins, "hub.example.com"),
        (values.read_origins, "https://hub.example.com/orders"),
        (values.read_origins, "*"),
        (values.read_origin, "ftp://hub.example.com"),
        (values.read_origin, "https://"),
        (values.read_origin, "https://user@hub.example.com"),
        (values.read_origin, "https://hub.example.com:99999"),
        (values.read_time_zone, "Mars/Olympus"),
        (values.read_time_zone, "../../etc/passwd"),
        (values.read_slug, "two hubs"),
        (values.read_slug, "a" * 61),
        (values.read_mail_server, "mail.example.com"),
        (values.read_mail_server, "pigeon://mail.example.com"),
        (values.read_mail_server, "smtp://"),
        (values.read_mail_address, "nobody"),
        (values.read_mail_address, "Hub <nobody>"),
        (values.read_text, "two\nlines"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(read: Callable[..., Any], reader: Any, text: str) -> None:
    with pytest.raises(environ.ImproperlyConfigured, match=NAME):
        read(reader, text, *_default_of(reader))


@pytest.mark.parametrize(
    ("reader", "text", "value"),
    [
        (values.read_hosts, "hub.example.com, .example.com,[::1],127.0.0.1,localhost,*", None),
        (values.read_origins, "https://hub.example.com,https://*.example.com,http://localhost:8000", None),
        (values.read_origin, "https://hub.example.com/", "https://hub.example.com"),
        (values.read_origin, "", ""),
        (values.read_time_zone, "Asia/Ho_Chi_Minh", "Asia/Ho_Chi_Minh"),
        (values.read_time_zone, "", "UTC"),
        (values.read_slug, "two-", "two-"),
        (values.read_mail_address, "Hub <hub@example.com>", "Hub <hub@example.com>"),
        (values.read_mail_address, "", "hub@example.com"),
    ],
)
def test_what_can_be_meant_is_taken(read: Callable[..., Any], reader: Any, text: str, value: Any) -> None:
    wanted = [part.strip() for part in text.split(",")] if value is None else value
    assert read(reader, text, *_default_of(reader)) == wanted


def _default_of(reader: Any) -> tuple[Any, ...]:
    return {values.read_hosts: ([],), values.read_mail_address: ("hub@example.com",)}.get(reader, ())


def test_a_mail_server_is_taken_with_its_password(read: Callable[..., Any]) -> None:
    found = read(values.read_mail_server, "smtp+tls://user:pa%40ss@mail.example.com:587")

    assert (found["EMAIL_HOST"], found["EMAIL_HOST_PASSWORD"], found["EMAIL_USE_TLS"]) == (
        "mail.example.com",
        "pa@ss",
        True,
    )


def test_an_address_with_a_password_is_not_repeated(read: Callable[..., Any]) -> None:
    with pytest.raises(environ.ImproperlyConfigured) as refused:
        read(values.read_url, "gopher://user:canary-1@broker/0", ("redis", "amqp"))

    assert "redis:// or amqp://" in str(refused.value)
    assert "canary-1" not in str(refused.value)


@pytest.mark.parametrize(
    "secret", ["a" * 60, "ab" * 30, "abcd" * 15, "password" * 8, "0123456789" * 6, base64.b64encode(bytes(32)).decode()]
)
def test_a_secret_of_few_characters_is_known(secret: str) -> None:
    assert values.is_monotonous(secret)


def test_a_random_secret_is_taken() -> None:
    assert not any(values.is_monotonous(Fernet.generate_key().decode()) for _ in range(100))


def test_no_setting_is_read_past_these_readers() -> None:
    past = {
        f"{file.name}: {line.strip()}"
        for file in (*SETTINGS.glob("*.py"), SETTINGS.parent / "database.py")
        if file.name != "values.py" and file.exists()
        for line in file.read_text().splitlines()
        if re.search(r"\benv\.(int|bool|list|db_url|email_url|float|json)\(", line)
    }
    assert past == set()

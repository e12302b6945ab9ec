"""Logging in: guessing is stopped on both paths, colleagues are not locked out, and bad passwords are not taken."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery staple"
PATHS = ("/login/", "/admin/login/")


@pytest.fixture(autouse=True)
def ann() -> User:
    return User.objects.create_superuser("ann", password=PASSWORD)


def try_in(path: str, password: str, *, name: str = "ann", ip: str = "198.51.100.7", forwarded: str = "") -> Any:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return Client().post(path, {"username": name, "password": password}, REMOTE_ADDR=ip, headers=headers)


def is_in(answer: Any) -> bool:
    return bool(answer.status_code == 302 and "sessionid" in answer.cookies)


@pytest.mark.parametrize("path", PATHS)
def test_guessing_is_stopped_and_the_right_password_with_it(path: str) -> None:
    answers = [try_in(path, f"guess {number}") for number in range(20)]

    assert [answer.status_code for answer in answers[-10:]] == [429] * 10
    assert not is_in(try_in(path, PASSWORD))


def test_what_was_guessed_on_one_path_counts_on_the_other() -> None:
    for number in range(10):
        try_in(PATHS[number % 2], f"guess {number}")

    assert not any(is_in(try_in(path, PASSWORD)) for path in PATHS)


@pytest.mark.parametrize("path", PATHS)
def test_an_address_that_the_client_claims_does_not_help(path: str) -> None:
    for number in range(20):
        try_in(path, f"guess {number}", forwarded=f"203.0.113.{number}")

    assert not is_in(try_in(path, PASSWORD, forwarded="203.0.113.99"))


@pytest.mark.parametrize("path", PATHS)
def test_neither_the_person_elsewhere_nor_a_neighbour_is_locked_out(path: str) -> None:
    User.objects.create_superuser("bob", password=PASSWORD)
    for number in range(20):
        try_in(path, f"guess {number}")

    assert is_in(try_in(path, PASSWORD, ip="203.0.113.5"))
    assert is_in(try_in(path, PASSWORD, name="bob"))


def test_nobody_is_locked_out_for_ever() -> None:
    for number in range(20):
        try_in("/login/", f"guess {number}")
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert is_in(try_in("/login/", PASSWORD))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", ["", "\x00", "ann\x00", "é" * 5_000, "a" * 100_000, "' OR 1=1 --", "\ud83d\ude00"])
def test_strange_names_are_just_wrong(path: str, name: str) -> None:
    name = name.encode("utf-16", "surrogatepass").decode("utf-16")

    assert try_in(path, "x" * 5_000, name=name).status_code in (200, 429)


@pytest.mark.parametrize("target", ["//evil.example/", "https://evil.example/", "https:evil.example", "javascript:1"])
@pytest.mark.parametrize("path", PATHS)
def test_after_the_login_the_way_never_leads_elsewhere(path: str, target: str) -> None:
    answer = Client().post(f"{path}?next={target}", {"username": "ann", "password": PASSWORD, "next": target})

    assert is_in(answer)
    assert "evil" not in answer["Location"]
    assert "javascript" not in answer["Location"]


def test_a_login_gets_a_new_session() -> None:
    client = Client()
    client.get("/login/")
    session = client.session
    session["planted"] = "1"
    session.save()
    client.cookies["sessionid"] = str(session.session_key)
    client.post("/login/", {"username": "ann", "password": PASSWORD})

    assert client.session.session_key != str(session.session_key)


@pytest.mark.parametrize("password", ["short", "elevenchars", "123456789012345", "passwordpassword", "ann-ann-ann-a"])
def test_bad_passwords_are_not_taken(password: str) -> None:
    person = User(username="ann-ann-ann-a", email="a@example.com")
    weak = {"passwordpassword": "password1234"}.get(password, password)

    with pytest.raises(ValidationError):
        validate_password(weak, person)


def test_long_sentences_are_good_passwords() -> None:
    validate_password("correct horse battery staple " * 4)

"""Logging in: guessing is stopped on both paths, colleagues are not locked out, and bad passwords are not taken."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt, AccessFailureLog
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from panelhub.security import login_throttle

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


# --- Spraying: over names, over addresses, over a network of IPv6 -----------------------------------------------------


def spray(pairs: Iterable[tuple[str, str]], *, path: str = "/login/", times: int = 1) -> list[int]:
    """Wrong passwords for these names from these addresses; returns the answers' statuses."""
    return [
        try_in(path, f"guess {number}", name=name, ip=ip).status_code for name, ip in pairs for number in range(times)
    ]


@pytest.mark.parametrize("times", [1, 4])
@pytest.mark.parametrize("path", PATHS)
def test_spraying_over_names_from_one_address_is_stopped(path: str, times: int) -> None:
    statuses = spray(((f"person{number}", "198.51.100.7") for number in range(60)), path=path, times=times)

    assert sum(status != 429 for status in statuses) <= 20
    assert try_in(path, PASSWORD).status_code == 429
    assert is_in(try_in(path, PASSWORD, ip="198.51.100.8"))


@pytest.mark.parametrize("networks", [["2001:db8:1:2"], ["2001:db8:1:2", "2001:db8:1:2"]])
def test_the_addresses_of_one_ipv6_network_count_as_one(networks: list[str]) -> None:
    sources = [f"{networks[number % len(networks)]}::{number:x}" for number in range(40)]
    statuses = spray(("ann", ip) for ip in sources)
    named = spray((f"person{number}", f"2001:db8:9:9:{number:x}::1") for number in range(40))

    assert sum(status != 429 for status in statuses) <= 5
    assert sum(status != 429 for status in named) <= 20
    assert not is_in(try_in("/login/", PASSWORD, ip="2001:db8:1:2:ffff::1"))
    assert is_in(try_in("/login/", PASSWORD, ip="2001:db8:1:3::1"))


def test_a_mapped_address_counts_as_what_it_maps() -> None:
    statuses = spray(("ann", ip) for ip in ("198.51.100.7", "::ffff:198.51.100.7", "::ffff:c633:6407") * 4)

    assert sum(status != 429 for status in statuses) <= 5


@pytest.mark.parametrize("path", PATHS)
def test_guessing_at_one_name_from_many_addresses_is_stopped_but_not_its_owner_where_they_were(path: str) -> None:
    assert is_in(try_in(path, PASSWORD, ip="203.0.113.200"))

    statuses = spray((("ann", f"198.51.{number // 250}.{number % 250}") for number in range(100)), path=path)

    assert sum(status != 429 for status in statuses) <= 15
    assert not is_in(try_in(path, PASSWORD, ip="192.0.2.99"))
    assert is_in(try_in(path, PASSWORD, ip="203.0.113.200"))
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert is_in(try_in(path, PASSWORD, ip="192.0.2.99"))


def test_tries_that_are_turned_away_extend_nothing() -> None:
    start = timezone.now()
    for minutes in range(0, 15, 3):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            spray([("ann", "198.51.100.7")] * 10)
    with time_machine.travel(start + timedelta(minutes=16)):
        assert is_in(try_in("/login/", PASSWORD))


def test_a_good_login_forgets_the_typos_before_it_and_no_others() -> None:
    User.objects.create_superuser("bob", password=PASSWORD)
    spray([("ann", "198.51.100.7")] * 4 + [("bob", "198.51.100.7")] * 4)
    assert is_in(try_in("/login/", PASSWORD))
    spray([("ann", "198.51.100.7")] * 4)

    assert is_in(try_in("/login/", PASSWORD))
    assert spray([("bob", "198.51.100.7")] * 2)[-1] == 429


def test_passwords_are_checked_a_few_at_a_time_and_who_gets_no_turn_is_not_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(login_throttle, "SECONDS_FOR_A_TURN", 0.01)
    with ExitStack() as busy:
        for _ in range(login_throttle.HASHES_AT_ONCE):
            assert busy.enter_context(login_throttle.turn())
        assert spray([("ann", "198.51.100.7")] * 8) == [429] * 8

    assert is_in(try_in("/login/", PASSWORD))


def test_what_is_kept_of_a_guess_is_small_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    Client().post("/login/", {"username": "ann", "password": "x", "more": "y" * 500_000}, REMOTE_ADDR="192.0.2.1")
    assert not AccessAttempt.objects.exists()
    kept = AccessFailureLog.objects.get()
    assert (kept.username, kept.ip_address, kept.path_info) == ("ann", "192.0.2.1", "")

    monkeypatch.setattr(login_throttle.secrets, "randbelow", lambda _: 0)
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        spray([("bob", "192.0.2.1")])
        assert AccessFailureLog.objects.get().username == "bob"


def test_no_one_is_locked_out_for_ever() -> None:
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

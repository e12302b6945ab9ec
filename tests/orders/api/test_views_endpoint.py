"""The door of the API: who may come in, how often, and what malformed calls get."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders.api import request as request_errors
from orders.api.authentication import KEPT_CALLS, WRONG_TRIES, hash_token, note_call
from orders.models import ApiCall, ApiToken, Order
from providers.client.replies.error_words import name_error
from providers.client.replies.refusals import Meaning
from tests.helpers.makers import make_person
from tests.orders.api.conftest import URL, Program, make_program, open_service

pytestmark = pytest.mark.django_db


def test_the_address_is_the_one_that_clients_expect() -> None:
    assert reverse("api_v2") == URL


def test_a_call_needs_neither_login_nor_csrf_token_nor_session(program: Program) -> None:
    response = program.post("balance")

    assert response.status_code == 200
    assert not response.cookies
    assert "no-store" in response["Cache-Control"]


def test_the_address_works_with_a_slash_at_its_end(program: Program) -> None:
    response = Client(enforce_csrf_checks=True).post(f"{URL}/", {"key": program.key, "action": "balance"})

    assert response.json()["currency"] == "USD"


@pytest.mark.parametrize("method", ["get", "put", "delete", "head", "options", "patch"])
def test_other_methods_are_refused_with_the_one_that_is_allowed(program: Program, method: str) -> None:
    response = getattr(Client(), method)(URL)

    assert response.status_code == 405
    assert response["Allow"] == "POST"


def test_the_token_is_kept_as_a_hash_only(program: Program) -> None:
    row = ApiToken.objects.get(pk=program.token.pk)

    assert row.token_hash == hash_token(program.key)
    assert program.key not in json.dumps(ApiToken.objects.filter(pk=row.pk).values().get(), default=str)


@pytest.mark.parametrize("key", ["", "wrong", "x" * 10_000, "\x00", "ü", "' OR 1=1 --"])
def test_a_wrong_token_is_shown_in_the_words_of_the_field(program: Program, key: str) -> None:
    assert program.post("balance", key=key).json() == {"error": "Invalid API key"}


def test_a_token_that_is_off_and_one_of_a_person_who_left_are_refused(program: Program) -> None:
    ApiToken.objects.update(is_active=False)
    assert program.call("balance") == {"error": "Account suspended"}

    ApiToken.objects.update(is_active=True)
    User.objects.filter(pk=program.person.pk).update(is_active=False)
    assert program.call("balance") == {"error": "Account suspended"}


@pytest.mark.parametrize(
    ("addresses", "caller", "is_let_in"),
    [
        ([], "198.51.100.9", True),
        (["192.0.2.1"], "192.0.2.1", True),
        (["192.0.2.0/24"], "192.0.2.77", True),
        (["192.0.2.0/24"], "::ffff:192.0.2.77", True),
        (["192.0.2.0/24"], "198.51.100.9", False),
        (["2001:db8::/32"], "2001:db8::5", True),
        (["nonsense"], "192.0.2.1", False),
        (["192.0.2.1"], "", False),
    ],
)
def test_a_token_works_from_its_addresses_only(addresses: list[str], caller: str, *, is_let_in: bool) -> None:
    program = make_program(addresses=addresses)
    program.ip = caller

    assert (program.call("balance") == {"error": "Invalid API key"}) is not is_let_in


def test_past_its_budget_a_token_is_shown_when_to_come_back(time_machine: Any) -> None:
    time_machine.move_to("2026-05-01T10:00:00Z", tick=False)
    program = make_program(requests_per_minute=3)
    assert [program.post("balance").status_code for _ in range(3)] == [200, 200, 200]

    time_machine.shift(20)
    refused = program.post("balance")

    assert refused.status_code == 429
    assert refused.json() == {"error": "Too many requests"}
    assert 40 <= int(refused["Retry-After"]) <= 41
    time_machine.shift(41)
    assert program.post("balance").status_code == 200


def test_a_clock_that_is_put_back_locks_no_one_out(time_machine: Any) -> None:
    time_machine.move_to("2026-05-01T10:00:00Z", tick=False)
    program = make_program(requests_per_minute=1)
    assert program.post("balance").status_code == 200

    time_machine.move_to("2026-05-01T08:00:00Z", tick=False)

    assert program.post("balance").status_code == 200


def test_an_address_that_guesses_is_held_up_and_its_neighbour_is_not(program: Program, time_machine: Any) -> None:
    time_machine.move_to("2026-05-01T10:00:00Z", tick=False)
    for _ in range(WRONG_TRIES):
        assert program.post("balance", key="guess").status_code == 200

    held_up = program.post("balance", key="guess")

    assert held_up.status_code == 429
    assert 0 < int(held_up["Retry-After"]) <= 901
    assert program.post("balance").status_code == 200, "a right token is not a guess"
    other = Program(program.person, program.token, "guess", ip="198.51.100.7")
    assert other.post("balance").status_code == 200
    time_machine.shift(901)
    assert program.post("balance", key="guess").json() == {"error": "Invalid API key"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"balance"',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"\xff\xfe",
        b'{"key": NaN}',
        b'{"key": ' + b"9" * 5_000 + b"}",
        b'{"key": "\\ud800", "action": "\\u0000"}',
        b'{"key": {"a": [1]}, "action": [[["x"]]]}',
    ],
    ids=range(12),
)
def test_what_is_no_call_is_answered_in_json_and_never_with_a_page(program: Program, body: bytes) -> None:
    response = Client().post(URL, body, content_type="application/json")

    assert response.status_code in {200, 400}
    assert set(response.json()) == {"error"}


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"x" * 1_000_001, "application/x-www-form-urlencoded", 413),
        (b"&".join(b"a%d=1" % n for n in range(100)), "application/x-www-form-urlencoded", 400),
        (b"&".join(b"a=1" for _ in range(3_000)), "application/x-www-form-urlencoded", 400),
        (b"key=1", "application/x-www-form-urlencoded; charset=utf-16", 400),
        (b"--x", "multipart/form-data", 400),
        (b"key=1", "text/plain", 200),
    ],
)
def test_bodies_out_of_bounds_are_refused(program: Program, body: bytes, content_type: str, status: int) -> None:
    response = Client().post(URL, body, content_type=content_type)

    assert response.status_code == status
    assert set(response.json()) == {"error"}


def test_json_may_carry_numbers_and_lists(program: Program) -> None:
    offered = open_service()
    made = Client().post(
        URL,
        {
            "key": program.key,
            "action": "add",
            "service": offered.pk,
            "link": "https://example.com/1",
            "quantity": 100.0,
        },
        content_type="application/json",
    )
    order = Order.objects.get(pk=made.json()["order"])
    assert order.quantity == 100

    reported = Client().post(
        URL,
        {"key": program.key, "action": "status", "orders": [order.pk, 10**15]},
        content_type="application/json",
    )

    assert reported.json()[str(order.pk)]["status"] == "Pending"
    assert reported.json()[str(10**15)] == {"error": "Incorrect order ID"}


def test_an_action_that_does_not_exist_is_refused(program: Program) -> None:
    assert program.call("explode") == {"error": "Incorrect request"}
    assert program.call("") == {"error": "Incorrect request"}


def test_the_words_are_the_same_whatever_language_is_requested(program: Program) -> None:
    response = program.post("refill", headers={"Accept-Language": "tr"}, order="1")

    assert response.json() == {"error": "Incorrect order ID"}


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("add", {"service": "1"}),
        ("refill", {"order": "1"}),
        ("cancel", {"orders": "1"}),
        ("add_product_order", {"product": "1"}),
        ("result_product", {"order": "1"}),
        ("status", {"order": "1"}),
        ("services", {}),
    ],
)
def test_a_token_can_do_no_more_than_its_person(action: str, fields: dict[str, str]) -> None:
    program = make_program()
    program.person.user_permissions.clear()

    assert program.call(action, **fields) == {"error": "You do not have permission for this action"}


def test_the_last_calls_are_kept_without_what_they_carried(program: Program) -> None:
    program.call("balance")
    program.call("status", order="12345")

    newest, older = ApiCall.objects.filter(token=program.token)[:2]

    assert (older.action, older.answer, older.ip) == ("balance", "", "192.0.2.1")
    assert (newest.action, newest.answer) == ("status", "Incorrect order ID")
    assert program.token.__class__.objects.get().last_used_at is not None


def test_only_the_last_calls_of_each_token_are_kept(program: Program, monkeypatch: Any) -> None:
    other = make_program()
    note_call(other.token, action="balance", ip="", answer="")
    ApiCall.objects.bulk_create([ApiCall(token=program.token, action="status") for _ in range(KEPT_CALLS + 50)])
    monkeypatch.setattr("orders.api.authentication.secrets.randbelow", lambda _most: 0)

    note_call(program.token, action="balance", ip="", answer="")

    assert ApiCall.objects.filter(token=program.token).count() == KEPT_CALLS
    assert ApiCall.objects.filter(token=program.token).first().action == "balance"  # type: ignore[union-attr]
    assert ApiCall.objects.filter(token=other.token).count() == 1


def test_a_failure_of_the_hub_is_reported_as_one_whose_outcome_is_open(program: Program, monkeypatch: Any) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr("orders.api.order_handlers.create_order", fail)
    offered = open_service()

    response = program.post("add", service=offered.pk, link="https://example.com/1", quantity=100)

    assert response.status_code == 500
    assert name_error([response.json()["error"]], http_status=500) is Meaning.trouble


def test_a_cookie_of_a_login_is_not_looked_at(program: Program) -> None:
    client = Client()
    client.force_login(make_person(), backend="panelhub.security.backends.RoleBackend")
    with CaptureQueriesContext(connection) as captured:
        response = client.post(URL, {"key": program.key, "action": "balance"})

    assert response.json()["currency"] == "USD"
    assert not response.cookies
    assert not [query for query in captured.captured_queries if "django_session" in query["sql"]]


@pytest.mark.parametrize(
    ("sentence", "meaning"),
    [
        (request_errors.BAD_KEY, Meaning.bad_key),
        (request_errors.ACCOUNT_OFF, Meaning.account_off),
        (request_errors.NO_FUNDS, Meaning.no_funds),
        (request_errors.RATE_LIMIT, Meaning.rate_limit),
        (request_errors.DUPLICATE, Meaning.duplicate),
        (request_errors.BAD_ORDER, Meaning.order_id),
        (request_errors.BAD_REFILL, Meaning.order_id),
        (request_errors.BAD_ACTION, Meaning.action),
        (request_errors.BAD_SERVICE, Meaning.service),
        (request_errors.TROUBLE, Meaning.trouble),
        (request_errors.KEY_REUSED, Meaning.other),
        (request_errors.NOT_ALLOWED, Meaning.other),
    ],
)
def test_another_hub_understands_what_this_one_refuses(sentence: str, meaning: Meaning) -> None:
    assert name_error([sentence]) is meaning

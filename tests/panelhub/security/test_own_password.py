"""One's own password: guesses at the current one are counted, tokens end with it on request, and it is one's own."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.urls import reverse

from orders.api.authentication import make_token
from orders.models import ApiToken
from panelhub import tasks
from panelhub.models import AuditEvent, HandedPassword
from panelhub.security import password_reset
from tests.helpers.makers import make_person

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"
ANOTHER = "another horse with a battery"
CHANGE = reverse("password_change")


@pytest.fixture
def ann() -> User:
    person = make_person("orders.add_apitoken", email="ann@shop.example")
    person.set_password(PASSWORD)
    person.save()
    return person


def log_in(person: User, password: str = PASSWORD, ip: str = "192.0.2.1") -> Client:
    browser = Client(REMOTE_ADDR=ip)
    browser.post(reverse("login"), {"username": person.username, "password": password})
    return browser


def change(browser: Client, old: str = PASSWORD, new: str = ANOTHER, **more: str) -> int:
    typed = {"old_password": old, "new_password1": new, "new_password2": new, **more}
    return int(browser.post(CHANGE, typed).status_code)


def hand(person: User) -> None:
    HandedPassword.objects.create(user=person, set_by=make_person())


def is_own(person: User) -> bool:
    return not HandedPassword.objects.filter(user=person, changed_at=None).exists()


class TestGuesses:
    def test_at_the_current_password_end_after_five(self, ann: User) -> None:
        browser = log_in(ann)

        assert [change(browser, old=f"guess {number}") for number in range(6)] == [422] * 5 + [429]
        assert change(browser) == 429
        ann.refresh_from_db()
        assert ann.check_password(PASSWORD)

    @pytest.mark.parametrize("first", ["login", "page"])
    def test_count_together_with_those_of_a_login(self, ann: User, first: str) -> None:
        browser, wrong = log_in(ann), {"username": ann.username, "password": "a guess"}
        guess: dict[str, Any] = {
            "login": lambda: Client(REMOTE_ADDR="192.0.2.1").post(reverse("login"), wrong).status_code,
            "page": lambda: change(browser, old="a guess"),
        }
        second = "page" if first == "login" else "login"

        for _guess in range(5):
            guess[first]()

        assert guess[second]() == 429

    def test_of_the_current_password_are_not_made_as_a_new_one(self, ann: User) -> None:
        page = log_in(ann).post(
            CHANGE, {"old_password": "a guess", "new_password1": PASSWORD, "new_password2": PASSWORD}
        )

        assert "Choose a different password" not in page.content.decode()

    def test_are_forgotten_once_the_right_one_came(self, ann: User) -> None:
        browser = log_in(ann)
        for _guess in range(4):
            change(browser, old="a guess")

        assert change(browser) == 302
        assert change(browser, old=ANOTHER, new=PASSWORD) == 302


@pytest.mark.parametrize("wanted", [False, True])
def test_a_changed_password_ends_tokens_on_request(ann: User, wanted: bool) -> None:
    make_token(ann, "shop")
    make_token(make_person(), "of another person")
    browser = log_in(ann)
    assert "Also revoke my API tokens" in browser.get(CHANGE).content.decode()

    assert change(browser, **({"tokens": "on"} if wanted else {})) == 302

    assert ApiToken.objects.get(person=ann).is_active is not wanted
    assert ApiToken.objects.exclude(person=ann).get().is_active
    assert AuditEvent.objects.filter(action="person.tokens_ended").exists() is wanted


def test_whoever_has_no_token_is_not_asked_about_tokens(ann: User) -> None:
    assert "API tokens" not in log_in(ann).get(CHANGE).content.decode()


@pytest.mark.parametrize("wanted", [False, True])
def test_a_password_reset_by_mail_is_ones_own_and_ends_tokens_on_request(
    ann: User, wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(password_reset, "publish", lambda task, *args, **options: tasks.send_password_reset(*args))
    hand(ann)
    make_token(ann, "shop")
    browser = Client()
    browser.post(reverse("password_forgotten"), {"email": ann.email})
    (address,) = re.findall(r"https?://[^\s/]+(/\S+)", str(mail.outbox[-1].body))
    form = browser.get(address, follow=True).redirect_chain[-1][0]

    typed = {"new_password1": ANOTHER, "new_password2": ANOTHER} | ({"tokens": "on"} if wanted else {})
    assert browser.post(form, typed).status_code == 302

    assert is_own(ann)
    assert ApiToken.objects.get().is_active is not wanted
    assert log_in(ann, ANOTHER).get(reverse("profile")).status_code == 200


def test_a_password_that_was_handed_over_is_ones_own_once_it_is_changed(ann: User) -> None:
    hand(ann)
    browser = log_in(ann)
    assert browser.get(reverse("home"))["Location"] == CHANGE

    assert change(browser) == 302

    assert is_own(ann)
    assert browser.get(reverse("profile")).status_code == 200


@pytest.mark.parametrize("way", ["page of the account", "page of admin"])
def test_admin_leads_to_the_page_that_asks_for_the_current_password(way: str) -> None:
    root = User.objects.create_superuser("root", password=PASSWORD)
    browser = log_in(root)
    address = {
        "page of the account": reverse("admin:auth_user_password_change", args=[root.pk]),
        "page of admin": reverse("admin:password_change"),
    }[way]

    for answer in (browser.get(address), browser.post(address, {"password1": ANOTHER, "password2": ANOTHER})):
        assert (answer.status_code, answer["Location"]) == (302, CHANGE)
    root.refresh_from_db()
    assert root.check_password(PASSWORD)


@pytest.mark.parametrize("tokens", [False, True])
def test_admin_logs_people_out_with_their_tokens_on_request(ann: User, tokens: bool) -> None:
    make_token(ann, "shop")
    theirs = log_in(ann)
    root = log_in(User.objects.create_superuser("root", password=PASSWORD))
    action = "log_out_with_tokens" if tokens else "log_out"

    root.post(reverse("admin:auth_user_changelist"), {"action": action, "_selected_action": [ann.pk]})

    assert theirs.get(reverse("profile")).status_code == 302
    assert ApiToken.objects.get().is_active is not tokens
    assert AuditEvent.objects.filter(action="person.tokens_ended").exists() is tokens


def test_the_account_page_leads_to_the_password(ann: User) -> None:
    assert f'href="{CHANGE}"' in log_in(ann).get(reverse("profile")).content.decode()

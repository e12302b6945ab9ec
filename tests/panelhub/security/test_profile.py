"""One's own account: sessions are seen and ended, programs stop on request, a second factor goes for a code of it."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django_otp.oath import TOTP

from orders.api.authentication import make_token
from orders.models import ApiToken
from panelhub.models import AuditEvent, Authenticator
from panelhub.models.second_factor import DIGITS, STEP_SECONDS
from panelhub.security.views import make_recovery_codes
from tests.helpers.makers import make_person

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"
PROFILE = reverse("profile")
OTHERS = reverse("end_other_sessions")


@pytest.fixture
def ann() -> User:
    return User.objects.create_user("ann", password=PASSWORD)


def log_in(name: str = "ann", *, agent: str = "A browser", ip: str = "192.0.2.1") -> Client:
    browser = Client(headers={"user-agent": agent}, REMOTE_ADDR=ip)
    browser.post(reverse("login"), {"username": name, "password": PASSWORD})
    return browser


def is_in(browser: Client) -> bool:
    return browser.get(PROFILE).status_code == 200


def ends(page: str) -> list[str]:
    return re.findall(r'action="(/profile/sessions/[0-9a-f]{32}/end/)"', page)


@pytest.mark.usefixtures("ann")
def test_every_session_is_shown_with_where_it_is_from_and_ends_alone() -> None:
    here, there = log_in(agent="Firefox at the desk"), log_in(agent="<b>Phone</b>", ip="2001:db8::7")
    User.objects.create_user("bob", password=PASSWORD)
    bob = log_in("bob", agent="the browser of another person")

    page = here.get(PROFILE).content.decode()

    for shown in ("Firefox at the desk", "&lt;b&gt;Phone&lt;/b&gt;", "192.0.2.1", "2001:db8::7", "This session"):
        assert shown in page
    assert "another person" not in page
    keys = Session.objects.values_list("pk", flat=True)
    assert not [key for key in keys if key in page]
    (address,) = ends(page)
    assert here.post(address).status_code == 302
    assert [is_in(browser) for browser in (here, there, bob)] == [True, False, True]
    assert AuditEvent.objects.filter(action="person.session_ended").count() == 1


@pytest.mark.usefixtures("ann")
@pytest.mark.parametrize("slug", ["0" * 32, "1", "a-b_c", "f" * 200])
def test_a_session_of_someone_else_or_of_no_one_is_not_ended(slug: str) -> None:
    User.objects.create_user("bob", password=PASSWORD)
    ann, bob, elsewhere = log_in(), log_in("bob"), log_in("bob")
    (theirs,) = ends(bob.get(PROFILE).content.decode())

    for address in (theirs, reverse("end_session", kwargs={"slug": slug})):
        assert ann.post(address).status_code == 302

    assert all(is_in(browser) for browser in (ann, bob, elsewhere))


@pytest.mark.parametrize("tokens", [False, True])
def test_log_out_everywhere_ends_tokens_only_on_request(tokens: bool) -> None:
    ann, bob = (make_person("orders.view_order", "orders.add_apitoken") for _ in range(2))
    for person in (ann, bob):
        person.set_password(PASSWORD)
        person.save()
        make_token(person, "shop")
    here, there, other = log_in(ann.username), log_in(ann.username), log_in(bob.username)

    here.post(OTHERS, {"tokens": "on"} if tokens else {})

    assert [is_in(browser) for browser in (here, there, other)] == [True, False, True]
    assert ApiToken.objects.get(person=ann).is_active is not tokens
    assert ApiToken.objects.get(person=bob).is_active
    event = AuditEvent.objects.get(action="person.logged_out")
    assert event.data == {"sessions": 1, "tokens": int(tokens)}


@pytest.mark.parametrize("method", ["get", "put"])
def test_sessions_are_ended_by_a_form_alone(ann: User, method: str) -> None:
    browser = log_in()

    assert getattr(browser, method)(OTHERS).status_code == 405


def test_no_one_sees_the_page_without_a_login() -> None:
    assert Client().get(PROFILE).status_code == 302


# --- The second factor ------------------------------------------------------------------------------------------------


def verified(person: User) -> tuple[Client, Authenticator, list[str]]:
    """Return a browser that has shown a code, the device, and the recovery codes that are left."""
    device = Authenticator.objects.create(user=person, name="app", confirmed=True)
    codes = make_recovery_codes(person)
    browser = log_in(person.username)
    browser.post(reverse("second_factor_verify"), {"code": codes.pop()})
    return browser, device, codes


def code_of(device: Authenticator) -> str:
    totp = TOTP(device.secret, STEP_SECONDS, digits=DIGITS)
    totp.time = time.time()
    return f"{totp.token():06d}"


@pytest.mark.parametrize("given", ["", "000000", "used", "x" * 500, "\x00"])
def test_a_second_factor_is_not_removed_without_a_code_of_it(ann: User, given: str) -> None:
    browser, device, codes = verified(ann)
    if given == "used":
        given = codes[0]
        browser.post(reverse("second_factor_verify"), {"code": given})
        Authenticator.objects.filter(pk=device.pk).update(confirmed=True)
        from panelhub.models import RecoveryCodes

        RecoveryCodes.objects.get(user=ann).verify_token(given)

    browser.post(reverse("second_factor_remove"), {"code": given})

    assert Authenticator.objects.filter(pk=device.pk).exists()


@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_a_second_factor_is_removed_with_one(ann: User, kind: str) -> None:
    browser, device, codes = verified(ann)

    browser.post(reverse("second_factor_remove"), {"code": code_of(device) if kind == "app" else codes[0]})

    assert not Authenticator.objects.exists()


def test_the_page_fits_anybody(ann: User) -> None:
    page: Any = log_in().get(PROFILE).content.decode()

    assert "API tokens" not in page
    assert reverse("second_factor") in page


@pytest.mark.parametrize(
    "goal", ["NaN", "profile", "//evil.example", "https://evil.example/", "\x00", "javascript:1", ""]
)
def test_a_way_on_after_the_code_that_is_no_path_of_the_hub_leads_home(ann: User, goal: str) -> None:
    Authenticator.objects.create(user=ann, name="app", confirmed=True)
    code = make_recovery_codes(ann)[0]

    answer = log_in().post(reverse("second_factor_verify"), {"code": code, "next": goal})

    assert (answer.status_code, answer["Location"]) == (302, reverse("home"))

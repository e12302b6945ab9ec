"""Checks of accounts: a sentence for each way in which one can be wrong, and never a paid call."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from cryptography.fernet import Fernet
from pytest_django.fixtures import Settings
from werkzeug import Response

from providers.accounts.connection_test import KEPT, check_provider
from providers.dialects import PAID
from providers.models import Provider, ProviderCheck
from tests.providers.panels import KEY, PlainPanel, place_order, services

pytestmark = pytest.mark.django_db
HTML = Response("<!DOCTYPE html><title>Just a moment...</title>", content_type="text/html")


def bad_lines(check: ProviderCheck) -> str:
    return "\n".join(line["text"] for line in check.lines if line["kind"] == "bad")


def lines(check: ProviderCheck) -> str:
    return "\n".join(line["text"] for line in check.lines)


def test_an_account_that_works(panel: PlainPanel) -> None:
    panel.answers["services"] = services(3)
    provider = panel.make_provider(dialect="smpanelim")

    check = check_provider(provider)

    assert check.ok
    assert "The key works. Balance: 100.5 USD" in lines(check)
    assert "Services: 3 listed." in lines(check)
    assert "Not supported" in lines(check)
    assert "cancel" in next(line["text"] for line in check.lines if line["text"].startswith("Not supported"))
    assert panel.actions() == ["balance", "services"]
    assert not set(panel.actions()) & {str(action) for action in PAID}
    assert not provider.services.exists()


def test_a_shop_lists_its_products(panel: PlainPanel) -> None:
    panel.answers["products"] = []
    check = check_provider(panel.make_provider(dialect="smmvna"))
    assert "Products: 0 listed." in lines(check)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"error": "Invalid API key"}, "The provider rejected the key. Paste a new one from its API page"),
        ({"error": "Your account has been suspended."}, "is disabled"),
        ({"error": "Maintenance"}, "maintenance"),
        ({"error": "Too many requests"}, "The provider’s rate limit was reached"),
        (HTML, "web page"),
        (
            Response("", status=302, headers={"Location": "https://elsewhere.example/"}),
            "The URL redirects. Enter the final URL",
        ),
        (Response("oops", status=500), "The provider has a server error"),
        (Response(""), "The response can’t be read. This may not be the API URL"),
        ({"hello": "world"}, "The response doesn’t match the request. The URL may belong to another API"),
    ],
)
def test_what_the_panel_answers_is_explained(panel: PlainPanel, answer: Any, sentence: str) -> None:
    panel.answers["balance"] = answer
    check = check_provider(panel.make_provider())
    assert not check.ok
    assert sentence in bad_lines(check)


def test_a_wrong_key_is_tried_once(panel: PlainPanel) -> None:
    check = check_provider(panel.make_provider(api_key="some-other-key-entirely"))
    assert "Invalid API key" in bad_lines(check)
    assert panel.actions() == ["balance"]


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("https://no-such-panel.invalid/api/v2", "Unknown host. Check the URL for a typo"),
        ("ftp://panel.example/", "This URL isn’t allowed. Nothing was sent"),
    ],
)
def test_a_wrong_address_is_explained(panel: PlainPanel, url: str, sentence: str) -> None:
    check = check_provider(panel.make_provider(api_url=url))
    assert sentence in bad_lines(check)


def test_a_provider_that_is_down_is_explained(panel: PlainPanel) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        check = check_provider(panel.make_provider(api_url=f"http://127.0.0.1:{port}/"))
    assert "Connection refused. The panel is down or the URL is wrong" in bad_lines(check)


def test_an_address_without_tls_is_explained(panel: PlainPanel) -> None:
    check = check_provider(panel.make_provider(api_url=panel.url.replace("http://", "https://")))
    assert not check.ok
    assert "certificate" in bad_lines(check)


def test_a_private_address_is_explained(panel: PlainPanel, settings: Settings) -> None:
    settings.PANELHUB_ALLOW_PRIVATE_PROVIDERS = False
    check = check_provider(panel.make_provider())
    assert "This URL isn’t allowed. Nothing was sent" in bad_lines(check)
    assert not panel.calls


def test_an_account_without_a_key(panel: PlainPanel) -> None:
    check = check_provider(panel.make_provider(api_key=""))
    assert "No key is set." in bad_lines(check)
    assert not panel.calls


def test_a_key_that_cannot_be_read(panel: PlainPanel, settings: Settings) -> None:
    panel.make_provider()
    settings.PANELHUB_KEYS = [Fernet.generate_key().decode()]
    check = check_provider(Provider.objects.get())
    assert "PANELHUB_KEYS" in bad_lines(check)
    assert not panel.calls


def test_an_echoed_key_does_not_reach_the_page(panel: PlainPanel) -> None:
    panel.answers["balance"] = lambda parameters: {"error": f"bad things about {parameters['key']}"}
    check = check_provider(panel.make_provider())
    assert not check.ok
    assert KEY not in repr(check.lines)


def test_another_account_on_the_same_key_is_reported(panel: PlainPanel) -> None:
    panel.make_provider(name="twin")
    check = check_provider(panel.make_provider(name="one"))
    assert check.ok
    assert "twin uses the same key" in lines(check)


def test_a_panel_that_refuses_balances_but_lists_services(panel: PlainPanel) -> None:
    panel.answers["services"] = services(2)
    check = check_provider(panel.make_provider(overrides={"without": ["balance"]}))
    assert check.ok
    assert "Services: 2 listed." in lines(check)


# --- A new key --------------------------------------------------------------------------------------------------------


@pytest.fixture
def provider(panel: PlainPanel) -> Provider:
    """Return an account with a new key and an order placed with the old one."""
    provider = panel.make_provider(pause_kind="new_key")
    place_order(provider)
    return provider


def pause_of(provider: Provider) -> str:
    return Provider.objects.get(pk=provider.pk).pause_kind


def test_a_new_key_that_answers_for_an_order_is_let_go(panel: PlainPanel, provider: Provider) -> None:
    panel.answers["status"] = {"charge": "1", "start_count": "0", "status": "Completed", "remains": "0"}
    check = check_provider(provider)
    assert check.ok
    assert "The key knows order 4711" in lines(check)
    assert pause_of(provider) == ""


def test_a_new_key_of_another_account_stays_paused(panel: PlainPanel, provider: Provider) -> None:
    panel.answers["status"] = {"error": "Incorrect order ID"}
    check = check_provider(provider)
    assert not check.ok
    assert "belongs to another account" in bad_lines(check)
    assert pause_of(provider) == "new_key"
    assert "belongs to another account" in Provider.objects.get().pause_text


def test_a_new_key_about_which_nothing_is_known_stays_paused(panel: PlainPanel, provider: Provider) -> None:
    panel.answers["status"] = HTML
    assert not check_provider(provider).ok
    assert pause_of(provider) == "new_key"


def test_only_the_last_checks_are_kept(panel: PlainPanel) -> None:
    provider = panel.make_provider(api_key="")
    for _ in range(KEPT + 3):
        check_provider(provider)
    assert ProviderCheck.objects.count() == KEPT

"""Rules of accounts: what is fixed, whose key is whose, how one is paused, resumed and removed."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth.models import User
from pytest_django.fixtures import Settings

from panelhub.launcher.startup import Startup
from panelhub.models import AuditEvent
from providers.accounts import services as accounts_services
from providers.accounts.sandbox import ensure_sandbox_accounts
from providers.models import Product, Provider, Service, ServiceChange
from tests.helpers.makers import make_product, make_provider, make_service
from tests.providers.panels import place_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return User.objects.create_user("administrator", password="correct horse battery")


# --- What is fixed ----------------------------------------------------------------------------------------------------


def test_an_account_is_in_use_once_it_has_orders() -> None:
    provider = make_provider()
    make_service(provider)
    assert not accounts_services.is_in_use(provider)
    place_order(provider)
    assert accounts_services.is_in_use(provider)
    assert not accounts_services.is_in_use(make_provider())
    assert not accounts_services.is_in_use(Provider())


def test_address_and_dialect_are_fixed_once_there_are_orders() -> None:
    provider = make_provider("smmplus")
    changes = {"api_url": "https://elsewhere.example/api/v2", "dialect": "servsmm", "name": "another"}
    assert accounts_services.find_forbidden_changes(provider, changes) == {}
    place_order(provider)
    assert set(accounts_services.find_forbidden_changes(provider, changes)) == {"api_url", "dialect"}
    assert accounts_services.find_forbidden_changes(provider, {"api_url": provider.api_url, "name": "another"}) == {}


@pytest.mark.parametrize(
    "url",
    [
        "http://panel.example/api/v2",
        "https://127.0.0.1/api/v2",
        "https://localhost/api/v2",
        "https://10.0.0.5/api/v2",
        "https://169.254.169.254/latest",
        "https://[::1]/",
        "https://2130706433/",
        "https://user:password@panel.example/",
        "https://panel.example:22/",
        "https://panel.example/api?key=abc",
        "ftp://panel.example/",
        "nonsense",
        "",
    ],
)
def test_an_address_that_may_not_be_called_is_explained(settings: Settings, url: str) -> None:
    settings.PANELHUB_ALLOW_PRIVATE_PROVIDERS = False
    settings.PANELHUB_SANDBOX_ORIGIN = ""
    assert accounts_services.find_fault_with_url(url, is_sandbox=False).endswith((".", "."))
    assert accounts_services.find_fault_with_url("https://panel.example/api/v2", is_sandbox=False) == ""


def test_the_running_sandbox_is_allowed_to_sandbox_accounts_alone(settings: Settings) -> None:
    settings.PANELHUB_ALLOW_PRIVATE_PROVIDERS = False
    settings.PANELHUB_SANDBOX_ORIGIN = "http://127.0.0.1:8100"
    url = "http://127.0.0.1:8100/servsmm/api/v2"
    assert accounts_services.find_fault_with_url(url, is_sandbox=True) == ""
    assert accounts_services.find_fault_with_url(url, is_sandbox=False)
    assert accounts_services.find_fault_with_url("http://127.0.0.1:8101/servsmm/api/v2", is_sandbox=True)


def test_overrides_that_do_not_fit_are_explained() -> None:
    assert accounts_services.find_fault_with_overrides("smmplus", {}) == ""
    assert accounts_services.find_fault_with_overrides("smmplus", {"limits": {"multi_status": 50}}) == ""
    for wrong in ({"limit": 5}, {"without": ["fly"]}, {"limits": {"multi_status": 5000}}, [1], "text"):
        assert accounts_services.find_fault_with_overrides("smmplus", wrong)


# --- Keys -------------------------------------------------------------------------------------------------------------


def test_two_accounts_on_one_key_are_found() -> None:
    one = make_provider(name="one", api_key="the-very-same-key")
    make_provider(name="two", api_key="the-very-same-key")
    make_provider(name="three", api_key="another-key-altogether")
    assert accounts_services.accounts_with_key("the-very-same-key", but=one) == ["two"]
    assert accounts_services.accounts_with_key("the-very-same-key") == ["one", "two"]
    assert accounts_services.accounts_with_key("") == []


def test_an_account_whose_key_cannot_be_read_is_no_hindrance(settings: Settings) -> None:
    make_provider(name="old", api_key="the-very-same-key")
    settings.PANELHUB_KEYS = [Fernet.generate_key().decode()]
    make_provider(name="new", api_key="the-very-same-key")
    assert accounts_services.accounts_with_key("the-very-same-key") == ["new"]


def test_a_new_key_waits_for_its_check_where_there_are_orders() -> None:
    provider = make_provider(api_key="the-first-key-of-all")
    accounts_services.put_key(provider, "the-second-key-of-all")
    assert provider.pause_kind == ""
    place_order(provider)
    accounts_services.put_key(provider, "the-third-key-of-all")
    provider.save()
    fresh = Provider.objects.get()
    assert (fresh.pause_kind, fresh.api_key) == ("new_key", "the-third-key-of-all")
    assert accounts_services.known_orders(fresh) == ["4711"]


def test_another_key_ends_the_pause_that_the_old_one_caused() -> None:
    provider = make_provider(api_key="a-wrong-key-of-course", pause_kind="bad_key", pause_text="Invalid API key")
    accounts_services.put_key(provider, "the-right-key-at-last")
    assert (provider.pause_kind, provider.pause_text) == ("", "")


# --- Pausing and removing ---------------------------------------------------------------------------------------------


def test_pausing_and_resuming_by_hand_are_on_record(person: User) -> None:
    provider = make_provider()
    accounts_services.pause_by_hand(provider, by=person)
    provider.refresh_from_db()
    assert provider.pause_kind == "by_hand"
    assert accounts_services.resume_by_hand(provider, by=person)
    assert not accounts_services.resume_by_hand(provider, by=person)
    provider.refresh_from_db()
    assert provider.pause_kind == ""
    assert list(AuditEvent.objects.order_by("id").values_list("action", "actor__username")) == [
        ("provider.paused", "administrator"),
        ("provider.resumed", "administrator"),
    ]


def test_an_unused_account_is_removed_with_its_lists(person: User) -> None:
    provider, other = make_provider(), make_provider()
    service = make_service(provider)
    ServiceChange.objects.create(provider=provider, service=service, kind="rate", before="1", after="2")
    make_product(provider)
    make_service(other)

    assert accounts_services.remove_provider(provider, by=person)

    assert list(Provider.objects.all()) == [other]
    assert Service.objects.count() == 1
    assert not Product.objects.exists()
    assert AuditEvent.objects.get().action == "provider.removed"


def test_an_account_with_orders_is_switched_off_instead(person: User) -> None:
    provider = make_provider()
    place_order(provider)
    assert not accounts_services.remove_provider(provider, by=person)
    provider.refresh_from_db()
    assert not provider.is_active


def test_a_removed_sandbox_account_stays_away_at_the_next_start(person: User) -> None:
    startup = Startup(say=print, sandbox_origin="http://127.0.0.1:8100")
    ensure_sandbox_accounts(startup)
    assert Provider.objects.filter(is_sandbox=True).count() == 5
    accounts_services.remove_provider(Provider.objects.get(dialect="smmvna"), by=person)

    ensure_sandbox_accounts(startup)

    assert not Provider.objects.filter(dialect="smmvna").exists()
    assert Provider.objects.filter(is_sandbox=True).count() == 4

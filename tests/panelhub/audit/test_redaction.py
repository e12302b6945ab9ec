"""The record and the jobs name no provider that is hidden from their reader, and no price to people without costs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from panelhub import audit
from panelhub.models import AuditEvent, JobRun
from providers.models import Provider
from tests.helpers.makers import grant, make_order, make_person, make_provider, make_service
from tests.helpers.pages import log_in, text_of

pytestmark = pytest.mark.django_db
READ = ("panelhub.view_auditevent", "providers.run_jobs")
PAGES = [pytest.param("audit", id="the record"), pytest.param("admin:panelhub_auditevent_changelist", id="admin")]


@pytest.fixture
def shown() -> Provider:
    return make_provider(name="Visible Panel")


@pytest.fixture
def hidden() -> Provider:
    return make_provider(name="Secret Panel")


def make_reader(*providers: Provider, cost: bool = True) -> User:
    reader = make_person(*READ, *(["orders.view_cost"] if cost else []), is_staff=True)
    if providers:
        grant(reader, *providers)
    return reader


def read(person: User, name: str) -> str:
    """Return the page, and for admin that of the newest event too."""
    browser = log_in(person)
    page = text_of(browser.get(reverse(name)))
    if name.startswith("admin"):
        newest = AuditEvent.objects.latest("pk").pk
        page += text_of(browser.get(reverse("admin:panelhub_auditevent_change", args=[newest])))
    return page


@pytest.mark.parametrize("page", PAGES)
def test_events_of_hidden_providers_say_nothing(shown: Provider, hidden: Provider, page: str) -> None:
    for provider in (shown, hidden):
        audit.record(None, "provider.changed", provider, f"{provider}: name", name=[f"Old {provider}", provider.name])
        audit.record(None, "order.settled", make_order(provider=provider), f"reason of {provider}")
        audit.record(None, "service.opened", make_service(provider), f"{provider}: a service")
    audit.record(None, "person.changed", make_person(), "providers", providers=[[], ["Visible Panel", "SECRET panel"]])

    text = read(make_reader(shown), page)

    assert "secret" not in text.casefold().replace("two-factor secret", "")
    assert "reason of Visible Panel" in text
    assert "reason of Secret Panel" in read(make_reader(), page)


@pytest.mark.parametrize("page", PAGES)
def test_events_of_a_deleted_provider_say_nothing_to_those_who_see_some(shown: Provider, page: str) -> None:
    gone = make_provider(name="Secret Panel")
    audit.record(None, "provider.removed", gone, "Secret Panel", name=["Secret Panel", None])
    gone.delete()

    assert "Secret Panel" not in read(make_reader(shown), page)
    assert "Secret Panel" in read(make_reader(), page)


@pytest.mark.parametrize("page", PAGES)
def test_prices_are_left_out_for_those_who_see_none(shown: Provider, page: str) -> None:
    audit.record(None, "ledger.entered", shown, "top-up of 13.37", provider=shown.pk, amount="13.37")
    audit.record(None, "markup.changed", shown, "10 % + 0 → 13.37 % + 0")
    audit.record(None, "order.settled", make_order(provider=shown), "charged 13.37 USD", deep=[{"charge": "13.37"}])

    assert "13.37" not in read(make_reader(cost=False), page)
    assert "13.37" in read(make_reader(), page)


def test_admin_searches_no_summary_that_is_hidden(shown: Provider, hidden: Provider) -> None:
    audit.record(None, "order.settled", make_order(provider=hidden), "an unusual reason")
    address, query = reverse("admin:panelhub_auditevent_changelist"), {"q": "unusual"}

    found = [
        log_in(reader).get(address, query).context["cl"].result_count for reader in (make_reader(shown), make_reader())
    ]

    assert found == [0, 1]


def test_jobs_show_runs_for_visible_providers_alone(shown: Provider, hidden: Provider) -> None:
    at = timezone.now()
    for name in ("", "Visible Panel", "Secret Panel", "Removed Panel"):
        JobRun.objects.create(
            job="sync_services",
            provider_name=name,
            started_at=at,
            finished_at=at,
            counts={},
            failure=f"{name or 'Secret Panel'} failed",
            expires_at=at + timedelta(days=1),
        )

    page = text_of(log_in(make_reader(shown)).get(reverse("jobs")))

    assert "Visible Panel failed" in page
    assert not [name for name in ("Secret Panel", "Removed Panel") if name in page]
    everything = text_of(log_in(make_reader()).get(reverse("jobs")))
    assert "Secret Panel failed" in everything
    assert "Removed Panel failed" in everything

"""Facts read from names: stored by syncs, filtered by, corrected by hand, and read again when the tables change."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from panelhub.models import AuditEvent
from providers.catalogue.diff import compare
from providers.catalogue.facts.corrections import follow_name, set_facts
from providers.catalogue.facts.rereading import reread_names
from providers.catalogue.stored import read_known
from providers.catalogue.writes import write_difference
from providers.client.types import ServiceRow
from providers.models import Provider, Service
from providers.models.service_names.facts import STORED
from providers.models.service_names.refill import LIFETIME
from tests.helpers.makers import make_person, make_provider, make_service

pytestmark = pytest.mark.django_db
NAME = "Instagram Takipçi | Gerçek | 30 Gün Telafili | Günlük 5K | Anlık"


def row(name: str, *, category: str = "", description: str = "") -> ServiceRow:
    return ServiceRow(
        id="7",
        name=name,
        type="default",
        type_label="Default",
        category=category,
        rate=Decimal(1),
        min=10,
        max=100,
        refill=None,
        cancel=None,
        dripfeed=None,
        description=description,
        average_time="",
    )


def sync(provider: Provider, *rows: ServiceRow) -> None:
    from django.utils import timezone

    known = {stored[0]: stored for stored in read_known(provider)}
    write_difference(provider, compare(rows, known, jump_percent=50), first_time=False, now=timezone.now())


def facts_of(service: Service) -> dict[str, object]:
    service.refresh_from_db()
    return {field: getattr(service, field) for field in STORED}


READ = {
    "platform": "instagram",
    "kind": "followers",
    "country": "",
    "quality": "real",
    "gender": "",
    "refill_days": 30,
    "speed_per_day": 5_000,
    "start_minutes": 0,
    "drop_percent": None,
}


def test_a_sync_and_a_saved_row_read_the_same() -> None:
    provider = make_provider()
    sync(provider, row(NAME))
    saved = make_service(provider, name=NAME)

    assert facts_of(Service.objects.get(external_id="7")) == READ
    assert facts_of(saved) == READ


def test_a_new_name_is_read_again_and_a_new_description_too() -> None:
    provider = make_provider()
    sync(provider, row(NAME))
    service = Service.objects.get(external_id="7")

    sync(provider, row("YouTube Views | Lifetime | USA"))
    assert facts_of(service)["refill_days"] == LIFETIME
    assert facts_of(service)["country"] == "US"
    assert facts_of(service)["speed_per_day"] is None

    sync(provider, row("YouTube Views | Lifetime | USA", description="Speed: 2K/day"))
    assert facts_of(service)["speed_per_day"] == 2_000


def test_what_was_set_by_hand_survives_syncs_renames_and_saving() -> None:
    provider = make_provider()
    sync(provider, row(NAME))
    service = Service.objects.get(external_id="7")
    person = make_person()

    changed = set_facts(service, READ | {"country": "TR", "speed_per_day": None, "refill_days": 60}, by=person)
    assert set(changed) == {"country", "speed_per_day", "refill_days"}
    assert AuditEvent.objects.filter(action="service.facts_set", target_id=str(service.pk)).exists()

    sync(provider, row(NAME, description="new"))
    sync(provider, row("YouTube Views | Lifetime | USA | 9K/day"))
    facts = facts_of(service)
    assert (facts["country"], facts["speed_per_day"], facts["refill_days"]) == ("TR", None, 60)
    assert (facts["platform"], facts["kind"]) == ("youtube", "views")

    service.name = "TikTok Likes | Brazil | R30"
    service.save()
    facts = facts_of(service)
    assert (facts["country"], facts["refill_days"], facts["platform"]) == ("TR", 60, "tiktok")

    follow_name(service, by=person)
    facts = facts_of(service)
    assert (facts["country"], facts["refill_days"]) == ("BR", 30)
    assert service.by_hand == {}


def test_names_are_read_again_where_an_older_version_read_them() -> None:
    old, new, mine = (make_service(name=NAME) for _ in range(3))
    set_facts(mine, READ | {"country": "TR"}, by=make_person())
    empty = {"platform": "", "kind": "zz", "quality": "", "refill_days": None, "country": ""}
    Service.objects.filter(pk__in=[old.pk, mine.pk]).update(**empty, read_version=0)
    Service.objects.filter(pk=new.pk).update(quality="bot")

    assert reread_names(Service) == 2
    assert reread_names(Service) == 0
    assert facts_of(old) == READ
    assert facts_of(mine) == READ | {"country": "TR"}
    assert facts_of(new)["quality"] == "bot"


def test_a_given_value_is_kept_when_a_row_is_made() -> None:
    service = make_service(name=NAME, platform="tiktok", quality="high")

    assert (service.platform, service.quality, service.refill_days) == ("tiktok", "high", 30)


# --- Pages ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def manager(client: Client) -> User:
    person = make_person("providers.view_service", "providers.change_service", "orders.view_cost", "orders.add_order")
    client.force_login(person)
    return person


def test_the_page_of_a_service_shows_what_was_read_and_takes_corrections(client: Client, manager: User) -> None:
    service = make_service(name=NAME)
    page = reverse("providers:service", args=[service.pk])

    shown = client.get(page).content.decode()
    assert "from the name" in shown
    assert "30-day refill" in shown
    assert "set by hand" not in shown

    posted = {field: "" if value is None else value for field, value in (READ | {"country": "TR"}).items()}
    answer = client.post(reverse("providers:service_facts", args=[service.pk]), posted, follow=True)
    assert "set by hand" in answer.content.decode()
    assert facts_of(service) == READ | {"country": "TR"}

    client.post(reverse("providers:service_facts", args=[service.pk]), {"follow": "1"})
    assert facts_of(service) == READ


def test_a_wrong_correction_is_refused_at_its_field_and_nothing_changes(client: Client, manager: User) -> None:
    service = make_service(name=NAME)

    answer = client.post(
        reverse("providers:service_facts", args=[service.pk]),
        {"kind": "followers", "refill_days": "-3", "country": "XX"},
    )

    assert answer.status_code == 422
    assert facts_of(service) == READ


def test_who_may_not_change_services_cannot_correct_them(client: Client) -> None:
    service = make_service(name=NAME)
    client.force_login(make_person("providers.view_service"))

    assert "service_facts" not in client.get(reverse("providers:service", args=[service.pk])).content.decode()
    assert client.post(reverse("providers:service_facts", args=[service.pk]), {"follow": "1"}).status_code == 403


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("country=TR", {"turkish"}),
        ("quality=real", {"turkish"}),
        ("refill_days=30", {"turkish", "lifetime"}),
        ("refill_days=31", {"lifetime"}),
        ("speed_per_day=5000", {"turkish"}),
        ("start_minutes=0", {"turkish"}),
        ("start_minutes=60", {"turkish", "hour"}),
        ("refill=on", {"turkish", "lifetime"}),
        ("country=XX", {"turkish", "lifetime", "hour"}),
        ("refill_days=many", {"turkish", "lifetime", "hour"}),
    ],
)
def test_the_catalogue_is_filtered_by_facts(client: Client, manager: User, query: str, found: set[str]) -> None:
    names = {
        "turkish": f"{NAME} Türk",
        "lifetime": "YouTube Views Lifetime",
        "hour": "TikTok Likes 0-1 hour No Refill",
    }
    for name in names.values():
        make_service(name=name)

    shown = client.get(f"{reverse('providers:services')}?{query}").content.decode()

    assert {key for key, name in names.items() if name in shown} == found

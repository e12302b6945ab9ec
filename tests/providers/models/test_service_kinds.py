"""Which kind a service is, read from its words."""

from __future__ import annotations

import pytest
from django.db import connection

from providers.models import Service
from providers.models.platforms import PLATFORMS
from providers.models.service_kinds import KIND_TITLES, KINDS, OTHER
from providers.models.service_names.facts import read_service_name
from providers.sandbox.shop.catalogue_data import NOUNS
from tests.helpers.makers import make_service


@pytest.mark.parametrize(
    ("category", "name", "kind"),
    [
        ("", "Instagram Followers [Real] - 30 days refill", "followers"),
        ("Instagram Likes & Views", "Reels views, instant", "views"),
        ("Instagram Likes", "Turkish, HQ", "likes"),
        ("", "YouTube Comment Likes", "commentlikes"),
        ("", "Followers + 10 free likes", "followers"),
        ("", "İNSTAGRAM TAKİPÇİ | Telafili", "followers"),
        ("", "Người theo dõi Facebook", "followers"),
        ("", "เพิ่มผู้ติดตามอินสตาแกรม", "followers"),
        ("", "Подписчики Telegram", "members"),
        ("", "Подписчики Инстаграм", "followers"),
        ("", "YouTube 4.000 Saat İzlenme", "watchtime"),
        ("", "likeable viewpoint sharewood", OTHER),
        ("Mới", "Gói khởi đầu", OTHER),
        ("", "", OTHER),
    ],
)
def test_the_first_named_kind_counts_and_the_name_before_the_category(category: str, name: str, kind: str) -> None:
    assert read_service_name(name, category).kind == kind


@pytest.mark.parametrize("noun", sorted(set(NOUNS) - {"starter pack"}))
def test_a_kind_is_the_same_in_every_language_of_the_panels(noun: str) -> None:
    kinds = {read_service_name(word).kind for word in NOUNS[noun]}

    assert len(kinds) == 1
    assert kinds <= set(KIND_TITLES)


def test_slugs_fit_their_column_and_sort_alike_everywhere() -> None:
    slugs = [kind.slug for kind in KINDS]

    assert all(slug.isalpha() and slug.islower() and slug < OTHER for slug in slugs)
    assert len(slugs) == len(set(slugs))
    assert max(map(len, slugs)) <= (Service._meta.get_field("kind").max_length or 0)


def test_every_platform_is_found_by_its_own_title_and_fits_its_column() -> None:
    for platform in PLATFORMS:
        assert read_service_name("", category=platform.title).platform == platform.slug
        assert len(platform.slug) <= 30
    assert len({platform.slug for platform in PLATFORMS}) == len(PLATFORMS)


@pytest.mark.django_db
def test_the_database_sorts_platforms_as_python_does() -> None:
    names = ("apple_music", "app_store", "apps", "amazon", "amazon_music")
    for name in names:
        make_service(platform=name)

    assert list(Service.objects.order_by("platform").values_list("platform", flat=True)) == sorted(names)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT collation_name FROM information_schema.columns "
                "WHERE table_name = 'providers_service' AND column_name = 'platform'"
            )
            assert cursor.fetchone()[0] == "C"

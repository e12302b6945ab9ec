"""Which kind a service is, read from its words."""

from __future__ import annotations

import pytest

from providers.models import Service
from providers.models.platforms import PLATFORMS
from providers.models.service_kinds import KIND_TITLES, KINDS, OTHER, find_kind
from providers.sandbox.shop.catalogue_data import NOUNS


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
        ("", "Подписчики Telegram", "followers"),
        ("", "YouTube 4.000 Saat İzlenme", "watchtime"),
        ("", "likeable viewpoint sharewood", OTHER),
        ("Mới", "Gói khởi đầu", OTHER),
        ("", "", OTHER),
    ],
)
def test_the_first_named_kind_counts_and_the_name_before_the_category(category: str, name: str, kind: str) -> None:
    assert find_kind(category=category, name=name) == kind


@pytest.mark.parametrize("noun", sorted(set(NOUNS) - {"starter pack"}))
def test_a_kind_is_the_same_in_every_language_of_the_panels(noun: str) -> None:
    kinds = {find_kind(category="", name=word) for word in NOUNS[noun]}

    assert len(kinds) == 1
    assert kinds <= set(KIND_TITLES)


def test_slugs_fit_their_column_and_sort_alike_everywhere() -> None:
    slugs = [kind.slug for kind in KINDS]

    assert all(slug.isalpha() and slug.islower() and slug < OTHER for slug in slugs)
    platforms = [platform.slug for platform in PLATFORMS]
    assert sorted(platforms) == sorted(platforms, key=lambda slug: slug.replace("_", ""))

    assert len(slugs) == len(set(slugs))
    assert max(map(len, slugs)) <= (Service._meta.get_field("kind").max_length or 0)

"""Platforms as they are read from names and categories."""

from __future__ import annotations

import pytest

from providers.models.platforms import PLATFORMS, TITLES, find_platform


@pytest.mark.parametrize(
    ("category", "name", "platform"),
    [
        ("📸 Instagram Beğeni", "Likes", "instagram"),
        ("IG | Followers", "", "instagram"),
        ("⭐ FB Like + cảm xúc Việt 🇻🇳", "", "facebook"),
        ("Tik Tok - Views", "", "tiktok"),
        ("▶️YouTube", "", "youtube"),
        ("X/Twitter", "Followers", "x"),
        ("X Followers", "", "x"),
        ("🐦 X (ex bird)", "", "x"),
        ("Likes x 100", "", ""),
        ("Website Traffic from Instagram", "", "website"),
        ("🧵 Threads", "", "threads"),
        ("Подписчики Телеграм", "", "telegram"),
        ("New services", "Spotify Plays", "spotify"),
        ("New services", "Something else", ""),
        ("Fig and Big", "Digital", ""),
        ("", "", ""),
    ],
)
def test_the_category_comes_first_and_words_are_whole(category: str, name: str, platform: str) -> None:
    assert find_platform(category=category, name=name) == platform


def test_every_platform_is_found_by_its_own_title_and_fits_its_column() -> None:
    for platform in PLATFORMS:
        assert find_platform(category=platform.title, name="") == platform.slug
        assert len(platform.slug) <= 30
    assert len(TITLES) == len(PLATFORMS)

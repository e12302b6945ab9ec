"""A link of the wrong platform or kind is warned of; nothing is said where nothing is known."""

from __future__ import annotations

import pytest

from orders.links import describe_mismatch, read_link

PROFILE = "https://www.instagram.com/maple.lantern_88/"
POST = "https://www.instagram.com/p/Cq7LzWvN2xE/"
TIKTOK = "https://www.tiktok.com/@salty.kettle"
VIDEO = "https://www.youtube.com/watch?v=kT9_wQ2-LmA"


def odd(link: str, platform: str, kind: str) -> str:
    return describe_mismatch(read_link(link), platform=platform, kind=kind)


@pytest.mark.parametrize(
    ("link", "platform", "kind", "words"),
    [
        (PROFILE, "instagram", "likes", ("a profile", "a post or a video")),
        (POST, "instagram", "followers", ("a post", "a profile")),
        (POST, "instagram", "storyviews", ("a post", "a story")),
        (TIKTOK, "instagram", "followers", ("TikTok", "Instagram")),
        (TIKTOK, "instagram", "zz", ("TikTok", "Instagram")),
        (TIKTOK, "tiktok", "views", ("a profile", "a video")),
        (VIDEO, "youtube", "subscribers", ("a video", "a channel")),
        (VIDEO, "", "subscribers", ("a video", "a channel")),
        ("https://t.me/velvet_anchor", "telegram", "reactions", ("a channel", "a post")),
        ("https://t.me/velvet_anchor/418", "telegram", "members", ("a post", "an invite link")),
        ("@ann", "instagram", "likes", ("a username", "a post")),
        ("@ann", "youtube", "views", ("a username", "a video")),
        ("@ann", "website", "traffic", ("a username",)),
        ("https://lamps.shop/", "instagram", "likes", ("Instagram",)),
        ("https://vk.com/a", "shopee", "followers", ("VK", "shopee")),
    ],
)
def test_what_does_not_fit_is_said(link: str, platform: str, kind: str, words: tuple[str, ...]) -> None:
    said = odd(link, platform, kind)

    assert all(word in said for word in words), said


@pytest.mark.parametrize(
    ("link", "platform", "kind"),
    [
        (PROFILE, "instagram", "followers"),
        (PROFILE, "instagram", "zz"),
        (PROFILE, "", "zz"),
        (PROFILE, "instagram", "mentions"),
        (POST, "instagram", "likes"),
        (POST.replace("/p/", "/reel/"), "instagram", "views"),
        ("@ann", "instagram", "followers"),
        ("@ann", "instagram", "storyviews"),
        ("@ann", "telegram", "members"),
        ("@ann", "", "likes"),
        ("https://vm.tiktok.com/ZMhQ8rT5k/", "tiktok", "views"),
        ("https://bit.ly/abc", "instagram", "likes"),
        ("https://example.com/p/1", "instagram", "likes"),
        ("https://shop.test/p/1", "tiktok", "followers"),
        ("https://lamps.shop/", "shopee", "followers"),
        ("https://lamps.shop/", "website", "traffic"),
        (PROFILE, "website", "traffic"),
        ("https://twitter.com/a/status/1", "x", "likes"),
        ("https://www.youtube.com/playlist?list=PLr7Xw2nQeT5uVb9kLmZc", "youtube", "zz"),
    ],
)
def test_what_fits_or_cannot_be_known_is_not_warned_of(link: str, platform: str, kind: str) -> None:
    assert odd(link, platform, kind) == ""

"""Links that people paste: whose they are, what they open, which of them open the same, and what is none."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from orders.links import NoLink, handle_keys, key_of, read_link, search_keys

ROWS: list[dict[str, Any]] = [
    json.loads(line) for line in Path(__file__).with_name("links.jsonl").read_text().splitlines()
]
GOOD = [row for row in ROWS if not row.get("fault")]


def fault(text: str) -> str:
    with pytest.raises(NoLink) as caught:
        read_link(text)
    return str(caught.value)


@pytest.mark.parametrize("row", GOOD, ids=lambda row: row["link"])
def test_a_link_is_of_its_platform_and_opens_what_it_opens(row: dict[str, Any]) -> None:
    link = read_link(row["link"])

    assert (link.platform or None, link.target or None) == (row["platform"], row["target"])
    assert sorted(link.fits) == sorted(row["fits"])
    assert len(link.key) == 16


@pytest.mark.parametrize("row", [row for row in ROWS if row.get("fault")], ids=lambda row: repr(row["link"]))
def test_what_is_no_link_is_refused_in_a_sentence(row: dict[str, Any]) -> None:
    assert fault(row["link"]).endswith((".", "…"))


def test_exactly_those_links_are_one_that_open_the_same() -> None:
    group = {row["link"]: row.get("same_as") or row["link"] for row in GOOD}

    for first, second in combinations(group, 2):
        assert (key_of(first) == key_of(second)) == (group[first] == group[second]), (first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("https://www.instagram.com/p/AbC1dEfGhI2/?igshid=MzRlODBiNWFlZA==", "https://www.instagram.com/p/AbC1dEfGhI2/"),
        ("https://www.instagram.com/reel/AbC1dEfGhI2/?utm_source=web", "https://instagram.com/p/AbC1dEfGhI2/?igsh=x"),
        ("https://youtu.be/a1B2c3D4e5F?si=zz", "https://www.youtube.com/watch?v=a1B2c3D4e5F&feature=share"),
        ("https://youtube.com/live/a1B2c3D4e5F", "https://music.youtube.com/watch?v=a1B2c3D4e5F"),
        ("https://x.com/someone/status/1700000000000000001?s=20", "https://mobile.twitter.com/i/status/1700000000000000001"),
        ("https://www.tiktok.com/@a.b/video/7300000000000000001?_r=1", "https://tiktok.com/embed/v2/7300000000000000001"),
        ("https://t.me/somechannel/12?single", "https://t.me/s/somechannel/12"),
        ("https://somechannel.t.me", "https://t.me/SomeChannel"),
        ("@some.name", "some.name"),
        ("https://www.facebook.com/100087412300561", "https://www.facebook.com/people/Ann-Bee/100087412300561/"),
        ("https://www.facebook.com/reel/8800123456712", "https://fb.com/watch?v=8800123456712&ref=sharing"),
        ("https://www.facebook.com/harbor.bread.co", "https://facebook.com/HarborBreadCo/about"),
        ("https://www.linkedin.com/posts/ann_hello-activity-7211004455667788990-AbCd", "https://linkedin.com/feed/update/urn:li:activity:7211004455667788990"),
        ("https://www.pinterest.co.uk/pin/880012345678901/", "https://pinterest.com/pin/a-jar--880012345678901/"),
        ("https://vk.ru/wall-229901134_771", "https://m.vk.com/feed?w=wall-229901134_771"),
        ("https://bsky.app/profile/Ann.bsky.social", "https://bsky.app/profile/ann.bsky.social?ref_src=embed"),
        ("https://www.deezer.com/fr/track/3135556", "https://www.deezer.com/track/3135556?host=0"),
        ("https://music.apple.com/us/album/x/1440857781?i=1440857907", "https://music.apple.com/de/song/1440857907"),
        ("https://vimeo.com/76979871", "https://player.vimeo.com/video/76979871?h=8272103f6e"),
        ("HTTPS://LAMPS.example.com:443/a//b/", "http://lamps.example.com/a//b"),
        ("https://lamps.example.com/?fbclid=1&gclid=2", "https://lamps.example.com"),
    ],
)  # fmt: skip
def test_two_addresses_of_one_target_have_one_key(first: str, second: str) -> None:
    assert key_of(first) == key_of(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("https://www.youtube.com/watch?v=a1B2c3D4e5F", "https://www.youtube.com/watch?v=a1B2c3D4e5G"),
        ("https://www.youtube.com/watch?v=a1B2c3D4e5F", "https://www.youtube.com/watch?v=A1B2c3D4e5F"),
        ("https://www.instagram.com/some.name", "https://www.tiktok.com/@some.name"),
        ("https://www.instagram.com/some.name", "https://www.instagram.com/somename"),
        ("https://t.me/somechannel/12", "https://t.me/somechannel/13"),
        ("https://t.me/c/1702345511/93", "https://t.me/c/1702345512/93"),
        ("https://fb.watch/tQ7mPz2LxR/", "https://fb.watch/tQ7mPz2LxS/"),
        ("https://www.facebook.com/a/posts/771200345", "https://www.facebook.com/b/posts/771200345"),
        ("https://lamps.example.com/?page=2", "https://lamps.example.com/?page=3"),
        ("https://lamps.example.com/#/lamp/1", "https://lamps.example.com/#/lamp/2"),
        ("https://lamps.example.com:8443/", "https://lamps.example.com/"),
        ("https://play.google.com/store/apps/details?id=a.b", "https://play.google.com/store/apps/details?id=a.c"),
        ("https://open.spotify.com/track/5kQm2XwPz9LrT7vBnYcD1e", "https://open.spotify.com/album/5kQm2XwPz9LrT7vBnYcD1e"),
    ],
)  # fmt: skip
def test_two_targets_have_two_keys(first: str, second: str) -> None:
    assert key_of(first) != key_of(second)


@pytest.mark.parametrize(
    "text",
    [
        "#N/A", "#REF!", "#DIV/0!", "#NAME?", "#BEZUG!", "#Н/Д", "nan", "NaN", "None", "null", "n/a", "N/A",
        "undefined", "-", "--", "...", "?", "@", "@-", "0", "1000", "https//instagram.com/p/AbC",
        "https:instagram.com/p/AbC", "http//a.com",
        "https://https://instagram.com/p/AbC", "http://http//instagram.com/p/AbC", "https://instagram/p/AbC",
        "instagram/p/AbC", "https://instagram..com/p/AbC", "https://instagram,com/p/AbC", "https://-a.com/",
        "https://a.c/",
        "https://instagram.com/p/AbChttps://instagram.com/p/DeF", "https://t.me/onehttp://t.me/two",
        "https://instagram.com/p/AbC/https://instagram.com/p/DeF/", "instagram.com/p/AbCinstagram.com/p/DeF",
        "https://vk.com/awww.vk.com/b",
        "https://instagram.com/p/AbC;https://instagram.com/p/DeF", "https://instagram.com/p/AbC|https://t.me/a",
        "https://instagram.com/p/AbC,", "hxxps://instagram.com/p/AbC", "https:\\\\instagram.com\\p", "/p/AbC",
        "links.txt", "posts.xlsx", "ann@example.com", "mailto:ann@example.com", "tg://resolve?domain=a", "https://localhost/x",
        "https://127.0.0.1/x", "https://[::1]/x", "https://example.com/{link}", "=A1", "<a href=x>", "ann/bob", "name.",
        "@ann bob", "https://example.123/x", "[object Object]", "(empty)", "https://exa mple.com",
        "vk.com/x;vk.com/y", "www", "https", "t.me/a,t.me/b", "https://www.",
    ],
)  # fmt: skip
def test_no_possible_link_is_refused(text: str) -> None:
    assert fault(text)


@pytest.mark.parametrize(
    "text",
    [
        "@ann", "ann.b_c", "null_island", "@none", "nana", "@имя", "100087412300561", "+4915112345678", "x", "ann-bee",
        "https://example.com", "http://sub_domain.example.co.uk:8080/a,b;c?d=e|f", "https://8.8.8.8/x",
        "https://web.archive.org/web/2020/https://example.com/", "https://example.com/r?to=https://example.org/",
        "https://www.similarweb.com/website/instagram.com/", "https://例え.テスト/パス", "https://xn--r8jz45g.jp/",
        "https://example.com/it's/(a)", "https://www.google.com/maps/place/A+B/@59.43,24.75,17z",
    ],
)  # fmt: skip
def test_every_possible_link_is_one_and_is_not_changed(text: str) -> None:
    link = read_link(text)

    assert link.text == text
    assert not link.has_marks
    assert not link.has_scheme_added


@pytest.mark.parametrize(
    "mark", ["\u200b", "\u200e", "\u200f", "\ufeff", "\u2060", "\u00ad", "\u2066", "\u202c", "\ufe0f"]
)
def test_invisible_marks_are_taken_off_wherever_they_are(mark: str) -> None:
    for text in (
        f"{mark}https://t.me/abc",
        f"https://t.me/{mark}abc",
        f"https://t.me/abc{mark}",
        f" {mark} https://t.me/abc",
    ):
        link = read_link(text)
        assert (link.text, link.has_marks) == ("https://t.me/abc", True)


def test_a_mark_that_turns_the_direction_is_refused() -> None:
    assert fault("https://example.com/\u202egpj.exe")


@pytest.mark.parametrize(
    "text",
    ["t.me/abc", "www.lamps.example", "instagram.com", "m.vk.com/a", "example.org", "münzladen.example/x", "a.io/b"],
)
def test_an_address_without_a_scheme_gets_one(text: str) -> None:
    link = read_link(text)

    assert (link.text, link.has_scheme_added) == (f"https://{text}", True)


@pytest.mark.parametrize("text", ["some.name", "null_island.maps", "ann.de", "cedar.pixel_9", "@lamps.com"])
def test_a_user_name_with_a_dot_gets_none(text: str) -> None:
    assert read_link(text).text == text


@pytest.mark.parametrize(("text", "sent"), [("'@some.name", "@some.name"), ("'https://t.me/a", "https://t.me/a")])
def test_an_apostrophe_of_an_export_is_taken_off(text: str, sent: str) -> None:
    assert read_link(text).text == sent


@pytest.mark.parametrize(
    ("asked", "link"),
    [
        ("AbC1dEfGhI2", "https://www.instagram.com/reel/AbC1dEfGhI2/?igshid=A"),
        ("kT9_wQ2-LmA", "https://youtu.be/kT9_wQ2-LmA"),
        ("7388120045561230098", "https://www.tiktok.com/@salty.kettle/video/7388120045561230098"),
        ("1812345600789123456", "https://x.com/copper_finch/status/1812345600789123456"),
        ("@velvet_anchor", "t.me/Velvet_Anchor"),
        ("maple.lantern_88", "https://www.instagram.com/maple.lantern_88/"),
        ("https://www.instagram.com/maple.lantern_88/", "@Maple.Lantern_88"),
        ("instagram.com/p/AbC1dEfGhI2", "https://www.instagram.com/p/AbC1dEfGhI2/?igsh=1"),
        ("5kQm2XwPz9LrT7vBnYcD1e", "https://open.spotify.com/intl-de/track/5kQm2XwPz9LrT7vBnYcD1e"),
        ("#N/A", "#N/A"),
    ],
)  # fmt: skip
def test_a_search_finds_by_link_name_or_post_code(asked: str, link: str) -> None:
    assert key_of(link) in search_keys(asked)
    assert key_of("https://lamps.example.com/") not in search_keys(asked)


def test_a_bare_name_is_the_profile_of_the_services_platform_alone() -> None:
    name, profile = read_link("@Some.Name"), read_link("https://instagram.com/some.name")

    assert profile.key in handle_keys(name, "instagram")
    assert name.key in handle_keys(profile, "instagram")
    assert handle_keys(profile, "tiktok") == []
    assert profile.key not in handle_keys(name, "tiktok")
    assert handle_keys(name, "") == []

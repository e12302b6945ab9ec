"""Service names as panels write them, in many languages: what is read from them, and what is not."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from providers.models.service_kinds import OTHER
from providers.models.service_names.facts import read_service_name
from providers.models.service_names.limits import NON_DROP
from providers.models.service_names.refill import LIFETIME

NAMES = [json.loads(line) for line in (Path(__file__).parent / "data/service_names.jsonl").read_text().splitlines()]
FIELDS = (
    *("platform", "kind", "country", "quality", "gender", "refill_days", "speed_per_day", "start_minutes"),
    *("drop_percent", "max_stated"),
)


def said(name: str, category: str = "", description: str = "") -> dict[str, Any]:
    """Return what is read, without what is empty."""
    facts = asdict(read_service_name(name, category, description))
    return {field: value for field, value in facts.items() if value not in ("", None, OTHER)}


@pytest.mark.parametrize("field", FIELDS)
def test_every_name_of_the_collection_is_read_right_and_nothing_is_made_up(field: str) -> None:
    wrong = {
        line["name"]: (line["says"].get(field), got)
        for line in NAMES
        if (got := said(line["name"], line["category"]).get(field)) != line["says"].get(field)
    }

    assert wrong == {}
    assert Counter(field in line["says"] for line in NAMES)[True] >= 10


@pytest.mark.parametrize(
    "name",
    [
        "İnstagram Takipçi",
        "INSTAGRAM takipçi",
        "𝐈𝐧𝐬𝐭𝐚𝐠𝐫𝐚𝐦 𝐅𝐨𝐥𝐥𝐨𝐰𝐞𝐫𝐬",
        "𝓘𝓷𝓼𝓽𝓪𝓰𝓻𝓪𝓶 𝓕𝓸𝓵𝓵𝓸𝔀𝓮𝓻𝓼",
        "𝙸𝚗𝚜𝚝𝚊𝚐𝚛𝚊𝚖 𝙵𝚘𝚕𝚕𝚘𝚠𝚎𝚛𝚜",
        "Ｉｎｓｔａｇｒａｍ　Ｆｏｌｌｏｗｅｒｓ",
        "ⒾⓃⓈⓉⒶⒼⓇⒶⓂ ⒻⓄⓁⓁⓄⓌⒺⓇⓈ",
        "🅘🅝🅢🅣🅐🅖🅡🅐🅜 🅕🅞🅛🅛🅞🅦🅔🅡🅢",
        "🅸🅽🆂🆃🅰🅶🆁🅰🅼 🅵🅾🅻🅻🅾🆆🅴🆁🆂",
        "ɪɴꜱᴛᴀɢʀᴀᴍ ꜰᴏʟʟᴏᴡᴇʀꜱ",
        "Instаgrаm Fоllоwers",
        "I\u200bnstagram\u00a0Follow\u200bers",
        "&#73;nstagram&nbsp;Followers &amp; more",
        "InstagramFollowers [10K]",
        "instagramtakipçi",
        "متابعين انستقرام",
    ],
)
def test_a_name_is_read_in_whatever_letters_it_is_drawn(name: str) -> None:
    facts = read_service_name(name)

    assert (facts.platform, facts.kind) == ("instagram", "followers")


@pytest.mark.parametrize(
    ("name", "category", "platform"),
    [
        ("On-Line Radio Plays", "", ""),
        ("Bottom line price for likes", "", ""),
        ("First in line: comments", "", ""),
        ("LINE Friends", "", "line"),
        ("เพื่อน LINE OA", "", "line"),
        ("Side Kick offer: Instagram Followers", "", "instagram"),
        ("Kick start your week with likes", "", ""),
        ("Kick Followers", "", "kick"),
        ("Followers", "Kick", "kick"),
        ("Likes x 100", "", ""),
        ("X Followers", "", "x"),
        ("Followers", "🐦 X (ex bird)", "x"),
        ("Discussion threads comments", "", ""),
        ("Threads Likes", "", "threads"),
        ("Medium quality followers", "", ""),
        ("Social Signals from 𝐏𝐢𝐧𝐭𝐞𝐫𝐞𝐬𝐭", "", "pinterest"),
        ("Website Visitors via Instagram", "Traffic", "website"),
        ("Facebook Views (not for Instagram!)", "", "facebook"),
        ("Likes", "📸 Instagram Beğeni", "instagram"),
        ("Something else", "New services", ""),
        ("Digital", "Fig and Big", ""),
        ("", "", ""),
    ],
)
def test_a_platform_is_read_where_it_is_meant_and_nowhere_else(name: str, category: str, platform: str) -> None:
    assert read_service_name(name, category).platform == platform


@pytest.mark.parametrize(
    ("name", "platform"),
    [
        ("IMDB Votes [5K]", "imdb"),
        ("Deezer Plays", "deezer"),
        ("Shazam Plays [500K]", "shazam"),
        ("App Installs [Android] [WW]", "apps"),
        ("Kwai Seguidores", "kwai"),
        ("Likee App Followers", "likee"),
        ("Tidal Plays [USA]", "tidal"),
        ("Apple Podcasts Subscribers", "podcasts"),
        ("Tumblr Reblogs", "tumblr"),
        ("Vimeo Views", "vimeo"),
        ("Mixcloud Plays", "mixcloud"),
        ("Bluesky Followers", "bluesky"),
        ("iOS App Store Reviews", "app_store"),
    ],
)
def test_what_real_catalogues_sell_has_its_platform(name: str, platform: str) -> None:
    assert read_service_name(name).platform == platform


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("R30", 30),
        ("AR60", 60),
        ("R-30", 30),
        ("30R", 30),
        ("♻️ 30 Days", 30),
        ("Refill: 30D", 30),
        ("30 Days Auto Refill", 30),
        ("1 Month Guarantee", 30),
        ("2 weeks refill", 14),
        ("Refill 365", 365),
        ("Lifetime", LIFETIME),
        ("No Refill", 0),
        ("Non-Refill", 0),
        ("Refill: No", 0),
        ("Refill ❌", 0),
        ("NR", 0),
        ("R0", 0),
        ("Without any guarantee", 0),
        ("Refill", None),
        ("Refill button", None),
        ("100% Guaranteed", None),
        ("30 Days", None),
        ("24h refill time", None),
        ("365 likes", None),
        ("Refill 50K/day", None),
        ("Money back guarantee", None),
    ],
)
def test_terms_of_refills(text: str, days: int | None) -> None:
    assert read_service_name(f"Instagram Followers | {text}").refill_days == days


@pytest.mark.parametrize(
    ("text", "speed", "start"),
    [
        ("5K/Day", 5_000, None),
        ("1K-3K/D", 3_000, None),
        ("500/hour", 12_000, None),
        ("10k per day", 10_000, None),
        ("Day 5K", 5_000, None),
        ("Daily 10.000", 10_000, None),
        ("50 000 / day", 50_000, None),
        ("100/min", 144_000, None),
        ("5K/24h", 5_000, None),
        ("24/7 support", None, None),
        ("Speed 5K", None, None),
        ("3 posts a day", None, None),
        ("Instant", None, 0),
        ("Start 0-1 Hour", None, 60),
        ("0-24H Start", None, 1_440),
        ("0/6H", None, 360),
        ("Instant-1H", None, 60),
        ("Start in 30 mins", None, 30),
        ("60 minutes stay", None, None),
        ("Instant refill", None, None),
        ("Not instant", None, None),
        ("Start 1-2 days", None, 2_880),
        ("15+ min video", None, None),
    ],
)
def test_speed_and_start(text: str, speed: int | None, start: int | None) -> None:
    facts = read_service_name(f"YouTube Views | {text}")

    assert (facts.speed_per_day, facts.start_minutes) == (speed, start)


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("🇹🇷", "TR"),
        ("USA", "US"),
        ("UK", "GB"),
        ("[DE]", "DE"),
        ("Turkey", "TR"),
        ("Brazilian", "BR"),
        ("Indian accounts", "IN"),
        ("turkey recipes", ""),
        ("DE-luxe, it is back in", ""),
        ("ID 5521", ""),
        ("AR30", ""),
        ("Arab", ""),
        ("Worldwide", ""),
        ("English", ""),
        ("Russian language", ""),
        ("Europe 🇪🇺", ""),
        ("USA and Canada", ""),
        ("not for India", ""),
        ("Gulf region", ""),
    ],
)
def test_countries_and_what_is_none(text: str, country: str) -> None:
    assert read_service_name(f"Instagram Likes {text}").country == country


@pytest.mark.parametrize(
    ("text", "quality"),
    [
        ("Real", "real"),
        ("HQ", "high"),
        ("HQ Real", "real"),
        ("Low quality", "bot"),
        ("Bots", "bot"),
        ("Mixed", "mixed"),
        ("No bots", ""),
        ("Real Estate niche", ""),
        ("4K quality video", ""),
        ("VIP", ""),
        ("Power", ""),
        ("Medium quality", ""),
    ],
)
def test_qualities(text: str, quality: str) -> None:
    assert read_service_name(f"Instagram Followers {text}").quality == quality


def test_a_description_is_read_where_it_labels_its_lines_and_the_name_comes_first() -> None:
    description = "Start: 0-1 hour\nSpeed: 5K/day\nRefill: 30 days\nDrop: 0-5%\nWe had 100 orders in 2 days, instant!"

    assert said("Instagram Followers", description=description) == {
        "platform": "instagram",
        "kind": "followers",
        "start_minutes": 60,
        "speed_per_day": 5_000,
        "refill_days": 30,
        "drop_percent": 5,
    }
    assert read_service_name("Instagram Followers No Refill", description=description).refill_days == 0
    prose = "We refill within 24 hours when more than 10% drop in 30 days. Start your campaign now."
    assert said("Instagram Followers", description=prose) == {"platform": "instagram", "kind": "followers"}


def test_no_drop_and_a_share_that_is_lost() -> None:
    assert read_service_name("Likes | Non Drop").drop_percent == NON_DROP
    assert read_service_name("Likes | Drop 0-5%").drop_percent == 5
    assert read_service_name("Likes | low drop").drop_percent is None


@pytest.mark.parametrize(
    "text", ["9" * 400 + "K/day", "R" + "9" * 50, "Start " + "9" * 40 + " hours", "\x00", "١٠K/day", "²³K", "½ day"]
)
def test_hostile_names_are_read_without_harm(text: str) -> None:
    facts = read_service_name(f"Instagram Likes {text} max {text}", text, f"Start: {text}")

    assert facts.platform == "instagram"
    assert all(
        value is None or value <= 10**18 for value in (facts.speed_per_day, facts.start_minutes, facts.max_stated)
    )

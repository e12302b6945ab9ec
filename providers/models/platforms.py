"""Which platform a service is for, read from its category and name: data, and one function.

No panel states it, so it is a guess for filters and icons, never for money or states. To add a
platform, add a line to ``PLATFORMS``: its slug, its name, and the words panels write for it
(whole words, lower case).
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple


class Platform(NamedTuple):
    """A platform: ``slug`` as stored, ``title`` as shown, the ``words`` that name it."""

    slug: str
    title: str
    words: tuple[str, ...]


PLATFORMS: Final = (
    Platform("instagram", "Instagram", ("instagram", "insta", "ig", "igtv", "инстаграм", "อินสตาแกรม")),
    Platform("tiktok", "TikTok", ("tiktok", "tik tok", "tik-tok", "tt", "douyin", "тикток", "ติ๊กต๊อก")),
    Platform("youtube", "YouTube", ("youtube", "you tube", "yt", "ютуб", "ยูทูป")),
    Platform("facebook", "Facebook", ("facebook", "face book", "fb", "fanpage", "фейсбук", "เฟซบุ๊ก")),
    Platform("threads", "Threads", ("threads",)),
    Platform("telegram", "Telegram", ("telegram", "telegr", "tg", "телеграм")),
    Platform("x", "X (Twitter)", ("twitter", "x.com", "tweet", "tweets", "retweet", "retweets", "твиттер")),
    Platform("spotify", "Spotify", ("spotify",)),
    Platform("twitch", "Twitch", ("twitch",)),
    Platform("kick", "Kick", ("kick.com", "kick")),
    Platform("linkedin", "LinkedIn", ("linkedin", "linked in")),
    Platform("discord", "Discord", ("discord",)),
    Platform("snapchat", "Snapchat", ("snapchat",)),
    Platform("pinterest", "Pinterest", ("pinterest",)),
    Platform("reddit", "Reddit", ("reddit",)),
    Platform("quora", "Quora", ("quora",)),
    Platform("soundcloud", "SoundCloud", ("soundcloud", "sound cloud")),
    Platform("apple_music", "Apple Music", ("apple music", "itunes")),
    Platform("whatsapp", "WhatsApp", ("whatsapp",)),
    Platform("line", "LINE", ("line oa", "line official", "line")),
    Platform("zalo", "Zalo", ("zalo",)),
    Platform("vk", "VK", ("vk", "vkontakte", "vk.com", "вк", "вконтакте")),
    Platform("shopee", "Shopee", ("shopee",)),
    Platform("lazada", "Lazada", ("lazada",)),
    Platform("bigo", "Bigo Live", ("bigo",)),
    Platform("rumble", "Rumble", ("rumble",)),
    Platform("trustpilot", "Trustpilot", ("trustpilot",)),
    Platform("google", "Google", ("google maps", "google", "play store", "google play")),
    Platform(
        "website",
        "Website",
        ("website", "websites", "web sitesi", "web site", "seo", "traffic", "backlink", "backlinks"),
    ),
)

TITLES: Final = {platform.slug: platform.title for platform in PLATFORMS}
OTHER: Final = ""

_SLUGS: Final = {word: platform.slug for platform in PLATFORMS for word in platform.words}
# Longer words first, or "google" would hide "google maps". X alone is a word of too many names but at their start.
_WORDS: Final = re.compile(
    r"(?<!\w)(?:" + "|".join(re.escape(word) for word in sorted(_SLUGS, key=len, reverse=True)) + r")(?!\w)"
    r"|\A\W*(?P<x>x)(?=\W)"
)


def find_platform(*, category: str, name: str) -> str:
    """The slug of the platform named first, by the category if it names one, else by the name; "" when neither does."""
    return _first_named(category) or _first_named(name)


def _first_named(text: str) -> str:
    found = _WORDS.search(text.lower())
    if found is None:
        return OTHER
    return "x" if found["x"] else _SLUGS[found[0]]

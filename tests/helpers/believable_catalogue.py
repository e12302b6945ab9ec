"""A catalogue as five panels of four languages would list it: thousands of services, the same seed every time."""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils import timezone

from panelhub.db.bulk import insert_rows
from providers.models import Provider, Service
from providers.models.search_text import search_text
from providers.models.service_names.facts import STORED, VERSION, stored_facts
from tests.helpers.makers import make_provider

PLATFORMS = (
    "Instagram",
    "TikTok",
    "YouTube",
    "Facebook",
    "Telegram",
    "Twitter",
    "Spotify",
    "Twitch",
    "Threads",
    "LinkedIn",
)
KINDS = {
    "followers": ("Followers", "Takipçi", "Người theo dõi", "ผู้ติดตาม"),
    "likes": ("Likes", "Beğeni", "Lượt thích", "ถูกใจ"),
    "views": ("Views", "İzlenme", "Lượt xem", "ยอดวิว"),
    "comments": ("Comments", "Yorum", "Bình luận", "คอมเมนต์"),
    "shares": ("Shares", "Paylaşım", "Chia sẻ", "แชร์"),
    "saves": ("Saves", "Kaydetme", "Lượt lưu", "บันทึก"),
}
TERMS = (
    ("No Refill", "Telafisiz", "Không bảo hành", "ไม่รับประกัน"),
    ("R30", "30 Gün Telafili", "Bảo hành 30 ngày", "รับประกัน 30 วัน"),
    ("Lifetime Refill", "Ömür Boyu Telafili", "Bảo hành trọn đời", "รับประกันตลอดชีพ"),
    ("", "", "", ""),
)
QUALITIES = (
    ("Real", "Gerçek", "Người thật", "คนจริง"),
    ("HQ", "Yüksek Kalite", "Chất lượng cao", "คุณภาพสูง"),
    ("Bots", "Bot", "Acc ảo", "บอท"),
    ("", "", "", ""),
)
ORIGINS = (
    ("", "", "", ""),
    ("Turkey", "Türk", "Thổ Nhĩ Kỳ", "ตุรกี"),
    ("Vietnam", "Vietnam", "Việt Nam", "เวียดนาม"),
    ("USA 🇺🇸", "ABD", "Mỹ", "อเมริกา"),
    ("", "", "", ""),
)
SPEEDS = (
    ("10K/Day", "Günlük 10K", "10k/ngày", "วันละ 10K"),
    ("Instant", "Anlık", "Lên ngay", "เริ่มทันที"),
    ("0-1 Hour", "0-1 saat", "bắt đầu 0-1 giờ", "เริ่มภายใน 1 ชั่วโมง"),
    ("", "", "", ""),
)


class Panel(NamedTuple):
    """A panel of the catalogue: the place of its language in the tables, and its provider."""

    language: int
    provider: Provider


def fill_catalogue(size: int = 10_000, *, seed: int = 7) -> list[Panel]:
    """Make ``size`` services at five panels; no two cost the same."""
    chance = random.Random(seed)
    panels = [Panel(number % 4, make_provider(name=f"Panel {number}")) for number in range(5)]
    for panel in panels:
        rows = [_service(chance, panel, number) for number in range(size // len(panels))]
        for start in range(0, len(rows), 2_000):
            _insert(rows[start : start + 2_000], panel.provider)
    return panels


def add_service(provider: Provider, name: str, rate: str, **fields: Any) -> Service:
    """Return one more service, which a test looks for."""
    return Service.objects.create(
        provider=provider, external_id=f"x{Service.objects.count()}", name=name, rate=Decimal(rate), **fields
    )


def _service(chance: random.Random, panel: Panel, number: int) -> tuple[Any, ...]:
    platform = chance.choice(PLATFORMS)
    kind = chance.choice(list(KINDS))
    terms = chance.randrange(4)
    parts = [
        f"{platform} {chance.choice(ORIGINS)[panel.language]} {KINDS[kind][panel.language]}",
        *(
            table[panel.language]
            for table in (QUALITIES[chance.randrange(4)], TERMS[terms], SPEEDS[chance.randrange(4)])
        ),
        chance.choice(("", "🔥", "VIP", "Best seller", "New")),
    ]
    name = " | ".join(" ".join(part.split()) for part in parts if part.strip())
    category = f"{platform} {KINDS[kind][panel.language]}"
    refill = {0: False, 3: chance.choice((True, False))}.get(terms, True)
    rate = Decimal(chance.randrange(1_000, 9_000_000)) / 10_000 + Decimal(1)
    return (f"{number}", name, category, rate, refill, chance.random() < 0.3)


def _insert(rows: Sequence[tuple[Any, ...]], provider: Provider) -> None:
    columns = ("external_id", "name", "category", "rate", "refill", "dripfeed", "hub_rate", *STORED)
    insert_rows(
        Service,
        (*columns, "read_version", "search_text"),
        [
            (*row, row[3], *stored_facts(row[1], row[2], ""), VERSION, search_text(row[0], row[1], row[2]))
            for row in rows
        ],
        provider=provider.pk,
        first_seen_at=timezone.now(),
        min_quantity=10,
        max_quantity=100_000,
    )

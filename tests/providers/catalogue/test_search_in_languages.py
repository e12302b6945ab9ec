"""Searches as people type them, in several languages and with slips, on ten thousand believable services."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from providers.catalogue.contexts import CatalogueFilter, choose_services
from providers.hub_prices import HubPrices
from providers.models import Service
from providers.permissions import Seen, VisibleProviders
from tests.helpers.believable_catalogue import add_service, fill_catalogue

SIZE = 10_000
WANTED = {
    "ig": ("Instagram Takipçi | Gerçek | 30 Gün Telafili", {"refill": True}),
    "ig cheap": ("Instagram Followers | No Refill", {"refill": False}),
    "tiktok": ("TikTok Lượt thích | Việt Nam", {}),
    "youtube": ("YouTube ผู้ติดตาม | รับประกันตลอดชีพ", {"refill": True}),
    "telegram": ("Подписчики Telegram без гарантии", {"refill": False}),
    "drip": ("Instagram Likes | Premium", {"dripfeed": True}),
    "story": ("Visualizações de stories Instagram", {}),
    "us": ("Twitter Retweets USA", {}),
}


@pytest.fixture(scope="module")
def catalogue(django_db_setup: Any, django_db_blocker: Any) -> Iterator[dict[str, str]]:
    """Yield the catalogue, once for this module, and in it the services that are to come first: the cheapest ones."""
    with django_db_blocker.unblock():
        from django.db import transaction

        try:
            with transaction.atomic():
                provider = fill_catalogue(SIZE)[0].provider
                rates = {"ig cheap": "0.001", "ig": "0.002"}
                made = {
                    key: add_service(provider, name, rates.get(key, "0.01"), **fields).name
                    for key, (name, fields) in WANTED.items()
                }
                yield made
                transaction.set_rollback(True)
        finally:
            pass


class Reader:
    """Someone who sees prices, or not."""

    pk = 0

    def __init__(self, *, sees_cost: bool = True) -> None:
        self.sees_cost = sees_cost

    def has_perm(self, permission: str) -> bool:
        return self.sees_cost


def first_hits(text: str, *, sees_cost: bool = True, **filters: str) -> list[str]:
    asked = QueryDict(mutable=True)
    asked.update({"q": text, **filters})
    providers = {
        pk: Seen(pk, name, False, True, "USD", "", None)
        for pk, name in Service.objects.order_by().values_list("provider_id", "provider__name").distinct()
    }
    form = CatalogueFilter(
        asked,
        visible=VisibleProviders(providers, limited=False),
        prices=HubPrices("USD"),
        reader=Reader(sees_cost=sees_cost),
    )
    with CaptureQueriesContext(
        connection,
    ) as statements:
        rows = choose_services(form, most=5)
    assert len(statements) <= 5
    return [row.name for row in rows]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("instagram followers refill", "ig"),
        ("ig takipçi telafi", "ig"),
        ("IG TAKİPÇİ TELAFİLİ", "ig"),
        ("người theo dõi instagram bảo hành", "ig"),
        ("nguoi theo doi ig bao hanh", "ig"),
        ("ผู้ติดตาม ไอจี รับประกัน", "ig"),
        ("подписчики инстаграм гарантия", "ig"),
        ("seguidores instagram reposição", "ig"),
        ("متابعين انستقرام ضمان", "ig"),
        ("instagram followers", "ig cheap"),
        ("insta takipci", "ig cheap"),
        ("instagram followers no refill", "ig cheap"),
        ("instgram folowers refil", "ig"),
        ("instagarm follwers refill", "ig"),
        ("instagram takibci telafi", "ig"),
        ("instagramfollowers", "ig cheap"),
        ("r30 ig followers", "ig"),
        ("ig followers 30 days refill", "ig"),
        ("tiktok likes vietnam", "tiktok"),
        ("tik tok beğeni vietnam", "tiktok"),
        ("titkok lượt thích việt nam", "tiktok"),
        ("ไลค์ tiktok เวียดนาม", "tiktok"),
        ("yt subscribers lifetime", "youtube"),
        ("youtube followers lifetime", "youtube"),
        ("youtube abone ömür boyu", "youtube"),
        ("yutube subscribers lifetime", "youtube"),
        ("đăng ký youtube trọn đời", "youtube"),
        ("telegram members", "telegram"),
        ("telegram üye", "telegram"),
        ("สมาชิก telegram", "telegram"),
        ("thành viên tele", "telegram"),
        ("telegarm members", "telegram"),
        ("instagram likes drip feed", "drip"),
        ("ig beğeni dripfeed", "drip"),
        ("instagram likes premuim", "drip"),
        ("ig story views", "story"),
        ("instagram hikaye izlenme", "story"),
        ("lượt xem story instagram", "story"),
        ("twitter retweet usa", "us"),
        ("x retweets us", "us"),
        ("รีทวีต อเมริกา", "us"),
    ],
)
def test_the_right_service_comes_first(catalogue: dict[str, str], text: str, wanted: str) -> None:
    assert first_hits(text)[:1] == [catalogue[wanted]]


def test_refill_means_the_flag_and_not_the_word(catalogue: dict[str, str]) -> None:
    assert catalogue["ig cheap"] not in first_hits("instagram followers refill")
    assert first_hits("instagram followers", refill="on")[0] == catalogue["ig"]


def test_an_exact_name_or_id_is_found(catalogue: dict[str, str]) -> None:
    external_id = Service.objects.filter(name=catalogue["us"]).values_list("external_id", flat=True)[0]

    assert first_hits(external_id) == [catalogue["us"]]
    assert first_hits("zzqqxx nothing") == []


def test_who_may_not_see_prices_gets_no_order_by_price(catalogue: dict[str, str]) -> None:
    names = first_hits("instagram followers", sees_cost=False)

    assert names == sorted(names)
    assert catalogue["ig cheap"] not in names[:1] or names[0] == min(names)

"""Catalogue sync against a panel over real HTTP: what is taken over, what is written, what closes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from werkzeug import Response

from panelhub.db.bulk import update_rows
from providers.catalogue import writes
from providers.catalogue.sync import sync_services
from providers.client.errors import AccountRefused, Unknown
from providers.models import Provider, ServiceChange
from tests.helpers.catalogues import available, kinds
from tests.providers.panels import PlainPanel, service, services

pytestmark = pytest.mark.django_db


# --- Taking over ------------------------------------------------------------------------------------------------------


def test_the_first_list_is_taken_over_without_a_line_for_each_service(panel: PlainPanel) -> None:
    panel.answers["services"] = services(3)
    provider = panel.make_provider()

    figures = sync_services(provider)

    assert figures == {"listed": 3, "new": 3}
    first = provider.services.get(external_id="1")
    assert (first.name, first.type, first.type_label) == ("Instagram Likes 1", "default", "Default")
    assert (first.rate, first.min_quantity, first.max_quantity) == (Decimal("0.90"), 50, 10_000)
    assert (first.refill, first.cancel, first.dripfeed) == (True, False, None)
    assert first.platform == "instagram"
    assert first.search_text == "1 instagram likes 1 instagram"
    assert not ServiceChange.objects.exists()
    provider.refresh_from_db()
    assert provider.catalogue_hash
    assert provider.catalogue_at


def test_an_unchanged_list_is_not_parsed_and_writes_no_service(panel: PlainPanel) -> None:
    panel.answers["services"] = services(30)
    provider = panel.make_provider()
    sync_services(provider)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert sync_services(provider) == {"unchanged": 1}

    about_services = [query["sql"] for query in queries if "providers_service" in query["sql"]]
    assert len(about_services) == 1
    assert about_services[0].startswith("SELECT")


@pytest.mark.parametrize("size", [10, 400])
def test_the_same_services_in_another_order_cost_the_same_few_statements(panel: PlainPanel, size: int) -> None:
    panel.answers["services"] = services(size)
    provider = panel.make_provider()
    sync_services(provider)
    panel.answers["services"] = services(size)[::-1]

    with CaptureQueriesContext(connection) as queries:
        assert sync_services(provider) == {"listed": size}

    about_the_catalogue = [
        query["sql"]
        for query in queries
        if '"providers_service"' in query["sql"] or "cataloguehold" in query["sql"] or "catalogue_hash" in query["sql"]
    ]
    writes = [sql for sql in about_the_catalogue if not sql.startswith("SELECT")]
    # The account itself, the services; and the fingerprint.
    assert len(about_the_catalogue) == 3
    assert len(writes) == 1
    assert writes[0].startswith('UPDATE "providers_provider"')


def test_each_change_is_taken_over_and_reported_once(panel: PlainPanel) -> None:
    panel.answers["services"] = services(12)
    provider = panel.make_provider()
    sync_services(provider)
    panel.answers["services"] = [
        service(1, rate="0.899"),
        service(2, min="100"),
        service(3, refill=False),
        service(4, name="TikTok Views"),
        service(5, type="Custom Comments"),
        service(6, category="TikTok"),
        *services(12)[6:],
        service(13),
    ]

    figures = sync_services(provider)

    assert figures == {"listed": 13, "changed": 6, "new": 1}
    lines = {(c.service.external_id, c.kind, c.before, c.after) for c in provider.service_changes.all()}
    assert lines == {
        ("1", "rate", "0.9", "0.899"),
        ("2", "limits", "50 – 10000", "100 – 10000"),
        ("3", "flags", "refill: yes, cancel: no, drip-feed: ?", "refill: no, cancel: no, drip-feed: ?"),
        ("4", "name", "Instagram Likes 4", "TikTok Views"),
        ("5", "type", "Default", "Custom Comments"),
        ("6", "category", "Instagram", "TikTok"),
        ("13", "appeared", "", "0.9"),
    }
    assert provider.services.get(external_id="1").rate == Decimal("0.899")
    assert provider.services.get(external_id="5").type == "custom_comments"
    moved = provider.services.get(external_id="6")
    assert (moved.platform, moved.search_text) == ("tiktok", "6 instagram likes 6 tiktok")
    assert sync_services(provider) == {"unchanged": 1}


def test_the_number_of_statements_does_not_grow_with_the_changes(panel: PlainPanel) -> None:
    provider = panel.make_provider()
    panel.answers["services"] = services(300)
    sync_services(provider)
    counts = []
    for changed in (1, 250):
        panel.answers["services"] = [
            service(number, rate=f"0.9{changed}" if number <= changed else "0.90") for number in range(1, 301)
        ]
        with CaptureQueriesContext(connection) as queries:
            assert sync_services(provider)["changed"] >= changed
        counts.append(len(queries))
    # Only the lines of the change feed may need more than one statement, for the limits of SQLite.
    assert counts[1] - counts[0] <= 3


def test_force_compares_even_a_list_that_is_known(panel: PlainPanel) -> None:
    panel.answers["services"] = services(3)
    provider = panel.make_provider()
    sync_services(provider)
    provider.services.filter(external_id="2").update(name="changed by hand")

    assert sync_services(provider) == {"unchanged": 1}
    assert sync_services(provider, force=True) == {"listed": 3, "changed": 1}
    assert provider.services.get(external_id="2").name == "Instagram Likes 2"


def test_what_an_account_says_of_its_money_is_part_of_what_is_known(panel: PlainPanel) -> None:
    panel.answers["services"] = [service(1, rate="15,000")]
    provider = panel.make_provider()
    sync_services(provider)
    Provider.objects.filter(pk=provider.pk).update(decimal_comma=True)

    sync_services(provider)

    assert provider.services.get().rate == Decimal(15)


def test_a_price_of_more_digits_than_a_column_holds_does_not_change_at_every_sync(panel: PlainPanel) -> None:
    panel.answers["services"] = [service(1, rate="1.23456789012345"), service(2, rate="12345678.12345678")]
    provider = panel.make_provider()
    sync_services(provider)

    assert sync_services(provider, force=True) == {"listed": 2}


def test_rows_that_cannot_be_used_are_left_out_and_counted(panel: PlainPanel) -> None:
    panel.answers["services"] = [service(1), service(2, rate="1e30"), service(3, rate="free"), {"name": "nothing"}]
    provider = panel.make_provider()

    assert sync_services(provider) == {"listed": 2, "new": 1, "skipped": 3}


def test_a_sync_that_dies_halfway_is_continued_by_the_next(panel: PlainPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    panel.answers["services"] = services(2500)
    provider = panel.make_provider()
    sync_services(provider)
    panel.answers["services"] = services(2500, rate="0.95")
    chunks = []

    def die_at_the_second(*args: Any, **options: Any) -> Any:
        chunks.append(args)
        if len(chunks) == 2:
            raise KeyboardInterrupt
        return update_rows(*args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(writes, "update_rows", die_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            sync_services(provider)
    assert provider.services.filter(rate=Decimal("0.95")).count() == 1000

    assert sync_services(provider) == {"listed": 2500, "changed": 1500}
    assert kinds(provider) == ["rate"] * 2500
    assert sync_services(provider) == {"unchanged": 1}


# --- Services that go and come ----------------------------------------------------------------------------------------


def test_a_missing_service_closes_at_the_second_list_that_lacks_it(panel: PlainPanel) -> None:
    panel.answers["services"] = services(12)
    provider = panel.make_provider()
    sync_services(provider)
    panel.answers["services"] = services(11)

    assert sync_services(provider) == {"listed": 11, "missing": 1}
    assert "12" in available(provider)
    # The same bytes again agree just as well.
    assert sync_services(provider) == {"unchanged": 1, "closed": 1}

    gone = provider.services.get(external_id="12")
    assert not gone.is_available
    assert gone.closed_at
    assert kinds(provider) == ["closed"]
    assert sync_services(provider) == {"unchanged": 1}


def test_a_missing_service_that_is_back_before_it_closed_leaves_no_trace(panel: PlainPanel) -> None:
    panel.answers["services"] = services(12)
    provider = panel.make_provider()
    for count in (12, 11, 12, 11):
        panel.answers["services"] = services(count)
        sync_services(provider)

    back = provider.services.get(external_id="12")
    assert (back.is_available, back.missing_syncs) == (True, 1)
    assert kinds(provider) == []


def test_a_closed_service_that_is_back_opens_again_with_its_new_price(panel: PlainPanel) -> None:
    panel.answers["services"] = services(12)
    provider = panel.make_provider()
    for count in (12, 11, 11):
        panel.answers["services"] = services(count)
        sync_services(provider)
    panel.answers["services"] = [*services(11), service(12, rate="1.00")]

    assert sync_services(provider) == {"listed": 12, "changed": 1, "returned": 1}

    back = provider.services.get(external_id="12")
    assert (back.is_available, back.missing_syncs, back.closed_at, back.rate) == (True, 0, None, Decimal("1.00"))
    assert kinds(provider) == ["closed", "rate", "returned"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"error": "Invalid API key"}, AccountRefused),
        (Response("<html>Just a moment...</html>", status=503, content_type="text/html"), Unknown),
        (Response('[{"service": 1, "na', content_type="application/json"), Unknown),
        ({"whatever": 1}, Unknown),
    ],
)
def test_a_list_that_cannot_be_read_changes_nothing(panel: PlainPanel, answer: Any, error: type[Exception]) -> None:
    panel.answers["services"] = services(12)
    provider = panel.make_provider()
    sync_services(provider)
    panel.answers["services"] = answer

    for _ in range(3):
        with pytest.raises(error):
            sync_services(provider)

    assert len(available(provider)) == 12
    assert not provider.services.filter(missing_syncs__gt=0).exists()


# --- Hostile rows -----------------------------------------------------------------------------------------------------
POISON: list[dict[str, Any]] = [
    service("1 2"),
    service(""),
    service(0),
    service(True),
    service(None),
    service({"id": 5}),
    service("p1", rate="NaN"),
    service("p2", rate="Infinity"),
    service("p3", rate="1e400"),
    service("p4", rate="-5"),
    service("p5", rate="1" + "0" * 30),
    service("p6", rate="1e-400"),
    service("p7", rate="١٢٣"),
    service("p8", rate=""),
    service("p9", rate=None),
    service("p10", rate=[1]),
    service("p11", rate="0.00000000000001"),
    service("x" * 101),
]


def test_a_poisoned_catalogue_comes_in_without_its_poison(panel: PlainPanel) -> None:
    good = services(9_978)
    bent = [
        service(20_001, name="nul \0 and \ud800 surrogate", category="c\0"),
        service(20_002, refill="false", cancel="maybe", dripfeed=7),
        service(20_003, min="10" * 30, max="-1e9"),
        service(20_004, name="n" * 5000, category="c" * 5000, desc="d" * 50_000, type="t" * 500),
    ]
    panel.answers["services"] = [*good[:5000], *POISON, *good[5000:], *bent]
    provider = panel.make_provider()

    assert sync_services(provider) == {"listed": 9_982 + 2, "new": 9_982, "skipped": 18}

    assert provider.services.count() == 9_982
    nul, flags, limits, long = (provider.services.get(external_id=str(number)) for number in range(20_001, 20_005))
    assert nul.name == "nul  and  surrogate"
    assert (flags.refill, flags.cancel, flags.dripfeed) == (False, None, None)
    assert (limits.min_quantity, limits.max_quantity) == (None, None)
    assert (len(long.name), len(long.category), len(long.description), len(long.type)) == (500, 300, 10_000, 60)
    assert sync_services(provider, force=True)["listed"] == 9_984
    assert not ServiceChange.objects.exists()

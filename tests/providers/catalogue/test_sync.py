"""Catalogue sync against a panel over real HTTP: what is taken over, what is written, what waits for a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from werkzeug import Response

from panelhub.db.bulk import update_rows
from providers.catalogue import writes
from providers.catalogue.decisions import accept_prices
from providers.catalogue.holds import accept_hold, discard_hold
from providers.catalogue.seen_prices import mark_of_price
from providers.catalogue.sync import sync_services
from providers.client.errors import AccountRefused, Unknown
from providers.models import CatalogueHold, Provider, Service, ServiceChange
from tests.providers.panels import PlainPanel, service, services

pytestmark = pytest.mark.django_db
ACTIONS_OF_THE_SYNC = ("providers_service", "providers_provider", "providers_cataloguehold")


@pytest.fixture
def person() -> User:
    return User.objects.create_user("manager", password="correct horse battery")


def kinds(provider: Provider) -> list[str]:
    return sorted(provider.service_changes.values_list("kind", flat=True))


def available(provider: Provider) -> set[str]:
    return set(provider.services.filter(is_available=True).values_list("external_id", flat=True))


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


def test_each_change_is_taken_over_and_told_once(panel: PlainPanel) -> None:
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


# --- The guard --------------------------------------------------------------------------------------------------------


def _renumbered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "service": 9000 + row["service"]} for row in rows]


def _shuffled(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = [row["name"] for row in rows]
    return [{**row, "name": name} for row, name in zip(rows, names[1:] + names[:1], strict=True)]


SUSPICIOUS: list[tuple[str, Callable[[list[dict[str, Any]]], list[dict[str, Any]]]]] = [
    ("empty", lambda rows: []),
    ("halved", lambda rows: rows[::2]),
    ("halved", lambda rows: rows[:3]),
    ("renumbered", _renumbered),
    ("renumbered", _shuffled),
    ("doubled", lambda rows: rows + _renumbered(rows)),
]


@pytest.mark.parametrize(("kind", "bend"), SUSPICIOUS)
def test_a_list_that_looks_wrong_waits_for_a_person(
    panel: PlainPanel, kind: str, bend: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
) -> None:
    panel.answers["services"] = services(20)
    provider = panel.make_provider()
    sync_services(provider)
    before = list(provider.services.order_by("pk").values())
    panel.answers["services"] = bend(services(20))

    for _ in range(3):
        assert sync_services(provider)["held"] == 1

    after = list(provider.services.order_by("pk").values())
    # How often a service was missing is counted; nothing closes for it here (see `test_relaunch`).
    assert [row | {"hold_reason": "", "missing_syncs": 0} for row in after] == before
    assert kinds(provider) == []
    hold = provider.catalogue_holds.get()
    assert (hold.kind, hold.known, hold.closed_at) == (kind, 20, None)
    assert hold.reason


def test_an_id_that_bears_another_name_is_not_ordered_by_until_that_is_decided(panel: PlainPanel, person: User) -> None:
    panel.answers["services"] = services(20)
    provider = panel.make_provider()
    sync_services(provider)
    panel.answers["services"] = _shuffled(services(20))
    assert sync_services(provider) == {"listed": 20, "held": 1, "closed_for_now": 20}
    assert not Service.objects.orderable().exists()

    panel.answers["services"] = services(20)
    sync_services(provider)
    assert Service.objects.orderable().count() == 20

    panel.answers["services"] = _shuffled(services(20))
    sync_services(provider)
    accept_hold(provider.catalogue_holds.get(closed_at=None), person)
    assert sync_services(provider) == {"listed": 20, "changed": 20}
    assert Service.objects.orderable().count() == 20
    assert provider.services.get(external_id="1").name == "Instagram Likes 2"


def test_discarding_a_renumbered_list_opens_what_it_had_closed(panel: PlainPanel, person: User) -> None:
    panel.answers["services"] = services(20)
    provider = panel.make_provider()
    sync_services(provider)
    panel.answers["services"] = _shuffled(services(20))
    sync_services(provider)
    discard_hold(provider.catalogue_holds.get(), person)
    assert Service.objects.orderable().count() == 20


def test_a_good_list_ends_the_hold(panel: PlainPanel) -> None:
    panel.answers["services"] = services(20)
    provider = panel.make_provider()
    sync_services(provider)
    panel.answers["services"] = []
    sync_services(provider)
    panel.answers["services"] = services(20)

    assert sync_services(provider) == {"listed": 20}

    hold = provider.catalogue_holds.get()
    assert hold.closed_at
    assert hold.outcome == CatalogueHold.Outcome.OVERTAKEN
    assert sync_services(provider) == {"unchanged": 1}


def test_an_accepted_list_is_taken_over_and_closes_what_it_lacks_at_once(panel: PlainPanel, person: User) -> None:
    panel.answers["services"] = services(20)
    provider = panel.make_provider()
    sync_services(provider)
    panel.answers["services"] = services(5)
    sync_services(provider)
    hold = provider.catalogue_holds.get()

    assert accept_hold(hold, person)
    assert not accept_hold(hold, person)
    assert sync_services(provider) == {"listed": 5, "closed": 15}

    assert available(provider) == {"1", "2", "3", "4", "5"}
    hold.refresh_from_db()
    assert (hold.outcome, hold.accepted_by) == (CatalogueHold.Outcome.APPLIED, person)


def test_accepting_a_halved_list_does_not_accept_an_empty_one(panel: PlainPanel, person: User) -> None:
    panel.answers["services"] = services(20)
    provider = panel.make_provider()
    sync_services(provider)
    panel.answers["services"] = services(5)
    sync_services(provider)
    accept_hold(provider.catalogue_holds.get(), person)
    panel.answers["services"] = []

    assert sync_services(provider)["held"] == 1

    assert len(available(provider)) == 20
    hold = provider.catalogue_holds.get()
    assert (hold.kind, hold.accepted_at) == ("empty", None)


def test_a_discarded_list_is_not_raised_again_and_changes_nothing(panel: PlainPanel, person: User) -> None:
    panel.answers["services"] = services(20)
    provider = panel.make_provider()
    sync_services(provider)
    panel.answers["services"] = services(5)
    sync_services(provider)

    assert discard_hold(provider.catalogue_holds.get(), person)
    assert sync_services(provider) == {"unchanged": 1}
    panel.answers["services"] = services(5)[::-1]
    assert sync_services(provider) == {"listed": 5}

    assert provider.catalogue_holds.count() == 1
    assert len(available(provider)) == 20
    # Another one is another question.
    panel.answers["services"] = []
    assert sync_services(provider)["held"] == 1


def test_a_small_catalogue_may_lose_half_but_not_all(panel: PlainPanel) -> None:
    panel.answers["services"] = services(4)
    provider = panel.make_provider()
    sync_services(provider)
    panel.answers["services"] = services(1)

    sync_services(provider)
    sync_services(provider)
    assert available(provider) == {"1"}
    panel.answers["services"] = []
    assert sync_services(provider)["held"] == 1


def test_a_catalogue_that_grows_with_new_names_is_taken_over(panel: PlainPanel) -> None:
    panel.answers["services"] = services(20)
    provider = panel.make_provider()
    sync_services(provider)
    panel.answers["services"] = services(60)

    assert sync_services(provider) == {"listed": 60, "new": 40}


def test_a_thousand_services_are_closed_in_chunks(panel: PlainPanel, person: User) -> None:
    panel.answers["services"] = services(2300)
    provider = panel.make_provider()
    sync_services(provider)
    panel.answers["services"] = services(100)
    sync_services(provider)
    accept_hold(provider.catalogue_holds.get(), person)

    assert sync_services(provider) == {"listed": 100, "closed": 2200}


# --- Prices -----------------------------------------------------------------------------------------------------------


def test_a_price_jump_is_recorded_and_closes_the_service_until_accepted(panel: PlainPanel, person: User) -> None:
    panel.answers["services"] = services(12)
    provider = panel.make_provider(price_jump_percent=50)
    sync_services(provider)
    panel.answers["services"] = [service(1, rate="1.36"), service(2, rate="1.35"), *services(12)[2:]]

    assert sync_services(provider) == {"listed": 12, "changed": 2, "jumped": 1}

    jumped, risen = provider.services.get(external_id="1"), provider.services.get(external_id="2")
    assert (jumped.rate, jumped.hold_reason, jumped.accepted_rate) == (Decimal("1.36"), "price_jump", Decimal("0.90"))
    assert (risen.rate, risen.hold_reason) == (Decimal("1.35"), "")
    assert jumped not in Service.objects.orderable()
    assert risen in Service.objects.orderable()
    assert kinds(provider) == ["jump", "rate", "rate"]

    seen = {jumped.pk: mark_of_price(jumped.rate)}
    assert accept_prices(provider.services.all(), seen) == ([jumped.pk], [])
    assert accept_prices(provider.services.all(), seen) == ([], [])
    assert jumped in Service.objects.orderable()
    assert sync_services(provider, force=True) == {"listed": 12}
    assert jumped in Service.objects.orderable()


def test_a_jump_in_small_steps_after_the_first_stays_closed(panel: PlainPanel) -> None:
    panel.answers["services"] = [service(1)]
    provider = panel.make_provider()
    sync_services(provider)
    for rate in ("2.00", "2.10", "2.20"):
        panel.answers["services"] = [service(1, rate=rate)]
        sync_services(provider)

    held = provider.services.get()
    assert (held.hold_reason, held.accepted_rate, held.rate) == ("price_jump", Decimal("0.90"), Decimal("2.20"))


def test_a_price_that_comes_down_again_opens_the_service(panel: PlainPanel) -> None:
    panel.answers["services"] = [service(1)]
    provider = panel.make_provider()
    sync_services(provider)
    for rate in ("9.00", "0.95"):
        panel.answers["services"] = [service(1, rate=rate)]
        sync_services(provider)

    opened = provider.services.get()
    assert (opened.hold_reason, opened.accepted_rate) == ("", None)


def test_a_price_that_falls_is_taken_over_at_once(panel: PlainPanel) -> None:
    panel.answers["services"] = [service(1)]
    provider = panel.make_provider()
    sync_services(provider)
    panel.answers["services"] = [service(1, rate="0.01")]

    assert sync_services(provider) == {"listed": 1, "changed": 1}
    assert provider.services.get().hold_reason == ""


# --- Paging -----------------------------------------------------------------------------------------------------------


def paged(rows: list[dict[str, Any]], page: int = 500) -> Callable[[Mapping[str, str]], Any]:
    def answer(parameters: Mapping[str, str]) -> Any:
        start = int(parameters.get("offset", "0"))
        return rows[start : start + page]

    return answer


def test_a_list_in_pages_of_500_is_read_to_its_end(panel: PlainPanel) -> None:
    panel.answers["services"] = paged(services(1234))
    provider = panel.make_provider()

    assert sync_services(provider) == {"listed": 1234, "new": 1234}
    assert [call.get("offset") for call in panel.calls] == [None, "500", "1000"]
    provider.refresh_from_db()
    assert provider.catalogue_pages == 3
    assert sync_services(provider) == {"unchanged": 1}


def test_a_change_on_a_later_page_is_seen(panel: PlainPanel) -> None:
    panel.answers["services"] = paged(services(700))
    provider = panel.make_provider()
    sync_services(provider)
    panel.answers["services"] = paged([*services(699), service(700, rate="0.91")])

    assert sync_services(provider) == {"listed": 700, "changed": 1}


def test_a_panel_without_pages_that_lists_500_is_asked_once_more_and_believed(panel: PlainPanel) -> None:
    panel.answers["services"] = services(500)
    provider = panel.make_provider()

    assert sync_services(provider) == {"listed": 500, "new": 500}
    assert len(panel.calls) == 2
    assert sync_services(provider) == {"unchanged": 1}
    assert len(panel.calls) == 3


def test_a_panel_that_takes_the_offset_amiss_is_believed_too(panel: PlainPanel) -> None:
    panel.answers["services"] = lambda parameters: (
        {"error": "Incorrect request"} if "offset" in parameters else services(500)
    )
    provider = panel.make_provider()

    assert sync_services(provider) == {"listed": 500, "new": 500}


def test_a_page_that_cannot_be_read_closes_nothing(panel: PlainPanel) -> None:
    panel.answers["services"] = paged(services(900))
    provider = panel.make_provider()
    sync_services(provider)
    panel.answers["services"] = lambda parameters: Response("", status=502) if "offset" in parameters else services(500)

    for _ in range(2):
        with pytest.raises(Unknown):
            sync_services(provider)

    assert len(available(provider)) == 900
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

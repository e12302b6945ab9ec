"""The list of orders: what it shows, finds, counts, and how its rows refresh."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.listing.queries import PAGE_SIZE, TABS
from orders.listing.rows import ROOM
from orders.models import Order, Refill
from orders.statuses import OrderStatus
from tests.helpers.makers import (
    grant,
    make_order,
    make_person,
    make_provider,
    make_service,
)
from tests.helpers.pages import HTMX, keys_on, log_in

pytestmark = pytest.mark.django_db
LIST = reverse("orders:list")


def test_it_shows_what_was_ordered_and_how_far_it_is(as_staff: Any) -> None:
    order = make_order(
        external_id="23501", start_count=120, remains=250, charge=Decimal("0.90000001"), provider_status="In progress"
    )

    page = as_staff.get(LIST).content.decode()

    assert f"#{order.pk}" in page
    assert "23501" in page
    assert 'value="75"' in page
    assert "from 120" in page
    assert "0.90000001" in page
    assert "In progress" in page


def test_a_new_hub_says_what_to_do_first(as_staff: Any) -> None:
    page = as_staff.get(LIST).content.decode()

    assert "No orders yet" in page
    assert reverse("providers:services") in page


def test_a_word_of_the_provider_that_is_not_the_state_is_shown_as_it_came(as_staff: Any) -> None:
    make_order(status="pending", provider_status="<b>On hold</b>")

    page = as_staff.get(LIST).content.decode()

    assert "&lt;b&gt;On hold&lt;/b&gt;" in page


def test_texts_of_any_length_leave_a_page_of_orders_light(as_staff: Any) -> None:
    service = make_service(name="\u0645" * 500)
    link = f"https://a.example/{'p' * 1_900}"
    for _ in range(PAGE_SIZE):
        order = make_order(service, link=link, status="failed", error="e" * 1_000)

    page = as_staff.get(LIST).content

    assert len(page) < 104 * 1024
    assert f'title="{link[:ROOM]}…"' in page.decode()
    assert link in as_staff.get(reverse("orders:detail", args=[order.pk])).content.decode()


def test_a_name_that_runs_from_right_to_left_stands_apart_from_its_number(as_staff: Any) -> None:
    make_order(make_service(name="متابعون <b>", external_id="77"))

    assert '<span class="mute">77</span> <bdi>متابعون &lt;b&gt;</bdi>' in as_staff.get(LIST).content.decode()


def test_it_needs_a_login_and_the_permission_to_view(client: Any) -> None:
    assert client.get(LIST).status_code == 302
    assert log_in(make_person()).get(LIST).status_code == 403


def test_who_may_not_see_costs_sees_none(viewer: Any, as_manager: Any) -> None:
    make_order(charge=Decimal("7.123"))
    assert "7.123" in as_manager.get(LIST).content.decode()

    page = log_in(viewer).get(LIST).content.decode()

    assert "7.123" not in page
    assert "Charge" not in page


def test_a_person_sees_the_orders_of_granted_providers_alone(staff: Any, as_staff: Any) -> None:
    mine, other = make_order(), make_order()
    grant(staff, mine.provider)

    page = as_staff.get(LIST)

    assert keys_on(page) == [mine.pk]
    assert other.provider.name not in page.content.decode()
    assert keys_on(as_staff.get(LIST, {"q": str(other.pk)})) == []


@pytest.mark.parametrize("tab", [tab for tab in TABS if tab.statuses], ids=lambda tab: tab.slug)
def test_a_tab_shows_its_states_newest_first(as_staff: Any, tab: Any) -> None:
    service = make_service(refill=True)
    claim = "11111111-1111-1111-1111-111111111111"
    orders = [make_order(service, status=status, claim=claim, external_id=status) for status in OrderStatus.values]
    wanted = [order.pk for order in reversed(orders) if order.status in tab.statuses]

    assert keys_on(as_staff.get(LIST, {"tab": tab.slug})) == wanted


def test_what_needs_attention_is_counted(as_staff: Any) -> None:
    service = make_service()
    for _number in range(3):
        make_order(service, status="held")
    make_order(service, status="unconfirmed")

    page = as_staff.get(LIST).content.decode()

    assert re.search(r'Needs attention\s*<span class="count alert">4<', page)
    assert re.search(r'class="badge alert[ "].*?\s1\s', page, re.DOTALL)


def counts_on(response: Any) -> dict[str, str]:
    """Return what the tabs count, by their slug; "" is the one of all orders."""
    text = response.content.decode()
    return dict(re.findall(r'href="\?(?:tab=(\w+))?"[^>]*>[^<]*<span class="count \w*">(\d+)<', text))


def test_every_tab_says_how_many_orders_it_holds(staff: Any, as_staff: Any) -> None:
    service, other = make_service(refill=True), make_service()
    make_order(service, status="held")
    make_order(service, status="completed", external_id="1")
    make_order(service, status="in_progress", external_id="2")
    make_order(other, status="completed", external_id="3")

    counts = counts_on(as_staff.get(LIST))
    grant(staff, other.provider)
    limited = counts_on(as_staff.get(LIST))

    assert counts == {"": "4", "attention": "1", "active": "1", "refillable": "1", "done": "2"}
    assert limited == {"": "1", "done": "1"}


def test_what_can_be_refilled_now_is_a_tab(as_staff: Any) -> None:
    refilled, other = make_service(refill=True), make_service(refill=False)
    wanted = make_order(refilled, status="partial", external_id="1")
    make_order(other, status="completed", external_id="2")
    make_order(refilled, status="completed")
    make_order(refilled, status="in_progress", external_id="3")
    running, untracked = (make_order(refilled, status="completed", external_id=str(pk)) for pk in (4, 5))
    Refill.objects.create(order=running, status="in_progress", external_id="9")
    Refill.objects.create(order=untracked, status="pending")

    assert keys_on(as_staff.get(LIST, {"tab": "refillable"})) == [untracked.pk, wanted.pk]


def test_a_held_order_says_for_what(as_staff: Any) -> None:
    make_order(status="held", held_for="second_person")

    assert "needs a second person" in as_staff.get(LIST, {"tab": "attention"}).content.decode()


def test_it_can_be_narrowed_to_a_person_by_name(as_staff: Any) -> None:
    author = make_person()
    wanted, _other = make_order(created_by=author), make_order()

    response = as_staff.get(LIST, {"person": str(author.pk)})

    assert keys_on(response) == [wanted.pk]
    assert f'<option value="{author.pk}" selected>{author.username}</option>' in response.content.decode()
    assert f"Remove the filter Person {author.username}" in response.content.decode()


@pytest.mark.parametrize(
    "text",
    ["#{order.pk}", "{order.pk}", "ABC-23501", "https://a.example/p/77/", "http://www.A.example/p/77", " {order.pk} "],
)
def test_an_order_is_found_by_our_number_the_providers_id_or_its_link(as_staff: Any, text: str) -> None:
    service = make_service()
    wanted = make_order(service, external_id="ABC-23501", link="https://a.example/p/77")
    make_order(service, external_id="ABC-2350", link="https://a.example/p/7")

    assert keys_on(as_staff.get(LIST, {"q": text.format(order=wanted)})) == [wanted.pk]


@pytest.mark.parametrize("text", ["%", "'; DROP TABLE x", "99999999999999999999999", "٣", "#", "-1"])
def test_a_search_for_nonsense_finds_nothing(as_staff: Any, text: str) -> None:
    make_order()

    response = as_staff.get(LIST, {"q": f"zz{text}"})

    assert response.status_code == 200
    assert keys_on(response) == []
    assert "No matching orders" in response.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        {"provider": "999"},
        {"status": "nonsense"},
        {"since": "yesterday"},
        {"person": "x"},
        {"service": "-1"},
        {"after": "x"},
        {"after": "1~2~3"},
        {"before": "99999999999999999999999"},
        {"tab": "nonsense"},
        {"q": "\x00"},
        {"mass": "9" * 40},
    ],
)
def test_filters_that_make_no_sense_are_left_out(as_staff: Any, query: dict[str, str]) -> None:
    order = make_order()

    response = as_staff.get(LIST, query)

    assert response.status_code == 200
    assert keys_on(response) == [order.pk]


def test_filters_narrow_and_become_chips_that_can_be_taken_away(as_staff: Any, staff: Any) -> None:
    mine = make_order(created_by=staff)
    make_order(mine.service)
    make_order(created_by=staff)

    page = as_staff.get(LIST, {"provider": mine.provider_id, "person": "me"})

    assert keys_on(page) == [mine.pk]
    text = page.content.decode()
    assert set(re.findall(r'class="chip"\s+href="([^"]+)"', text)) == {f"?provider={mine.provider_id}", "?person=me"}


def test_a_period_bounds_the_list_by_local_days(as_staff: Any) -> None:
    service = make_service()
    now = timezone.localtime().replace(hour=12)
    days = [make_order(service, created_at=now - timedelta(days=age)) for age in range(4)]
    since, until = (now - timedelta(days=2)).date(), (now - timedelta(days=1)).date()

    found = keys_on(as_staff.get(LIST, {"since": since.isoformat(), "until": until.isoformat()}))

    assert found == [days[1].pk, days[2].pk]


def poll_round(client: Any, query: dict[str, str]) -> list[list[int]]:
    """Return every page from the first, by its Next links, and back again by Previous."""
    pages, url = [], f"{LIST}?" + "&".join(f"{name}={value}" for name, value in query.items())
    while url:
        response = client.get(url)
        pages.append(keys_on(response))
        found = re.search(r'rel="next" href="([^"]+)"', response.content.decode())
        back = re.search(r'rel="prev" href="([^"]+)"', response.content.decode())
        if len(pages) > 1:
            assert back, "a later page leads back"
            assert keys_on(client.get(LIST + back[1].replace("&amp;", "&"))) == pages[-2]
        url = LIST + found[1].replace("&amp;", "&") if found else ""
    return pages


@pytest.mark.parametrize(
    "query", [{}, {"tab": "active"}, {"since": "2020-01-01"}], ids=["all", "several states", "by time"]
)
def test_pages_hold_every_order_once(as_staff: Any, query: dict[str, str]) -> None:
    service = make_service()
    at = timezone.now()
    statuses = ["pending", "in_progress", "queued"]
    Order.objects.bulk_create(
        Order(
            provider=service.provider,
            service=service,
            status=statuses[number % 3],
            created_at=at - timedelta(minutes=number // 7),
        )
        for number in range(PAGE_SIZE * 2 + 7)
    )

    pages = poll_round(as_staff, query)

    assert [len(page) for page in pages] == [PAGE_SIZE, PAGE_SIZE, 7]
    every = [key for page in pages for key in page]
    assert len(set(every)) == len(every)


def test_a_search_in_a_hub_without_providers_finds_nothing(as_staff: Any) -> None:
    assert as_staff.get(LIST, {"q": "23501"}).status_code == 200


def test_htmx_gets_the_table_alone(as_staff: Any) -> None:
    make_order()

    part = as_staff.get(LIST, headers=HTMX)
    whole = as_staff.get(LIST)

    assert part.content.decode().lstrip().startswith('<div id="orders"')
    assert whole.content.decode().startswith("<!doctype html>")
    assert "HX-Request" in part["Vary"]
    assert "HX-Request" in whole["Vary"]


def test_back_in_the_browser_gets_the_whole_page(as_staff: Any) -> None:
    restored = as_staff.get(LIST, headers={**HTMX, "HX-History-Restore-Request": "true"})

    assert restored.content.decode().startswith("<!doctype html>")


class TestLiveRows:
    def test_only_rows_that_look_different_come_back(self, as_staff: Any) -> None:
        moved, still = make_order(), make_order()
        marks = dict(re.findall(r'data-live="((\d+):[0-9a-f]+)"', as_staff.get(LIST).content.decode()))
        asked = {key: mark for mark, key in ((mark, int(key)) for mark, key in marks.items())}
        Order.objects.filter(pk=moved.pk).update(remains=10, status="completed")

        response = as_staff.get(
            reverse("orders:live"),
            {"rows": ",".join([asked[moved.pk], asked[still.pk], "0:x", "junk", ""])},
            headers=HTMX,
        )

        text = response.content.decode()
        assert keys_on(response) == [moved.pk]
        assert 'hx-swap-oob="true"' in text
        assert "Completed" in text

    def test_nothing_new_is_no_content(self, as_staff: Any) -> None:
        make_order()
        mark = re.search(r'data-live="([^"]+)"', as_staff.get(LIST).content.decode())
        assert mark

        assert as_staff.get(reverse("orders:live"), {"rows": mark[1]}, headers=HTMX).status_code == 204
        assert as_staff.get(reverse("orders:live"), headers=HTMX).status_code == 204

    def test_rows_in_their_last_state_do_not_ask(self, as_staff: Any) -> None:
        make_order(status="completed")

        assert 'data-live="' not in as_staff.get(LIST).content.decode()
        make_order()
        assert as_staff.get(LIST).content.decode().count('data-live="') == 1

    def test_other_peoples_rows_stay_hidden(self, staff: Any, as_staff: Any) -> None:
        mine, other = make_order(), make_order()
        grant(staff, mine.provider)

        assert as_staff.get(reverse("orders:live"), {"rows": f"{other.pk}:0"}, headers=HTMX).status_code == 204


@pytest.mark.parametrize(
    "query", [{}, {"tab": "active"}, {"q": "1"}, {"since": "2020-01-01"}, {"tab": "done", "q": "x"}]
)
def test_a_page_takes_the_same_few_statements_however_many_rows(
    as_staff: Any, query: dict[str, str], django_assert_max_num_queries: Any
) -> None:
    service = make_service(make_provider())
    for number in range(60):
        make_order(service, external_id=str(number), status=["in_progress", "completed"][number % 2])

    as_staff.get(LIST)  # the first page after a login also writes when it began

    with django_assert_max_num_queries(8):
        as_staff.get(LIST, query)
    rows = {"rows": f"{Order.objects.latest('id').pk}:0"}
    with django_assert_max_num_queries(5):
        as_staff.get(reverse("orders:live"), rows, headers=HTMX)


@pytest.mark.parametrize("tab", ["", "active"])
@pytest.mark.parametrize("sort", ["provider", "-provider", "status", "-status", "oldest", ""])
def test_every_order_of_the_list_is_paged_both_ways_with_its_place(
    as_staff: Any, monkeypatch: pytest.MonkeyPatch, sort: str, tab: str
) -> None:
    monkeypatch.setattr("orders.listing.views.list.PAGE_SIZE", 3)
    services = [make_service() for _ in range(2)]
    statuses = ["pending", "in_progress", "queued", "pending"]
    for number in range(8):
        make_order(services[number % 2], status=statuses[number % 4], external_id=f"{number}")

    page, seen, urls = as_staff.get(LIST, {"sort": sort, "tab": tab}), [], []
    while True:
        seen.append(keys_on(page))
        urls.append((page.context["page"].number, page.context["page"].last_number))
        if not page.context["page"].next_url:
            break
        page = as_staff.get(LIST + page.context["page"].next_url)

    assert urls == [(1, 3), (4, 6), (7, 8)]
    rows = [Order.objects.get(pk=pk) for keys in seen for pk in keys]
    assert len({row.pk for row in rows}) == 8
    sign = -1 if sort in ("oldest", "-provider", "-status") else 1
    column = {"provider": "provider_id", "status": "status"}.get(sort.removeprefix("-"), "currency")
    assert [row.pk for row in rows[::sign]] == [
        row.pk for row in sorted(rows, key=lambda row: (getattr(row, column), -row.pk))
    ]
    back = as_staff.get(LIST + page.context["page"].previous_url)
    assert keys_on(back) == seen[1]
    assert back.context["page"].number == 4

"""Which columns a person shows: stored per list, read with the list, and gone back to where it was chosen."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from orders.listing.rows import TABLE
from panelhub.models import ListColumns
from tests.helpers.makers import make_completed_order, make_order
from tests.helpers.pages import HTMX

pytestmark = pytest.mark.django_db
LIST = reverse("orders:list")
SAVE = reverse("orders:columns")
DEFAULT = ["from", "moved", "charge", "ordered"]


def test_a_hidden_column_is_gone_from_the_list_and_its_live_rows_of_one_person(as_staff: Any, as_manager: Any) -> None:
    order = make_order(client_label="Ada Studio", remains=10)

    back = as_staff.post(
        SAVE, {"show": ["client", "charge"]}, headers={"referer": f"http://testserver{LIST}?tab=active"}
    )

    assert back.headers["Location"] == f"{LIST}?tab=active"
    page = as_staff.get(LIST).content.decode()
    assert "Ada Studio</td>" in page
    assert "Progress</th>" not in page
    live = as_staff.get(reverse("orders:live"), {"rows": f"{order.pk}:0"}, headers=HTMX).content.decode()
    assert "Ada Studio</td>" in live
    assert 'class="moved"' not in live
    theirs = as_manager.get(LIST).content.decode()
    assert 'class="moved"' in theirs
    assert "Ada Studio</td>" not in theirs


@pytest.mark.parametrize("posted", [{"show": DEFAULT}, {"reset": "1"}])
def test_the_default_needs_no_row(as_staff: Any, posted: dict[str, Any]) -> None:
    as_staff.post(SAVE, {"show": ["client"]})
    assert ListColumns.objects.get().toggled.split() == ["client", *DEFAULT]

    as_staff.post(SAVE, posted)

    assert not ListColumns.objects.exists()


def test_nothing_but_columns_of_the_list_is_stored_and_the_way_back_stays_in_the_list(as_staff: Any) -> None:
    back = as_staff.post(SAVE, {"show": [*DEFAULT, "x' --", "id"]}, headers={"referer": "https://evil.example/a?b=c"})

    assert back.headers["Location"] == LIST
    assert not ListColumns.objects.exists()


@pytest.mark.parametrize("name", ["orders:requests", "providers:services"])
def test_each_list_stores_its_own(as_staff: Any, name: str) -> None:
    make_completed_order().refills.create(status="queued")

    as_staff.post(reverse(f"{name}_columns"), {"show": []})

    assert ListColumns.objects.get().page == name.partition(":")[2]
    for page in (as_staff.get(reverse(name)), as_staff.get(reverse(name), {"q": "nothing like it"})):
        assert page.context["columns"]
        assert not any(is_shown for _slug, _label, is_shown in page.context["columns"])


def test_headings_sort_by_what_an_index_has(as_staff: Any) -> None:
    make_order()
    headings = {one.slug: one for one in as_staff.get(LIST, {"tab": "active", "at": "51"}).context["headings"]}

    assert headings["id"].aria_sort == "descending"
    assert headings["id"].url == "?tab=active&sort=oldest"
    assert headings["from"].url == "?tab=active&sort=provider"
    assert headings["moved"].url == ""
    again = {one.slug: one for one in as_staff.get(LIST, {"sort": "provider"}).context["headings"]}
    assert (again["from"].aria_sort, again["from"].url) == ("ascending", "?sort=-provider")
    assert again["id"].url == "?"


def test_a_person_without_costs_is_offered_no_column_of_costs() -> None:
    slugs = [slug for slug, _label, _shown in TABLE.choices(TABLE.hidden(""), sees_cost=False)]

    assert "charge" not in slugs
    assert "ordered" in slugs

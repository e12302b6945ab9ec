"""Views that people keep: a filter under a name, theirs alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict
from django.urls import reverse

from orders.listing.saved_views import LONGEST_QUERY, MOST_VIEWS
from orders.models import SavedView
from tests.helpers.makers import make_order, make_provider
from tests.helpers.pages import keys_on, log_in

pytestmark = pytest.mark.django_db
LIST = reverse("orders:list")
SAVE = reverse("orders:save_view")


def save(client: Any, name: str, query: str) -> str:
    """Keep a view; what the page says that follows."""
    return str(client.post(SAVE, {"name": name, "query": query}, follow=True).content.decode())


def act(client: Any, step: str, view: SavedView, **fields: str) -> Any:
    return client.post(reverse(f"orders:{step}_view", args=[view.pk]), fields, follow=True)


def test_a_filter_is_kept_and_found_again_as_a_tab(as_staff: Any, staff: Any) -> None:
    wanted, _other = make_order(status="partial"), make_order()

    response = as_staff.post(
        SAVE, {"name": " Mine,  partial ", "query": "status=partial&after=9&q=&junk=1"}, follow=True
    )

    view = SavedView.objects.get()
    assert (view.person, view.name, view.query) == (staff, "Mine, partial", "status=partial")
    assert keys_on(response) == [wanted.pk]
    page = response.content.decode()
    assert "View Mine, partial saved." in page
    assert '<a href="?status=partial" aria-current="page">' in page
    assert page.count('aria-current="page"') == 2  # the view, and the entry of the side


def test_a_view_is_offered_where_something_is_filtered(as_staff: Any) -> None:
    assert "Save view" not in as_staff.get(LIST, {"tab": "done"}).content.decode()
    assert "Save view" in as_staff.get(LIST, {"tab": "done", "person": "me"}).content.decode()


def test_the_same_name_takes_the_new_filter(as_staff: Any) -> None:
    save(as_staff, "Mine", "status=partial")

    page = save(as_staff, "Mine", "tab=done&person=me")

    assert "updated" in page
    assert QueryDict(SavedView.objects.get().query).dict() == {"tab": "done", "person": "me"}


@pytest.mark.parametrize("order", ["person=me&tab=done", "tab=done&person=me", "tab=done&person=me&before=3&status="])
def test_a_filter_is_known_again_however_its_address_is_written(as_staff: Any, order: str) -> None:
    save(as_staff, "Mine", "tab=done&person=me")

    assert "Edit view" in as_staff.get(f"{LIST}?{order}").content.decode()


@pytest.mark.parametrize(
    ("name", "query", "sentence"),
    [
        (" \x00 ", "status=partial", "Enter a name for the view."),
        ("Nothing", "", "Add a filter before saving a view"),
        ("Nonsense", "status=nonsense", "Add a filter before saving a view"),
        ("Long", "q=" + "x" * LONGEST_QUERY, "This filter is too long to save"),
    ],
)
def test_what_cannot_be_kept_is_reported(as_staff: Any, name: str, query: str, sentence: str) -> None:
    assert sentence in save(as_staff, name, query)
    assert not SavedView.objects.exists()


def test_there_is_an_end_to_them(as_staff: Any, staff: Any) -> None:
    SavedView.objects.bulk_create(
        SavedView(person=staff, name=str(number), query="tab=done") for number in range(MOST_VIEWS)
    )

    assert "views. Delete one first" in save(as_staff, "One more", "tab=active")
    assert "updated" in save(as_staff, "3", "tab=active")


def test_it_is_renamed_and_deleted(as_staff: Any) -> None:
    save(as_staff, "Mine", "status=partial")
    save(as_staff, "Yours", "status=completed")
    view = SavedView.objects.get(name="Mine")

    assert "already have a view named Yours" in act(as_staff, "rename", view, name="Yours").content.decode()
    assert "View renamed" in act(as_staff, "rename", view, name="Ours").content.decode()
    view.refresh_from_db()
    assert view.name == "Ours"
    assert "deleted. Its orders didn’t change" in act(as_staff, "delete", view).content.decode()
    assert [left.name for left in SavedView.objects.all()] == ["Yours"]


def test_no_one_touches_another_ones(as_staff: Any, as_manager: Any, viewer: Any) -> None:
    save(as_manager, "Managers’ own", "status=partial")
    view = SavedView.objects.get()

    assert "Managers" not in as_staff.get(LIST, {"status": "partial"}).content.decode().split('class="filters"')[0]
    assert act(as_staff, "rename", view, name="Taken").status_code == 404
    assert act(as_staff, "delete", view).status_code == 404
    assert as_staff.get(SAVE).status_code == 405
    assert "saved." in save(log_in(viewer), "Viewers too", "tab=done")


def test_a_name_is_text(as_staff: Any) -> None:
    page = save(as_staff, "<script>alert(1)</script>", "status=partial")

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_view_of_a_provider_that_is_gone_opens(as_staff: Any) -> None:
    provider = make_provider()
    save(as_staff, "Gone", f"provider={provider.pk}")
    query = SavedView.objects.get().query
    provider.delete()

    answer = as_staff.get(f"{LIST}?{query}")
    assert answer.status_code == 200
    assert "Gone" in answer.content.decode()

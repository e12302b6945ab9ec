"""Favourite services on the catalogue page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from orders.roles import ROLES
from providers.models import Favourite
from tests.helpers.catalogue_pages import row_of
from tests.helpers.makers import (
    grant,
    make_person,
    make_service,
)
from tests.helpers.pages import HTMX, keys_on, log_in, text_of

pytestmark = pytest.mark.django_db
LIST = reverse("providers:services")


class TestFavourites:
    def test_a_star_is_kept_and_taken_away_and_is_the_readers_alone(self, browser: Client) -> None:
        service, _other = make_service(), make_service()
        url = reverse("providers:favourite", args=[service.pk])

        response = browser.post(url, {"on": "1", "next": f"{LIST}?sort=new"})

        assert response["Location"] == f"{LIST}?sort=new#service-{service.pk}"
        page = browser.get(LIST, {"favourites": "on"})
        assert keys_on(page) == [service.pk]
        assert 'aria-pressed="true"' in row_of(page, service)
        assert keys_on(log_in(make_person(*ROLES["staff"])).get(LIST, {"favourites": "on"})) == []
        browser.post(url, {"on": "1"})
        browser.post(url, {"on": ""})
        assert not Favourite.objects.exists()

    def test_htmx_gets_the_star_alone(self, browser: Client) -> None:
        service = make_service()

        response = browser.post(reverse("providers:favourite", args=[service.pk]), {"on": "1"}, headers=HTMX)

        assert text_of(response).startswith('<button class="star"')
        assert 'aria-pressed="true"' in text_of(response)

    @pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
    def test_the_way_back_never_leads_away(self, browser: Client, target: str) -> None:
        service = make_service()

        response = browser.post(reverse("providers:favourite", args=[service.pk]), {"on": "1", "next": target})

        assert response["Location"].startswith(f"{LIST}#service-")

    def test_hidden_services_have_no_star(self, browser: Client, staff: Any) -> None:
        mine, other = make_service(), make_service()
        grant(staff, mine.provider)

        assert browser.post(reverse("providers:favourite", args=[other.pk]), {"on": "1"}).status_code == 404
        assert browser.get(reverse("providers:favourite", args=[mine.pk])).status_code == 405
        assert log_in(make_person()).post(reverse("providers:favourite", args=[mine.pk])).status_code == 403

    def test_none_yet_shows_how_to_get_one(self, browser: Client) -> None:
        make_service()

        assert "No favourites yet" in text_of(browser.get(LIST, {"favourites": "on"}))

"""Where htmx and Django meet: ended sessions, redirects, messages, caches."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.test import Client
from django.urls import include, path, reverse

from tests.helpers.makers import make_person

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def tell(request: HttpRequest) -> HttpResponse:
    messages.error(request, "<b>careful</b>")
    return HttpResponse("<tr><td>row</td></tr>")


def go(request: HttpRequest) -> HttpResponse:
    messages.success(request, "done")
    return HttpResponseRedirect("/show/")


def show(request: HttpRequest) -> HttpResponse:
    return HttpResponse("shown")


def data(request: HttpRequest) -> JsonResponse:
    messages.info(request, "later")
    return JsonResponse({})


urlpatterns = [
    path("tell/", tell),
    path("go/", go),
    path("show/", show),
    path("data/", data),
    path("", include("panelhub.urls")),
]


@pytest.fixture
def browser() -> Client:
    client = Client()
    client.force_login(make_person(), backend="panelhub.security.backends.RoleBackend")
    return client


def test_an_ended_session_leads_to_the_login_and_back_to_the_open_page(client: Any) -> None:
    response = client.get(
        reverse("orders:live"), headers={**HTMX, "HX-Current-URL": "http://testserver/orders/?tab=active"}
    )

    assert response.status_code == 204
    assert response["HX-Redirect"] == f"{reverse('login')}?next=%2Forders%2F%3Ftab%3Dactive"


@pytest.mark.parametrize("page", ["https://evil.example/x", "//evil.example", "javascript:x", ""])
def test_it_never_leads_back_to_another_site(client: Any, page: str) -> None:
    response = client.get(reverse("orders:live"), headers={**HTMX, "HX-Current-URL": page})

    assert response["HX-Redirect"] == f"{reverse('login')}?next=%2F"


def test_a_plain_request_is_redirected_as_ever(client: Any) -> None:
    response = client.get(reverse("orders:list"))

    assert response.status_code == 302
    assert "HX-Redirect" not in response
    assert "HX-Request" in response["Vary"]


@pytest.mark.urls(__name__)
class TestMessages:
    def test_they_come_along_as_toasts_after_the_rows(self, browser: Client) -> None:
        page = browser.get("/tell/", headers=HTMX).content.decode()

        assert re.match(r"<tr><td>row</td></tr>\s*<template>", page)
        assert 'hx-swap-oob="beforeend:#toasts"' in page
        assert "&lt;b&gt;careful&lt;/b&gt;" in page
        assert 'data-level="error"' in page

    def test_a_toast_is_shown_once(self, browser: Client) -> None:
        browser.get("/tell/", headers=HTMX)

        assert b"careful" not in browser.get("/show/", headers=HTMX).content

    def test_a_redirect_keeps_them_for_the_page_it_leads_to(self, browser: Client) -> None:
        response = browser.post("/go/", headers=HTMX)

        assert response.status_code == 204
        assert response["HX-Redirect"] == "/show/"
        assert b"done" in browser.get("/show/", headers=HTMX).content

    def test_what_is_no_page_is_left_alone(self, browser: Client) -> None:
        assert browser.get("/data/", headers=HTMX).content == b"{}"

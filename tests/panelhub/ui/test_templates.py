"""Rules that every template, script and style keeps."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import get_template, render_to_string
from django.test import Client

from panelhub.settings import BASE_DIR
from panelhub.ui.icons import NAMES
from tests.helpers.makers import make_person

TEMPLATES = sorted((BASE_DIR / "templates").rglob("*.html"))
OURS = sorted((BASE_DIR / "static" / "panelhub").rglob("*.css")) + sorted(
    (BASE_DIR / "static" / "panelhub").rglob("*.js")
)
BUDGET = 80_000
LONGEST_LINE = 160


def name_of(path: Path) -> str:
    return str(path.relative_to(BASE_DIR))


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_nothing_that_the_policy_refuses(path: Path) -> None:
    text = re.sub(r"{%.*?%}|{{.*?}}", "", path.read_text(encoding="utf-8"))

    assert not re.search(r"\sstyle\s*=", text), "a style attribute"
    assert not re.search(r"\son[a-z]+\s*=", text), "an event attribute"
    assert not re.search(r"\shx-(on|vals='js:|vars)", text), "a script in an htmx attribute"
    assert "<style" not in text
    assert not re.search(r"<script(?![^>]*\ssrc=)", text), "an inline script"
    assert not re.search(r"(src|href)=\"https?://", text), "something from elsewhere"


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_its_lines_are_short_enough_to_read(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()

    assert [number for number, line in enumerate(lines, 1) if len(line) > LONGEST_LINE] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_its_icons_are_in_the_sprite(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    used = set(re.findall(r'{% icon "([^"]+)"', text)) | set(re.findall(r'icon_name="([^"]+)"', text))

    assert used <= set(NAMES), "add it to panelhub.ui.icons.NAMES and run scripts/make_icons.py"


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_it_compiles_and_trusts_no_one(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    get_template(str(path.relative_to(BASE_DIR / "templates")))
    assert "|safe" not in text
    assert "autoescape off" not in text


def test_scripts_and_styles_of_a_page_stay_small() -> None:
    htmx = finders.find("django_htmx/htmx-2.min.js")
    assert htmx
    sizes = [len(gzip.compress(Path(str(path)).read_bytes())) for path in (*OURS, htmx)]

    assert sum(sizes) < BUDGET


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html", "503.html"])
def test_error_pages_need_nothing_but_themselves(name: str) -> None:
    page = render_to_string(name)

    assert "<h1>" in page
    assert 'href="/"' in page


@pytest.mark.django_db
class TestWhatPeopleMeet:
    def test_a_missing_page(self, client: Any) -> None:
        client.force_login(make_person(), backend="panelhub.security.backends.RoleBackend")

        response = client.get("/nothing/")

        assert response.status_code == 404
        assert "Page not found" in response.content.decode()

    def test_a_page_older_than_the_login(self) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(make_person("orders.add_order"), backend="panelhub.security.backends.RoleBackend")

        response = client.post("/orders/new/", {})

        assert response.status_code == 403
        assert "This page has expired" in response.content.decode()

    def test_a_wrong_password(self, client: Any) -> None:
        person = make_person()

        response = client.post("/login/", {"username": person.username, "password": "wrong"})

        assert response.status_code == 200
        assert 'class="banner bad"' in response.content.decode()
        assert f'value="{person.username}"' in response.content.decode()

    def test_the_login_leads_on_to_the_page_that_was_wanted(self, client: Any) -> None:
        page = client.get("/login/", {"next": "/services/"}).content.decode()

        assert 'name="next" value="/services/"' in page
        assert "Log in to continue" in page

    def test_a_page_carries_the_policy(self, client: Any) -> None:
        policy = client.get("/login/")["Content-Security-Policy"]

        assert "default-src 'self'" in policy
        assert "unsafe" not in policy

"""The handbook: every page reads, leads somewhere, and is found where its question comes up."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.urls import reverse

from panelhub.handbook import ORDER, all_pages
from tests.helpers.makers import make_person
from tests.helpers.pages import log_in

GUIDE: Path = settings.BASE_DIR / "docs" / "guide"
LINK = re.compile(r"\]\(([^)]+)\)")
USED = re.compile(r'{% handbook "([\w-]+)"(?: "([\w-]+)")? %}')


def test_every_file_is_a_page_and_in_the_list_of_contents() -> None:
    files = {path.stem for path in GUIDE.glob("*.md")} - {"README"}

    assert files == set(ORDER)
    contents = LINK.findall((GUIDE / "README.md").read_text(encoding="utf-8"))
    assert contents == [f"{slug}.md" for slug in ORDER]


def test_every_link_and_picture_of_the_files_is_there() -> None:
    for path in GUIDE.glob("*.md"):
        for target in LINK.findall(path.read_text(encoding="utf-8")):
            assert (path.parent / target.partition("#")[0]).resolve().is_file(), f"{path.name}: {target}"


@pytest.mark.django_db
def test_each_page_opens_with_its_contents_and_links() -> None:
    browser = log_in(make_person())

    assert browser.get(reverse("handbook")).status_code == 200
    for page in all_pages():
        text = browser.get(page.url).content.decode()
        assert f"<h1>{page.title}</h1>" in text
        assert page.sections
        for section in page.sections:
            assert f'id="{section.anchor}"' in text
        for asset in re.findall(r'src="/static/(panelhub/guide/[^"]+)"', text):
            assert finders.find(asset)
        assert ".md" not in text
    assert reverse("handbook_page", args=["settling"]) in browser.get(all_pages()[0].url).content.decode()
    assert browser.get(reverse("handbook_page", args=["nothing"])).status_code == 404


def test_what_templates_link_to_is_there() -> None:
    places = {page.slug: {section.anchor for section in page.sections} for page in all_pages()}
    used = [
        (path.name, *found)
        for path in (settings.BASE_DIR / "templates").rglob("*.html")
        for found in USED.findall(path.read_text(encoding="utf-8"))
    ]

    assert len(used) >= 6
    for name, slug, anchor in used:
        assert slug in places, name
        assert not anchor or anchor in places[slug], f"{name}: {anchor}"


@pytest.mark.django_db
def test_the_palette_finds_pages_and_their_sections() -> None:
    browser = log_in(make_person())

    def found(text: str) -> Any:
        return browser.get(reverse("orders:find"), {"q": text}, headers={"HX-Request": "true"}).content.decode()

    assert reverse("handbook_page", args=["mass-orders"]) in found("mass")
    assert f"{reverse('handbook_page', args=['limits'])}#a-second-person" in found("second person")

"""Every language that people can choose is there, whole, on the page and in sentences."""

from __future__ import annotations

import ast
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, ngettext

from scripts.messages import ROOT, find_faults, is_compiled, languages, text_of

CODES = [code for code, _name in settings.LANGUAGES if code != "en"]


def test_at_least_one_language_of_the_providers_can_be_chosen() -> None:
    assert {"th", "tr", "vi"} & set(CODES)
    assert languages() == CODES


@pytest.mark.parametrize("language", CODES)
def test_a_language_has_every_text_with_its_placeholders_and_is_compiled(language: str) -> None:
    assert find_faults(ROOT, language) == []
    assert is_compiled(language)


@pytest.mark.parametrize("language", CODES)
def test_no_name_of_a_translating_function_is_overlooked(language: str) -> None:
    known = {entry.msgid for entry in polib.pofile(str(text_of(ROOT, language)))}
    written = {
        call.args[0].value
        for package in ("orders", "panelhub", "providers")
        for path in (ROOT / package).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in {"_", "lazy", "gettext", "gettext_lazy", "gettext_noop"}
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }

    assert len(written) > 1_000
    assert written - known == set()


def test_a_text_that_lacks_or_changes_a_placeholder_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "locale" / "vi" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    text = polib.POFile()
    text.extend(
        [
            polib.POEntry(msgid="none"),
            polib.POEntry(msgid="%(a)s of %(b)s", msgstr="%(a)s"),
            polib.POEntry(msgid="one", msgid_plural="%(n)s", msgstr_plural={0: "%(m)s"}),
            polib.POEntry(msgid="%(a)s", msgstr="x %(a)s"),
        ]
    )
    text.save(str(folder / "django.po"))

    assert len(find_faults(tmp_path, "vi")) == 3


@pytest.mark.django_db
def test_a_page_speaks_the_chosen_language(client: Client) -> None:
    page = client.get(reverse("login"), headers={"Accept-Language": "vi"}).content.decode()

    assert '<html lang="vi"' in page
    assert "Đăng nhập" in page
    assert "Log in" not in page


def test_sentences_with_figures_are_translated() -> None:
    with translation.override("vi"):
        assert gettext("%(time)s ago") % {"time": "5 phút"} == "5 phút trước"
        assert ngettext("%(n)s order", "%(n)s orders", 2) % {"n": 2} == "2 đơn"

"""The interface speaks plain English: no text, in templates or in Python, uses a banned word."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Final

import polib
import pytest

ROOT: Final = Path(__file__).resolve().parents[1]
BANNED: Final = (
    *(r"nought", r"anew", r"dear(er|est)", r"deeds?", r"let(s|ting)? out", r"take back", r"taken back"),
    *(r"g(ive|iven|ave) up", r"slip of the pen", r"what (be)?came of", r"nobody", r"somebody", r"anybody"),
    *(r"surest", r"apiece", r"hither", r"foretold", r"moved while you", r"please", r"purse", r"desk\b", r"lanes?"),
    *(r"waits? for a person", r"does not do\b", r"look at it", r"after the sale", r"switched off", r"is none\b"),
)
TEXTS: Final = [
    text
    for entry in polib.pofile(str(ROOT / "locale/vi/LC_MESSAGES/django.po"))
    if not entry.obsolete
    for text in (entry.msgid, entry.msgid_plural)
    if text
]


@pytest.mark.parametrize("banned", BANNED)
def test_no_text_of_the_interface_uses_a_banned_word(banned: str) -> None:
    pattern = re.compile(rf"\b{banned}", re.IGNORECASE)

    assert [text for text in TEXTS if pattern.search(text)] == []


def test_plain_words_of_templates_are_translated_ones() -> None:
    """What stands in a template outside the tags of translation is checked too."""
    pattern = re.compile(r"\b(nought|anew|dearer|dearest|somebody|nobody|surest|apiece)\b", re.IGNORECASE)
    comment = re.compile(r"{% comment %}.*?{% endcomment %}|{#.*?#}", re.DOTALL)
    found = {
        path.relative_to(ROOT).as_posix(): hits
        for path in sorted((ROOT / "templates").rglob("*"))
        if path.is_file() and (hits := pattern.findall(comment.sub("", path.read_text())))
    }

    assert found == {}


def strings_of(path: Path) -> list[str]:
    """Return the sentences in a module's code: its strings with a blank in them, without docstrings."""
    tree = ast.parse(path.read_text())
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and " " in node.value
        and id(node) not in docstrings
    ]


def test_messages_of_commands_and_errors_are_plain() -> None:
    """Texts in Python that no one translates: what commands write, and what errors say."""
    pattern = re.compile(r"\b(nought|anew|dearer|dearest|surest|apiece|hither|somebody|nobody)\b", re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}: {text}"
        for app in ("panelhub", "providers", "orders")
        for path in sorted((ROOT / app).rglob("*.py"))
        if "migrations" not in path.parts
        for text in strings_of(path)
        if pattern.search(text)
    ]

    assert found == []

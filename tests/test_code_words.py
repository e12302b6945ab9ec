"""Hold words of older books out of code and documents: there is a plain word for each."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("panelhub", "providers", "orders", "scripts", "tests")
BANNED = re.compile(
    r"\b(?:nought|anew|dearer|dearest|apiece|surest|hither|thither|whence|deeds?|somebody|nobody|purse|crew"
    r"|slips? of the pen|what (?:became|becomes) of|take[sn]? back|took back)\b",
    re.IGNORECASE,
)
# To be reworded; none is added.
PARTS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
QUOTING = (Path(__file__).name, "test_words.py")


def read_words(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of each identifier, comment and docstring of a module."""
    starts_line = True  # a text that begins a line is a docstring
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME:
            yield token.start[0], " ".join(PARTS.findall(token.string))
        elif token.type == tokenize.COMMENT or (token.type == tokenize.STRING and starts_line):
            yield token.start[0], token.string
        if token.type not in (tokenize.COMMENT, tokenize.NL):
            starts_line = token.type in (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)


def find_banned(source: str) -> list[str]:
    """Return each banned word of a module, after its line."""
    return [f"{line}: {found.group()}" for line, text in read_words(source) for found in BANNED.finditer(text)]


def test_code_uses_plain_words() -> None:
    paths = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py")) if path.name not in QUOTING]
    found = {
        path.relative_to(ROOT).as_posix(): words
        for path in paths
        if "migrations" not in path.parts and (words := find_banned(path.read_text()))
    }

    assert found == {}


def test_documents_use_plain_words() -> None:
    paths = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    found = {path.name: words for path in paths if (words := BANNED.findall(path.read_text()))}

    assert len(paths) > 5
    assert found == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("nobody_waits = 1", ["1: nobody"]),
        ("class LastDeed: ...", ["1: Deed"]),
        ("x = 1  # made anew", ["1: anew"]),
        ('def f():\n    """Take back\n    an order."""', ["2: Take back"]),
        ('x = "nobody"', []),
        ("def f():\n    return g('somebody')", []),
    ],
)
def test_a_banned_word_is_found(source: str, found: list[str]) -> None:
    assert find_banned(source) == found

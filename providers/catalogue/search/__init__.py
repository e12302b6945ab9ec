"""Searching services and products by words, the right way for each database.

What words mean is asked of the columns (`providers.catalogue.search.words`): "followers" finds every kind of
follower in whatever language it is named. Other words must occur in the name, the category or the id.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

from django.db import connections
from django.db.models import Exists, Q
from django.db.models.expressions import RawSQL

from providers.catalogue.search.index import FTS_TABLE, has_fts_table
from providers.catalogue.search.words import Wanted, search_words, slip_pattern, understand
from providers.models import Product, Service

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet

    Row = TypeVar("Row", Service, Product)

__all__ = ["search_products", "search_services", "search_words"]

TRIGRAM: Final = 3
_SHORTEST_SLIP: Final = 2 * TRIGRAM


def search_services(queryset: QuerySet[Service], text: str) -> QuerySet[Service]:
    """Return the services of ``queryset`` that ``text`` asks for; an empty text finds everything.

    Case, marks and compatibility forms do not count, and every letter is taken literally. When nothing is found
    typos are corrected. A search that finds something takes one statement.
    """
    return explain_search(queryset, text)[0]


def explain_search(queryset: QuerySet[Service], text: str) -> tuple[QuerySet[Service], list[str]]:
    """As ``search_services``, with words for what was understood."""
    words = search_words(text)
    if not words:
        return queryset, []
    exact = understand(text)
    tries = [(exact, False)]
    if exact.words:
        forgiving = understand(text, mended=exact.words)
        if forgiving.words != exact.words:
            tries.append((forgiving, False))
    if exact.chips:
        tries.append((Wanted(words=words), False))
    slipped = tries[1][0] if len(tries) > 1 and tries[1][0].chips else exact
    if any(len(word) >= _SHORTEST_SLIP for word in slipped.words):
        tries.append((slipped, True))
    # Asked once for all tries, and only when there are words to look for.
    has_fts = cache(lambda: _has_fts(queryset))
    *others, last = tries
    found_by = [_apply(queryset, wanted, has_fts, is_loose=is_loose) for wanted, is_loose in others]
    if found_by:
        # One statement for all tries: each stops at the first row.
        asked: QuerySet[Service, Any] = Service.objects.order_by().values_list(
            *(Exists(found.order_by()) for found in found_by)
        )
        for answers in asked[:1]:
            for number, has_found in enumerate(answers):
                if has_found:
                    return found_by[number], others[number][0].chips
    found = _apply(queryset, last[0], has_fts, is_loose=last[1])
    return found, last[0].chips


_with_index: Final[set[str]] = set()
"""The SQLite databases that were seen to have the text index: it never goes while the hub runs."""


def _has_fts(queryset: QuerySet[Service]) -> bool:
    connection = connections[queryset.db]
    if connection.vendor != "sqlite":
        return False
    name = str(connection.settings_dict["NAME"])
    if name not in _with_index and has_fts_table(connection):
        _with_index.add(name)
    return name in _with_index


def _apply(
    queryset: QuerySet[Service], wanted: Wanted, has_fts: Callable[[], bool], *, is_loose: bool
) -> QuerySet[Service]:
    for condition in wanted.conditions:
        queryset = queryset.filter(condition)
    if not is_loose:
        return _with_words(queryset, wanted.words, has_fts)
    queryset = _with_words(queryset, [word for word in wanted.words if len(word) < _SHORTEST_SLIP], has_fts)
    for word in wanted.words:
        if len(word) >= _SHORTEST_SLIP:
            queryset = _with_slip(queryset, word, has_fts)
    return queryset


def _with_words(queryset: QuerySet[Service], words: list[str], has_fts: Callable[[], bool]) -> QuerySet[Service]:
    if words and has_fts():
        # The index knows groups of three letters: shorter words find nothing in it and are compared instead.
        long = [word for word in words if len(word) >= TRIGRAM]
        if long:
            queryset = queryset.filter(pk__in=_fts(" ".join(map(_quote, long))))
        words = [word for word in words if len(word) < TRIGRAM]
    return _compare(queryset, words)


def _with_slip(queryset: QuerySet[Service], word: str, has_fts: Callable[[], bool]) -> QuerySet[Service]:
    """Return services whose text holds ``word`` with one slip: one of its halves is whole, and the pattern decides."""
    half = len(word) // 2
    halves = (word[:half], word[half:])
    if has_fts():
        queryset = queryset.filter(pk__in=_fts(" OR ".join(map(_quote, halves))))
    else:
        queryset = queryset.filter(Q(search_text__icontains=halves[0]) | Q(search_text__icontains=halves[1]))
    return queryset.filter(search_text__regex=slip_pattern(word))


def _quote(word: str) -> str:
    return '"{}"'.format(word.replace('"', '""'))


def _fts(phrases: str) -> RawSQL:
    return RawSQL(f"SELECT rowid FROM {FTS_TABLE} WHERE {FTS_TABLE} MATCH %s", [phrases])  # noqa: S608, S611


def search_products(queryset: QuerySet[Product], text: str) -> QuerySet[Product]:
    """Return the products of ``queryset`` in whose name, category or id every word of ``text`` occurs."""
    return _compare(queryset, search_words(text))


def _compare(queryset: QuerySet[Row], words: list[str]) -> QuerySet[Row]:
    for word in words:
        # icontains, though both sides are folded: on PostgreSQL it is what the trigram index serves.
        queryset = queryset.filter(search_text__icontains=word)
    return queryset

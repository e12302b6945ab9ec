"""The words of an account that the hub does not know: which it has sent, and what a person says they mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from panelhub.audit.services import record
from providers.accounts.services import check_overrides
from providers.client.replies.catalogue import slug_type
from providers.client.replies.vocabulary import ORDER_STATES, REFILL_STATES, add_words, fold_word
from providers.hooks import type_labels, words_of
from providers.models import Provider, Service

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest

MOST: Final = 20
STATES, TYPES = "states", "types"
# What an unknown word of a state may be said to mean, on the page; overrides take the refills' own words as well.
STATE_CHOICES: Final = {
    "pending": lazy("Pending"),
    "processing": lazy("Processing"),
    "in_progress": lazy("In progress"),
    "completed": lazy("Completed"),
    "partial": lazy("Partial"),
    "canceled": lazy("Canceled"),
    "refunded": lazy("Refunded"),
    "failed": lazy("Failed"),
}


@dataclass(frozen=True, slots=True)
class UnknownWord:
    """A word that the account has sent, of which ``kind`` it is, and how many rows have it."""

    kind: str
    word: str
    count: int


def find_unknown_words(provider: Provider) -> list[UnknownWord]:
    """Return the words of states and types that this account has sent and nothing explains; two statements."""
    dialect = provider.speaks
    known = {*add_words(ORDER_STATES, dialect.state_words), *add_words(REFILL_STATES, dialect.state_words)}
    types_known = type_labels()
    states = _unknown(STATES, words_of(provider.pk), known)
    rows = Service.objects.filter(provider=provider.pk, is_available=True).exclude(type__in=list(types_known))
    labels = rows.order_by().values_list("type_label").annotate(n=Count("pk")).order_by("-n")[: 5 * MOST]
    types = {fold_word(word) for word in dialect.type_words}
    return [*states, *(one for one in _unknown(TYPES, labels, types) if slug_type(one.word) not in types_known)]


def _unknown(kind: str, words: Iterable[tuple[str, int]], known: Iterable[str]) -> list[UnknownWord]:
    left = [UnknownWord(kind, word, count) for word, count in words if word and fold_word(word) not in set(known)]
    return left[:MOST]


def map_word(
    provider: Provider, kind: str, word: str, meaning: str, *, by: Any, request: HttpRequest | None = None
) -> None:
    """Say in the account's overrides what one of its words means. Raises ValueError with a sentence for a person.

    A type counts for the services that are listed already; a state with the next answer about each order.
    """
    if kind not in (STATES, TYPES):
        raise ValueError(_("Choose what the word describes."))
    with transaction.atomic():
        row = Provider.objects.select_for_update().defer("api_key").get(pk=provider.pk)
        overrides = dict(row.overrides)
        overrides[kind] = {**overrides.get(kind, {}), word.strip(): meaning}
        row.overrides = overrides
        check_overrides(row.dialect, overrides)
        Provider.objects.filter(pk=row.pk).update(overrides=overrides, catalogue_hash="")
        if kind == TYPES:
            labels = Service.objects.filter(provider=row.pk).order_by().values_list("type_label", flat=True).distinct()
            same = [label for label in labels if fold_word(label) == fold_word(word)]
            Service.objects.filter(provider=row.pk, type_label__in=same).update(type=meaning)
        record(by, "provider.word_mapped", row, f"{word} → {meaning}"[:200], request=request, kind=kind)

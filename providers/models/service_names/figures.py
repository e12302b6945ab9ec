"""Items of a name, and figures put together: 50 000, 5K, 0-24, 10 %."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from providers.models.service_names import term_words

_RANGE_MARKS: Final = frozenset("-–—~−‑～一")


class Item:
    """A word, phrase, figure or mark of a name.

    ``meanings`` are by family; ``number`` is the value of a figure and ``low`` the lower end of a range, ``scaled``
    says that it has a multiplier (5K). ``glued`` says that no blank stands before it; ``clause`` numbers the parts
    that marks divide; ``raw`` is as written, for codes in capitals.
    """

    __slots__ = ("bracketed", "clause", "glued", "is_percent", "low", "meanings", "number", "raw", "scaled", "text")

    def __init__(self, text: str, raw: str, meanings: Mapping[str, str], number: float | None, *, glued: bool) -> None:
        self.text = text
        self.raw = raw
        self.meanings = meanings
        self.number = number
        self.glued = glued
        self.low: float | None = None
        self.scaled = False
        self.is_percent = False
        self.clause = 0
        self.bracketed = False


def scale(items: list[Item]) -> list[Item]:
    """Put figures together with their blanks (50 000), their multipliers (5K) and their % sign."""
    made: list[Item] = []
    place, count = 0, len(items)
    while place < count:
        item = items[place]
        place += 1
        made.append(item)
        if item.number is None:
            continue
        while place < count and _continues(item, items[place], items[place + 1] if place + 1 < count else None):
            item.number = (item.number or 0) * 1000 + (items[place].number or 0)
            item.raw = f"{item.raw} {items[place].raw}"
            place += 1
        while place < count and (times := items[place].meanings.get("times")):
            if not items[place].glued and len(items[place].text) <= 2 and items[place].text not in _LOOSE:
                break
            item.number, item.scaled = (item.number or 0) * int(times), True
            place += 1
        if place < count and items[place].text == "%":
            item.is_percent = True
            place += 1
        elif (
            item.glued
            and len(made) > 1
            and made[-2].text == "%"
            and not (made[-2].glued and len(made) > 2 and made[-3].is_percent)
        ):
            # Turkish writes %100.
            del made[-2]
            item.is_percent, item.glued = True, False
    return made


_LOOSE: Final = term_words.LOOSE_MULTIPLIERS


def _continues(item: Item, following: Item, after: Item | None) -> bool:
    """Return whether a figure goes on behind a blank: ``50 000``, not ``R30 100K``."""
    return (
        following.number is not None
        and not following.glued
        and len(following.raw) == 3
        and following.raw.isdigit()
        and bool(item.number)
        and (len(item.raw) <= 3 or " " in item.raw)
        and item.raw.replace(" ", "").isdigit()
        and not item.glued
        and not (after is not None and after.glued and "times" in after.meanings)
    )


def join_ranges(items: list[Item]) -> list[Item]:
    """Put ``0-24`` and ``1K to 3K`` together as one figure, the higher one."""
    made: list[Item] = []
    for item in items:
        if item.number is not None and len(made) > 1:
            previous, before = made[-1], made[-2]
            if before.number is not None:
                is_range = previous.text in _RANGE_MARKS or "range" in previous.meanings
                # "0/6H" is written for a range from nothing.
                if before.low is None and (is_range or (previous.text == "/" and before.number == 0)):
                    del made[-2:]
                    low, high = sorted((before.number, item.number))
                    item.low, item.number, item.glued = low, high, before.glued
                    item.scaled = item.scaled or before.scaled
                    item.is_percent = item.is_percent or before.is_percent
            elif previous.text == "-" and "instant" in before.meanings:
                del made[-1]
                item.low = 0.0
        made.append(item)
    return made

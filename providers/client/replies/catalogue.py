"""Readers of catalogues: services and products. A row that cannot be used is left out and counted, never guessed at.

Catalogues run to 100,000 rows, so the way of a row is kept short: texts, types and categories that repeat are cleaned
once, and names of fields are folded only where a panel writes them in capitals.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from providers.client.replies.envelope import Reply
from providers.client.replies.json import Fields, UnusableError, fold_names, raise_if_error
from providers.client.replies.scalars import read_count, read_flag, read_id, read_money, read_unread_limit
from providers.client.replies.vocabulary import fold_word
from providers.client.sanitize import clean_label, clean_line, clean_text
from providers.client.types import MAX_CATEGORY, MAX_DESCRIPTION, MAX_NAME, MAX_TYPE, MAX_WORD, ProductRow, ServiceRow

_NO_WORD: Final = re.compile(r"[\W_]+")
# Spellings of order types that are no slug of their own: a singular and a typo that panels share.
_TYPE_ALIASES: Final = {"": "default", "subscription": "subscriptions", "mentions_hastag": "mentions_hashtag"}
_TEXTS: Final = frozenset({"name", "type", "category", "desc", "description", "note", "average_time"})
_LIMITS: Final = frozenset({"min", "max", "min_order", "max_order"})
_OWN_IDS: Final = ("service", "product", "id")
# Under what names panels put their rows, beside the action's own name.
_PLACES: Final = ("data", "items", "list", "rows", "results", "result", "records")
_STOCK: Final = {"in stock": True, "available": True, "out of stock": False, "unavailable": False, "sold out": False}


class _Memo(dict[Any, Any]):
    """Remembers what a function made of each text: in a catalogue most come many times.

    Only texts and None are remembered: True, 1 and 1.0 are one key and not one thing, and an object is no key at all.
    """

    def __init__(self, make: Callable[[Any], Any]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, value: Any) -> Any:
        made = self._make(value)
        if value is None or type(value) is str:
            self[value] = made
        return made


def read_services(reply: Reply) -> tuple[list[ServiceRow], int]:
    """`services`: the rows in their order, and how many rows were left out for want of an id or a usable rate.

    Of two rows with one id the last counts.
    """
    found: dict[str, ServiceRow] = {}
    rows = _list_of_rows(reply, "services")
    read_row = _row_reader(reply)
    skipped = 0
    for row in rows:
        service = read_row(row) if type(row) is dict else None
        if service is None:
            skipped += 1
        else:
            found[service.id] = service
    _require_some(found, rows)
    return list(found.values()), skipped


def _row_reader(reply: Reply) -> Callable[[dict[str, Any]], ServiceRow | None]:
    """Return a function that reads one row of one catalogue; what it remembers goes with it."""
    decimal_comma = reply.decimal_comma
    own_types = {fold_word(word): slug for word, slug in reply.type_words.items()}
    money = _Memo(lambda value: read_money(value, decimal_comma=decimal_comma))
    category = _Memo(lambda value: clean_label(_as_text(value), MAX_CATEGORY))
    kind = _Memo(lambda value: _kind(value, own_types))
    limit = _Memo(lambda value: _limit(value, decimal_comma=decimal_comma))
    description = _Memo(lambda value: clean_text(_as_text(value), MAX_DESCRIPTION))
    time = _Memo(lambda value: clean_line(_as_text(value), MAX_WORD))

    def read_row(row: dict[str, Any]) -> ServiceRow | None:
        fields = row if _is_plain(tuple(row)) else fold_names(row)
        try:
            return read_fields(fields)
        except TypeError:
            # An object or a list where something flat belongs: no memo can have it as a key.
            return read_fields(_flatten(fields))

    def read_fields(fields: Mapping[str, Any]) -> ServiceRow | None:
        get = fields.get
        # Written out, since what a row costs is the calls it makes.
        service = read_id(get("id") if (value := get("service")) is None else value)
        rate = money[get("price") if (value := get("rate")) is None else value]
        if service is None or rate is None or rate < 0:
            return None
        if (text := get("desc")) is None and (text := get("description")) is None:
            text = get("note")
        slug, label = kind[get("type")]
        refill, cancel, dripfeed = get("refill"), get("cancel"), get("dripfeed")
        least, least_unread = limit[get("min_order") if (value := get("min")) is None else value]
        most, most_unread = limit[get("max_order") if (value := get("max")) is None else value]
        return ServiceRow(
            service,
            clean_label(_as_text(get("name")), MAX_NAME),
            slug,
            label,
            category[get("category")],
            rate,
            least,
            most,
            refill if refill is True or refill is False else read_flag(refill),
            cancel if cancel is True or cancel is False else read_flag(cancel),
            dripfeed if dripfeed is True or dripfeed is False else read_flag(dripfeed),
            description[text],
            time[get("average_time")],
            least_unread,
            most_unread,
        )

    return read_row


def _flatten(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields with what is nested as its text, where a text is wanted, and as nothing where it is not."""
    return {name: _flat(name, value) if isinstance(value, dict | list) else value for name, value in fields.items()}


def _flat(name: str, value: Any) -> str:
    if name in _TEXTS:
        return _as_text(value)
    return str(value) if name in _LIMITS else ""


def _limit(value: Any, *, decimal_comma: bool) -> tuple[int | None, str]:
    """Return a limit and, where it is stated but cannot be read, its text."""
    read = read_count(value, decimal_comma=decimal_comma)
    return read, read_unread_limit(value, read)


def read_products(reply: Reply) -> list[ProductRow]:
    """`products`: the rows in their order; rows without an id or a usable rate are left out."""
    found: dict[str, ProductRow] = {}
    rows = _list_of_rows(reply, "products")
    for row in rows:
        if not isinstance(row, dict):
            continue
        get = fold_names(row).get
        product = read_id(_either(get("product"), get, "id"))
        rate = read_money(_either(get("rate"), get, "price"), decimal_comma=reply.decimal_comma)
        if product is None or rate is None or rate < 0:
            continue
        found[product] = ProductRow(
            id=product,
            name=clean_label(_as_text(get("name")), MAX_NAME),
            require=clean_text(_as_text(get("require")), MAX_DESCRIPTION),
            rate=rate,
            min=(least := _limit(get("min"), decimal_comma=reply.decimal_comma))[0],
            max=(most := _limit(get("max"), decimal_comma=reply.decimal_comma))[0],
            min_unread=least[1],
            max_unread=most[1],
            category=clean_label(_as_text(get("category")), MAX_CATEGORY),
            in_stock=_in_stock(get("status")),
            inventory=read_count(get("inventory")),
            type=slug_type(clean_line(kind, MAX_TYPE)) if (kind := _as_text(get("type"))) else "",
        )
    _require_some(found, rows)
    return list(found.values())


def slug_type(label: str) -> str:
    """Return the slug of an order type: `Custom Comments`, `Custom_comments`,
    `custom-comments` are `custom_comments`.
    """
    slug = _NO_WORD.sub("_", label.casefold()).strip("_")
    return _TYPE_ALIASES.get(slug, slug)


def _list_of_rows(reply: Reply, name: str) -> list[Any]:
    document = reply.document
    if isinstance(document, dict):
        fields = fold_names(document)
        data = fields.get("data")
        nested = fold_names(data) if isinstance(data, dict) else {}
        raise_if_error(fields, http_status=reply.http_status, nested=nested)
        raise_if_error(nested)
        document = _rows_within(document, fields, nested, name)
    if not isinstance(document, list):
        raise UnusableError("no list")
    if not document and reply.http_status >= 400:
        raise UnusableError("an empty list under an error status")
    return _open_groups(document, name)


def _rows_within(document: dict[str, Any], fields: Fields, nested: Fields, name: str) -> list[Any] | None:
    """Return the rows of a catalogue that came as an object, wherever they are in it; None when there are none."""
    places = [fields.get(name), nested.get(name), *(level.get(key) for level in (fields, nested) for key in _PLACES)]
    for place in places:
        if isinstance(place, list):
            return place
    if isinstance(said := fields.get("data"), str) and "empty" in said.lower():
        return []
    for place in (*places, document):
        if isinstance(place, dict) and (rows := _rows_of_object(place)) is not None:
            return rows
    return None


def _rows_of_object(place: dict[str, Any]) -> list[Any] | None:
    """Return the rows of an object keyed by id or grouped by category; None when what it holds is neither.

    PHP writes a list with gaps as an object, too: its rows name their own ids. A row without one has its key for an id,
    and a row without a category that of its group.
    """
    if place and all(map(_is_row, place.values())):
        return [_with_id(row, key) for key, row in place.items()]
    rows: list[Any] = []
    for category, group in place.items():
        if isinstance(group, dict):
            group = [_with_id(row, key) if _is_row(row) else row for key, row in group.items()]
        if not isinstance(group, list):
            continue  # a figure beside the groups: a total, a page
        if not all(map(_is_row, group)):
            return None
        rows += (_in_category(row, category) for row in group)
    return rows or None


def _open_groups(rows: list[Any], name: str) -> list[Any]:
    """Return the rows of a list whose entries are categories with lists of their own; any other list as it is."""
    opened: list[Any] = []
    for row in rows:
        group = None
        if isinstance(row, dict) and not _is_row(row):
            fields = fold_names(row)
            group = next((fields[key] for key in (name, *_PLACES) if isinstance(fields.get(key), list)), None)
        if group is None:
            opened.append(row)
        else:
            category = next((text for key in ("category", "name", "title") if (text := _as_text(fields.get(key)))), "")
            opened += (_in_category(one, category) if isinstance(one, dict) else one for one in group)
    return opened


def _with_id(row: dict[str, Any], key: str) -> dict[str, Any]:
    named = fold_names(row)
    return row if any(named.get(own) is not None for own in _OWN_IDS) else {**row, "id": key}


def _in_category(row: dict[str, Any], category: str) -> dict[str, Any]:
    return row if fold_names(row).get("category") is not None else {**row, "category": category}


def _is_row(value: Any) -> bool:
    return isinstance(value, dict) and not {"rate", "price"}.isdisjoint(fold_names(value))


def _require_some(found: Mapping[str, Any], rows: list[Any]) -> None:
    # An empty list is an empty catalogue; a list of rows that say nothing is none, and must not close every service.
    if rows and not found:
        raise UnusableError("no usable row")


def _either(value: Any, get: Callable[[str], Any], name: str) -> Any:
    return get(name) if value is None else value


def _kind(value: Any, own_types: Mapping[str, str]) -> tuple[str, str]:
    label = clean_line(_as_text(value), MAX_TYPE)
    return own_types.get(fold_word(label)) or slug_type(label), label


@lru_cache(maxsize=256)
def _is_plain(names: tuple[str, ...]) -> bool:
    return all(name == name.strip().lower() for name in names)


def _as_text(value: Any) -> str:
    """Return a text, a number (a category may be a foreign key) or the name of an object as text.

    "" for anything else.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        value = fold_names(value).get("name")
        return value if isinstance(value, str) else ""
    return str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else ""


def _in_stock(value: Any) -> bool | None:
    if isinstance(value, str) and (known := _STOCK.get(fold_word(value))) is not None:
        return known
    return read_flag(value)

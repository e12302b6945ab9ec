"""A decoded reply, and the ways to find in it the one answer, or the answers by id, that were requested."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from providers.client.replies.json import Fields, UnusableError, fold_names, raise_if_error
from providers.client.replies.scalars import read_id
from providers.client.replies.vocabulary import CALL_WORDS, fold_word

_CONTAINERS: Final = ("data", "orders", "refills", "statuses")
_OWN_ID: Final = ("order", "order_id", "orderid", "id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a reader works on: the document, the HTTP status, the ids requested, and how this account writes things.

    `state_words` and `type_words` are the account's own words, to the hub's states and to slugs of order types.
    """

    document: Any
    http_status: int = 200
    asked: tuple[str, ...] = ()
    decimal_comma: bool = False
    state_words: Mapping[str, str] = field(default_factory=dict)
    type_words: Mapping[str, str] = field(default_factory=dict)


def open_one(reply: Reply) -> Fields:
    """Return the one object of a single call: a list of one and an object under `data` are opened.

    Raises ErrorReplyError when it is an error, UnusableError when it is no object.
    """
    fields, nested = _open(reply)
    return {**fields, **nested}


def open_own(reply: Reply, *, marks: tuple[str, ...], own_id: tuple[str, ...] = _OWN_ID) -> tuple[Fields, bool]:
    """Return the one object about the requested id, and whether its `status` is surely that id's and not the
    call's.

    Besides what `open_one` opens, the object may be keyed by the id, or sit under `order`. `marks` are the names of
    which one at least makes an answer. Raises UnusableError also when the answer is for another id.
    """
    fields, nested = _open(reply)
    if len(reply.asked) != 1:
        raise UnusableError("one answer for several ids")
    [asked] = reply.asked
    places = (_row_about(asked, reply.document), _row_about(asked, fields.get("data")), fields.get("order"))
    if (row := next((row for row in places if isinstance(row, dict)), None)) is not None:
        fields = nested = fold_names(row)
        raise_if_error(fields)
    whole = {**fields, **nested}
    if nested and "status" not in nested and fold_word(str(fields.get("status", ""))) in CALL_WORDS:
        whole["status"] = None
    if not any(name in whole for name in marks):
        others = any(isinstance(value, dict) and _looks_like_id(name) for name, value in whole.items())
        raise UnusableError("an answer for another id" if others else "no answer")
    if _names_another(whole, own_id, asked):
        raise UnusableError("an answer for another id")
    return whole, "status" in nested


def _open(reply: Reply) -> tuple[Fields, Fields]:
    document = _alone(reply.document)
    if not isinstance(document, dict):
        raise UnusableError("a list where one answer is due" if isinstance(document, list) else "no object")
    fields = fold_names(document)
    data = _alone(fields.get("data"))
    nested = fold_names(data) if isinstance(data, dict) else {}
    raise_if_error(fields, http_status=reply.http_status, nested=nested)
    raise_if_error(nested)
    return fields, nested


def _row_about(asked: str, place: Any) -> Any:
    level = _alone(place)
    if not isinstance(level, dict):
        return None
    return next((_alone(row) for name, row in level.items() if name.strip() == asked), None)


def answers_by_id(
    reply: Reply, *, marks: tuple[str, ...], own_id: tuple[str, ...] = _OWN_ID
) -> Iterator[tuple[str, Any]]:
    """Return the rows of a batch with the requested id of each, as they come; rows about other ids are dropped.

    A row is found by its key, or by the id it names itself; never by its position. One answer is taken for the one id
    that was asked, and for no more than one. Raises ErrorReplyError when the reply as a whole is an error,
    UnusableError when rows cannot be distinguished.
    """
    document = reply.document
    if isinstance(document, dict):
        fields = fold_names(document)
        data = fields.get("data")
        nested = fold_names(data) if isinstance(data, dict) else {}
        raise_if_error(fields, http_status=reply.http_status, nested=nested)
        raise_if_error(nested)
        if not _any_about(reply.asked, document):
            document = next((fields[name] for name in _CONTAINERS if _holds_rows(name, fields.get(name))), document)
    if isinstance(document, dict):
        return _rows_of_object(document, reply, marks=marks, own_id=own_id)
    if isinstance(document, list):
        return _rows_of_list(document, reply, own_id=own_id)
    raise UnusableError("no object")


def _rows_of_object(
    document: dict[str, Any], reply: Reply, *, marks: tuple[str, ...], own_id: tuple[str, ...]
) -> Iterator[tuple[str, Any]]:
    if _any_about(reply.asked, document):
        asked = set(reply.asked)
        return ((name.strip(), row) for name, row in document.items() if name.strip() in asked)
    fields = fold_names(document)
    if any(name in fields for name in marks):
        if len(reply.asked) != 1:
            raise UnusableError("one answer for several ids")
        [only] = reply.asked
        return iter(()) if _names_another(fields, own_id, only) else iter([(only, document)])
    if all(_looks_like_id(name) for name in document):
        return iter(())
    raise UnusableError("no answer to what was asked")


def _any_about(asked: tuple[str, ...], document: dict[str, Any]) -> bool:
    ids = set(asked)
    return any(name.strip() in ids for name in document)


def _rows_of_list(rows: list[Any], reply: Reply, *, own_id: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    named = [(_own_id(row, own_id), row) for row in rows]
    if rows and not any(name for name, _ in named):
        if len(rows) == len(reply.asked) == 1 and isinstance(rows[0], dict) and not _has(rows[0], own_id):
            return iter([(reply.asked[0], rows[0])])
        raise UnusableError("a list without ids")
    asked = set(reply.asked)
    return ((name, row) for name, row in named if name in asked)


def _own_id(row: Any, names: tuple[str, ...]) -> str:
    if not isinstance(row, dict):
        return ""
    fields = fold_names(row)
    for name in names:
        if own := read_id(fields.get(name)):
            return own
    return ""


def _names_another(fields: Fields, own_id: tuple[str, ...], asked: str) -> bool:
    own = _own_id(fields, own_id)
    return bool(own) and own != asked


def _has(row: dict[str, Any], names: tuple[str, ...]) -> bool:
    fields = fold_names(row)
    return any(fields.get(name) is not None for name in names)


def _holds_rows(name: str, value: Any) -> bool:
    # The `orders` of a flat answer are the ids of its children, not its rows.
    if value in ([], {}):
        return name == "data"
    return isinstance(value, dict) or (isinstance(value, list) and all(isinstance(row, dict) for row in value))


def _looks_like_id(name: str) -> bool:
    return read_id(name) is not None and any(letter.isdigit() for letter in name)


def _alone(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict) else value

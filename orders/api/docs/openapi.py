"""The OpenAPI description of the endpoint, written from the table it serves from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from orders.api.actions import ACTIONS
from orders.api.request import BAD_ACTION, LONGEST_KEY, MOST_BYTES, RATE_LIMIT

if TYPE_CHECKING:
    from orders.api.actions import ApiAction, Field

# The makers of Go clients read no later one.
VERSION: Final = "3.0.3"
_ERROR: Final = {
    "type": "object",
    "properties": {"error": {"type": "string"}},
    "required": ["error"],
    "additionalProperties": False,
    "example": {"error": BAD_ACTION},
}


def describe(url: str) -> dict[str, Any]:
    """Return the whole description; ``url`` is where the hub answers, without the path."""
    return {
        "openapi": VERSION,
        "info": {
            "title": "PanelHub API",
            "version": "2",
            "description": _("One URL and one method; `action` selects the call. Errors are returned with HTTP 200."),
        },
        "servers": [{"url": url}],
        "paths": {"/api/v2": {"post": _operation()}},
        "components": {
            "schemas": {"Call": _any_call(), "Error": _ERROR, **{_name(a): schema_of(a.answer) for a in ACTIONS}}
        },
    }


def _operation() -> dict[str, Any]:
    return {
        "operationId": "call",
        "summary": _("Call an action"),
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": _("For orders: the same key returns the same order."),
                "schema": {"type": "string", "maxLength": LONGEST_KEY},
            }
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/x-www-form-urlencoded": {"schema": {"$ref": "#/components/schemas/Call"}},
                "application/json": {"schema": {"anyOf": [_call(action) for action in ACTIONS]}},
            },
        },
        "responses": {
            "200": _response(
                _("The response, or an error"),
                {"anyOf": [*({"$ref": f"#/components/schemas/{_name(a)}"} for a in ACTIONS), _ref_error()]},
            ),
            "400": _response(_("The request can’t be read"), _ref_error()),
            "413": _response(_("More than %(count)s bytes") % {"count": MOST_BYTES}, _ref_error()),
            "429": _response(RATE_LIMIT, _ref_error())
            | {"headers": {"Retry-After": {"description": _("Seconds"), "schema": {"type": "integer"}}}},
            "500": _response(_("The result is unknown"), _ref_error()),
        },
    }


def _any_call() -> dict[str, Any]:
    """Return any call as one flat form, which is what a generated client can fill in."""
    names = [name for action in ACTIONS for name in (action.name, *action.other_names)]
    properties: dict[str, Any] = {
        "key": {"type": "string", "description": _("Your token")},
        "action": {"type": "string", "enum": list(dict.fromkeys(names))},
    }
    for action in ACTIONS:
        for field in action.fields:
            properties.setdefault(field.name, _parameter(field))
    return {
        "type": "object",
        "properties": properties,
        "required": ["key", "action"],
        "additionalProperties": {"type": "string"},
    }


def _parameter(field: Field) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "string", "description": str(field.about)}
    return found | ({"example": field.example} if field.example else {})


def _call(action: ApiAction) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "key": {"type": "string", "description": _("Your token")},
        "action": {"type": "string", "enum": [action.name, *action.other_names]},
    }
    for field in action.fields:
        properties[field.name] = _parameter(field)
    return {
        "title": str(action.title),
        "type": "object",
        "properties": properties,
        "required": ["key", "action", *(field.name for field in action.fields if field.required)],
        "additionalProperties": {"type": "string"} if action.open_fields else False,
    }


def _name(action: ApiAction) -> str:
    return "".join(word.capitalize() for word in action.slug.split("_"))


def _ref_error() -> dict[str, str]:
    return {"$ref": "#/components/schemas/Error"}


def _response(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def schema_of(example: Any) -> dict[str, Any]:
    """Return the schema of what looks like ``example``; an object whose names are all numbers is a map by id."""
    if isinstance(example, dict) and set(example) == {"error"}:
        return _ref_error()
    if isinstance(example, bool):
        return {"type": "boolean"}
    if isinstance(example, int):
        return {"type": "integer"}
    if isinstance(example, float):
        return {"type": "number"}
    if isinstance(example, str):
        return {"type": "string"}
    if isinstance(example, list):
        return {"type": "array", "items": _any_of([schema_of(part) for part in example])}
    # A product order says what remains only once its provider has said so.
    absent = _MAY_BE_ABSENT if "start_count" in example else _MAY_BE_ABSENT | {"remains"}
    # A result of one part alone has it: without it, it would be no result.
    absent = absent if set(example) - absent else frozenset()
    if all(name.isdigit() for name in example):
        return {"type": "object", "additionalProperties": _any_of([schema_of(part) for part in example.values()])}
    return {
        "type": "object",
        "properties": {name: _ID if _is_id(name, part) else schema_of(part) for name, part in example.items()},
        "required": [name for name in example if name not in absent],
    }


def _is_id(name: str, example: Any) -> bool:
    return name in {"order", "refill", "service", "product"} and not isinstance(example, (bool, dict))


# An id that is not a number comes back as it was sent.
_ID: Final = {"anyOf": [{"type": "integer"}, {"type": "string"}]}
# Prices are shown only to people who may see costs.
_MAY_BE_ABSENT: Final = frozenset({"inventory", "result", "note", "charge", "currency", "rate"})


def _any_of(schemas: list[dict[str, Any]]) -> dict[str, Any]:
    different = [schema for place, schema in enumerate(schemas) if schema not in schemas[:place]]
    return different[0] if len(different) == 1 else {"anyOf": different}

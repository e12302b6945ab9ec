"""The OpenAPI description of the endpoint, written from the table it serves from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from orders.api.actions import ACTIONS
from orders.api.errors import BAD_ACTION, RATE_LIMIT
from orders.api.parsing import LONGEST_KEY, MOST_BYTES

if TYPE_CHECKING:
    from orders.api.actions import ApiAction

VERSION: Final = "3.1.0"
_ERROR: Final = {
    "type": "object",
    "properties": {"error": {"type": "string"}},
    "required": ["error"],
    "examples": [{"error": BAD_ACTION}],
}


def describe(url: str) -> dict[str, Any]:
    """The whole description; ``url`` is where the hub answers, without the path."""
    return {
        "openapi": VERSION,
        "info": {
            "title": "PanelHub API",
            "version": "2",
            "description": _("One address and one method; `action` says what is wanted. Refusals come with HTTP 200."),
        },
        "servers": [{"url": url}],
        "paths": {"/api/v2": {"post": _operation()}},
        "components": {"schemas": {"Error": _ERROR, **{_name(a): schema_of(a.answer) for a in ACTIONS}}},
    }


def _operation() -> dict[str, Any]:
    calls = {"anyOf": [_call(action) for action in ACTIONS]}
    return {
        "operationId": "call",
        "summary": _("Call an action"),
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": _("For orders: the same key gives the same order."),
                "schema": {"type": "string", "maxLength": LONGEST_KEY},
            }
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/x-www-form-urlencoded": {"schema": calls},
                "application/json": {"schema": calls},
            },
        },
        "responses": {
            "200": _response(
                _("The answer, or why there is none"),
                {"anyOf": [*({"$ref": f"#/components/schemas/{_name(a)}"} for a in ACTIONS), _ref_error()]},
            ),
            "400": _response(_("What was sent cannot be read"), _ref_error()),
            "413": _response(_("More than %(count)s bytes") % {"count": MOST_BYTES}, _ref_error()),
            "429": _response(RATE_LIMIT, _ref_error())
            | {"headers": {"Retry-After": {"description": _("Seconds"), "schema": {"type": "integer"}}}},
            "500": _response(_("Nothing is known of what was done"), _ref_error()),
        },
    }


def _call(action: ApiAction) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "key": {"type": "string", "description": _("Your token")},
        "action": {"type": "string", "enum": [action.name, *action.other_names]},
    }
    for field in action.fields:
        properties[field.name] = {"type": "string", "description": str(field.about)}
        if field.example:
            properties[field.name]["examples"] = [field.example]
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
    """The schema of what looks like ``example``; an object whose names are all numbers is a map by id."""
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
    if all(name.isdigit() for name in example):
        return {"type": "object", "additionalProperties": _any_of([schema_of(part) for part in example.values()])}
    return {
        "type": "object",
        "properties": {name: _ID if _is_id(name, part) else schema_of(part) for name, part in example.items()},
        "required": [name for name in example if name not in _MAY_BE_ABSENT],
    }


def _is_id(name: str, example: Any) -> bool:
    return name in {"order", "refill", "service", "product"} and not isinstance(example, (bool, dict))


# What was asked for under an id that is no number comes back as it was asked.
_ID: Final = {"type": ["integer", "string"]}
_MAY_BE_ABSENT: Final = frozenset({"inventory", "remains", "result", "note", "currency"})


def _any_of(schemas: list[dict[str, Any]]) -> dict[str, Any]:
    different = [schema for place, schema in enumerate(schemas) if schema not in schemas[:place]]
    return different[0] if len(different) == 1 else {"anyOf": different}

"""What differs from account to account of one panel: wire names, smaller batches, actions switched off, own words.

Overrides come from a form or a file as plain JSON: everything in them is checked, what is wrong is said in a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from providers.dialects.protocol import STATES, Action, ActionSpec, Dialect

MEANINGS: Final = frozenset({"bad_key", "account_off", "no_funds", "maintenance", "rate_limit", "refused", "unknown"})
"""What an account may say that an error text means there."""

MAX_WORD: Final = 100
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
_SLUG: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")
_ID_PARAMETERS: Final = frozenset({"order", "orders", "refill", "refills"})
_ONE_FAMILY: Final = (
    frozenset({Action.status, Action.multi_status}),
    frozenset({Action.refill, Action.multi_refill}),
    frozenset({Action.refill_status, Action.multi_refill_status}),
    frozenset({Action.product_order_status, Action.multi_product_order_status}),
)


def apply_overrides(dialect: Dialect, overrides: Mapping[str, Any]) -> Dialect:
    """Return the dialect with an account's overrides, as `dialects.resolve` describes them. Raises ValueError."""
    given = _mapping(overrides, "The overrides")
    if unknown := sorted(set(given) - {"actions", "limits", "without", "errors", "states", "types"}):
        raise ValueError(f"Overrides know no “{unknown[0]}”.")
    actions = dict(dialect.actions)
    for key, change in _mapping(given.get("actions", {}), "“actions”").items():
        action = _action(dialect, key)
        actions[action] = _change(action, actions[action], _mapping(change, f"The override of {action}"))
    for key, limit in _mapping(given.get("limits", {}), "“limits”").items():
        action = _action(dialect, key)
        actions[action] = _change(action, actions[action], {"limit": limit})
    missing = dict(dialect.missing)
    for key in _sequence(given.get("without", []), "“without”"):
        action = _action(dialect, key)
        actions.pop(action, None)
        missing[action] = f"The {action.label} action is switched off for this account."
    return replace(
        dialect,
        actions=actions,
        missing=missing,
        error_words=_errors(given.get("errors", {})),
        state_words=_states(given.get("states", {})),
        type_words=_types(given.get("types", {})),
    )


def _change(action: Action, spec: ActionSpec, change: Mapping[str, Any]) -> ActionSpec:
    if unknown := sorted(set(change) - {"name", "ids_parameter", "limit"}):
        raise ValueError(f"An action's override knows no “{unknown[0]}”.")
    name = change.get("name", spec.name)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no action name: letters, digits, “_” and “-” only.")
    if (other := _owner(name)) and not _same_family(action, other):
        raise ValueError(f"“{name}” is the name of another action ({other.label}).")
    ids_parameter = change.get("ids_parameter", spec.ids_parameter)
    if ids_parameter != spec.ids_parameter and not (spec.ids_parameter and ids_parameter in _ID_PARAMETERS):
        raise ValueError(f"{ids_parameter!r} is no parameter for the ids of {action}.")
    limit = change.get("limit", spec.limit)
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= spec.limit:
        raise ValueError(f"The limit of {action} is a whole number from 1 to {spec.limit}.")
    return replace(spec, name=name, ids_parameter=ids_parameter, limit=limit)


def _owner(name: str) -> Action | None:
    # A read that were given the name of a paid action would buy: no name may serve two purposes.
    return next((action for action in Action if action.value == name), None)


def _same_family(one: Action, other: Action) -> bool:
    return one is other or any(one in family and other in family for family in _ONE_FAMILY)


def _action(dialect: Dialect, key: object) -> Action:
    try:
        action = Action(str(key))
    except ValueError:
        raise ValueError(f"There is no action called “{key}”.") from None
    if action not in dialect.actions:
        raise ValueError(f"{dialect.why_not(action)} It cannot be changed by an override.")
    return action


def _errors(given: object) -> dict[str, str]:
    words: dict[str, str] = {}
    for text, meaning in _mapping(given, "“errors”").items():
        if meaning not in MEANINGS:
            raise ValueError(f"An error means one of: {', '.join(sorted(MEANINGS))}.")
        if len(text.strip()) < 4:
            raise ValueError("An error text has at least four characters.")
        words[text] = meaning
    return words


def _states(given: object) -> dict[str, str]:
    words: dict[str, str] = {}
    for word, state in _mapping(given, "“states”").items():
        if state not in STATES:
            raise ValueError(f"A state is one of: {', '.join(sorted(STATES))}.")
        words[_own_word(word)] = state
    return words


def _types(given: object) -> dict[str, str]:
    words: dict[str, str] = {}
    for word, slug in _mapping(given, "“types”").items():
        if not isinstance(slug, str) or not _SLUG.fullmatch(slug):
            raise ValueError("An order type is named by its slug, as in “custom_comments”.")
        words[_own_word(word)] = slug
    return words


def _own_word(word: str) -> str:
    if not (plain := word.strip()) or len(plain) > MAX_WORD:
        raise ValueError(f"A word of a panel has from 1 to {MAX_WORD} characters.")
    return plain


def _mapping(given: object, what: str) -> Mapping[str, Any]:
    if not isinstance(given, Mapping) or not all(isinstance(key, str) for key in given):
        raise ValueError(f"{what} must be an object with names.")
    return given


def _sequence(given: object, what: str) -> list[Any]:
    if not isinstance(given, list | tuple):
        raise ValueError(f"{what} must be a list.")
    return list(given)

"""How long a call to a provider may take, and when a call that was never heard of again is called unconfirmed.

The three hang together. Between a claim and its call a worker may dawdle for half of what lies between the paid
deadline and the sweep, so that a call is over before its order is swept, and long before "send again" opens.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import environ

LONGEST_PAID: Final = 30.0
LONGEST_READ: Final = 25.0
SHORTEST: Final = 1.0
SWEEP_MARGIN: Final = 30.0
SHORTEST_MARGIN: Final = 2.0


class Deadlines(NamedTuple):
    """Seconds from connect to the last byte of a paid call and of a read, and from a claim to its sweep."""

    paid: float
    read: float
    sweep: float


def read_deadlines(env: environ.Env) -> Deadlines:
    """Read PANELHUB_PAID_SECONDS, PANELHUB_READ_SECONDS and PANELHUB_SWEEP_SECONDS.

    Raises ImproperlyConfigured when one is longer than is promised, or an order could be swept, and be sent
    again, while its call is still on the wire.
    """
    paid = _read(env, "PANELHUB_PAID_SECONDS", longest=LONGEST_PAID)
    read = _read(env, "PANELHUB_READ_SECONDS", longest=LONGEST_READ)
    sweep = _number(env, "PANELHUB_SWEEP_SECONDS", default=paid + SWEEP_MARGIN)
    if not paid + SHORTEST_MARGIN <= sweep < float("inf"):
        raise environ.ImproperlyConfigured(
            f"PANELHUB_SWEEP_SECONDS must be at least {paid + SHORTEST_MARGIN:g}: a call may take {paid:g} seconds, "
            "and an order must not be taken for lost before its call is over."
        )
    return Deadlines(paid, read, sweep)


def _read(env: environ.Env, name: str, *, longest: float) -> float:
    seconds = _number(env, name, default=longest)
    if not SHORTEST <= seconds <= longest:
        raise environ.ImproperlyConfigured(f"{name} must be between {SHORTEST:g} and {longest:g} seconds.")
    return seconds


def _number(env: environ.Env, name: str, *, default: float) -> float:
    text = env.str(name, default="") or str(default)
    try:
        return float(text)
    except ValueError:
        raise environ.ImproperlyConfigured(f"{name} must be a number of seconds, not {text!r}.") from None


def claim_fresh_for(*, paid: float, sweep: float) -> float:
    """Return how many seconds after its claim a call may still begin."""
    return (sweep - paid) / 2

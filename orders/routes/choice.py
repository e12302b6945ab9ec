"""Choose the service that a route buys at now: every candidate in the order of the rule, with why it is not taken."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

    from orders.models import Route
    from providers.models import Service


@dataclass(frozen=True, slots=True)
class Candidate:
    """One service of a route: what ``quantity`` costs there now, and a sentence why it is not taken ("" if it fits).

    ``rate`` (per 1,000) and ``cost`` are in the hub's currency, ``None`` without an exchange rate. ``completion`` is
    the lowest share to expect from what was measured over ``measured`` orders; ``seconds`` the median to the end.
    ``is_waiting``: it fits, once its provider is no longer paused.
    """

    service: Service
    position: int
    rate: Decimal | None
    cost: Decimal | None
    completion: float | None
    seconds: float | None
    measured: int
    score: float | None
    why_not: str = ""
    is_waiting: bool = False

    @property
    def fits(self) -> bool:
        """Whether it may be taken now."""
        return not self.why_not


def find_candidates(
    route: Route,
    *,
    quantity: int | None,
    person: Any,
    link: str = "",
    pinned: Service | None = None,
    left_out: Collection[int] = (),
    budget: Decimal | None = None,
) -> list[Candidate]:
    """Return the services of a route that ``person`` is granted: those that fit first, in the order of the rule.

    ``pinned`` comes before all others where it fits. Services in ``left_out`` (keys) and those that cost more than
    ``budget`` (in the hub's currency) do not fit. At most three statements, whatever the number of candidates.
    """
    raise NotImplementedError

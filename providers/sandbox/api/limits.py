"""A limit of requests a minute, as a panel sees them arrive."""

from __future__ import annotations

from collections import deque

_WINDOW = 60.0


class SlidingWindow:
    """Lets at most `per_minute` requests through in any sixty seconds; None lets all through."""

    def __init__(self, per_minute: int | None = None) -> None:
        self.per_minute = per_minute
        self._arrivals: deque[float] = deque()

    def admit(self, at: float) -> float | None:
        """None when the request that arrived `at` may pass, else the seconds until one may."""
        if self.per_minute is None:
            return None
        while self._arrivals and self._arrivals[0] <= at - _WINDOW:
            self._arrivals.popleft()
        if len(self._arrivals) < self.per_minute:
            self._arrivals.append(at)
            return None
        return self._arrivals[0] + _WINDOW - at

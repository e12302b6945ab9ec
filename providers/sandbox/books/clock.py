"""Simulated time: real time multiplied by a speed, plus what a test has skipped."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Anchor:
    """A moment whose real and simulated time are both known; simulated time runs on from it."""

    real: float
    simulated: float
    speed: float


class Clock:
    """Gives real and simulated seconds; `now` is where real seconds come from (wall time by default)."""

    def __init__(
        self, *, speed: float = 1.0, now: Callable[[], float] = time.time, anchor: Anchor | None = None
    ) -> None:
        self._now = now
        real = now()
        # A stored anchor keeps its own speed until now: orders go on while the sandbox is switched off.
        simulated = real if anchor is None else anchor.simulated + max(0.0, real - anchor.real) * anchor.speed
        self.anchor = Anchor(real=real, simulated=simulated, speed=speed)

    def real(self) -> float:
        """Return seconds since the epoch as people count them."""
        return self._now()

    def simulated(self) -> float:
        """Return seconds on the panel's own calendar."""
        return self.anchor.simulated + (self._now() - self.anchor.real) * self.anchor.speed

    def advance(self, seconds: float) -> None:
        """Skip that many simulated seconds."""
        self.anchor = Anchor(real=self._now(), simulated=self.simulated() + seconds, speed=self.anchor.speed)

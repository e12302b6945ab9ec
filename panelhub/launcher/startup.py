"""What has to be there before the hub serves: the apps add their steps, `manage.py run` and `prepare` take them.

    # in an AppConfig.ready():
    from panelhub.launcher.startup import at_startup
    at_startup(ensure_roles, order=10)

A step must be harmless when taken again, since it is taken at every start.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Startup:
    """What a step may want to know: how to tell the person at the terminal something, and where the sandbox listens.

    `sandbox_origin` is like "http://127.0.0.1:41234", or "" when none was requested.
    """

    say: Callable[[str], None]
    sandbox_origin: str = ""


Step = Callable[[Startup], None]
_steps: dict[Step, int] = {}


def at_startup(step: Step, *, order: int) -> None:
    """Add a step; lower orders come first (10 roles, 20 people, 30 provider accounts)."""
    _steps[step] = order


def take_steps(startup: Startup) -> None:
    """Take every step, in order."""
    for step in sorted(_steps, key=_steps.__getitem__):
        step(startup)

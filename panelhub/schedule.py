"""What the hub does by itself, and how often: each app lists its own ticks, added up here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Final

from django.apps import apps
from django.utils.module_loading import module_has_submodule

CLICKS: Final = "clicks"
BACKGROUND: Final = "background"


@dataclass(frozen=True, slots=True)
class Tick:
    """One entry: `task` is sent to `queue` every `every` seconds.

    A tick that waited longer than its own interval is dropped, since the next one is already there: a worker
    that comes back after a day finds one tick of each kind and not a day of them.
    """

    task: str
    every: float
    queue: str = BACKGROUND


# Each of these, here and in the apps, looks in the database for what is due, and does nothing when nothing is.
SCHEDULE: Final = (Tick("panelhub.tasks.tidy", every=3600),)


@cache
def all_ticks() -> tuple[Tick, ...]:
    """Return the ticks of all apps: what their modules ``schedule`` list as ``SCHEDULE``."""
    found = [
        import_module(f"{app.name}.schedule").SCHEDULE
        for app in apps.get_app_configs()
        if module_has_submodule(app.module, "schedule")
    ]
    return tuple(tick for ticks in found for tick in ticks)

"""The schedule of the hub."""

from __future__ import annotations

from importlib import import_module

from panelhub.schedule import all_ticks


def test_every_tick_is_a_task() -> None:
    for tick in all_ticks():
        module, _dot, name = tick.task.rpartition(".")
        assert callable(getattr(import_module(module), name))

"""Ids that grow with time."""

from __future__ import annotations

import uuid

import time_machine

from panelhub.db.ids import new_id


def test_ids_of_later_milliseconds_are_greater() -> None:
    with time_machine.travel("2026-03-01T12:00:00.123Z", tick=False) as clock:
        first = [new_id() for _ in range(20)]
        clock.shift(0.001)
        later = [new_id() for _ in range(20)]

    assert max(first) < min(later)
    assert len({*first, *later}) == 40


def test_an_id_is_a_uuid_of_version_7_that_carries_its_moment() -> None:
    with time_machine.travel("2026-03-01T12:00:00.123Z", tick=False):
        made = new_id()

    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == 1772366400123

"""`manage.py migrate`: Django's, after a look whether this version can bring the database forward at all."""

from __future__ import annotations

from typing import Any, Final

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.recorder import MigrationRecorder

# The one migration of each app that stands for all before it, and the newest of those.
SQUASHED: Final = {
    "orders": ("0001_squashed_0013", "0013_letting_out"),
    "providers": ("0001_squashed_0006", "0006_call_records_and_budget_minutes"),
    "panelhub": ("0001_squashed_0005", "0005_take_over_second_factors"),
}


class Command(migrate.Command):
    """Refuses a database that lacks some of the migrations that were since squashed."""

    def handle(self, *args: Any, **options: Any) -> None:
        recorder = MigrationRecorder(connections[options.get("database") or DEFAULT_DB_ALIAS])
        applied = set(recorder.applied_migrations())
        for app, (squashed, last) in SQUASHED.items():
            known = {name for label, name in applied if label == app}
            if known and not known & {squashed, last}:
                raise CommandError(
                    f"This database was left by an older version (its newest migration of {app} is {max(known)}): "
                    f"run `manage.py migrate` of the last version that has {app}'s migration {last}, then this one."
                )
        super().handle(*args, **options)

"""Upgrades: a filled database of an earlier version comes forward whole, and the old code can go on meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations import AddField
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import NOT_PROVIDED

from providers.models import Service
from tests.helpers.makers import make_service
from tests.helpers.old_database import KEY, ROWS, START, STATUSES

pytestmark = pytest.mark.long

WRITTEN_ON = (
    *("orders_order", "orders_attempt", "orders_orderevent", "providers_service"),
    *("providers_callrecord", "providers_callcount", "providers_budgetlane", "panelhub_auditevent"),
)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def empty_database(tmp_path: Path, db: None) -> Iterator[str]:
    """Yield the address of a database of its own, of the kind the tests run on."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'old.sqlite3'}"
        return
    import psycopg

    given = connection.settings_dict
    server = f"postgres://{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT']}"
    name = f"panelhub_old_{uuid.uuid4().hex}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as maintenance:
        maintenance.execute(f'CREATE DATABASE "{name}"')
        yield f"{server}/{name}"
        maintenance.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def upgrade(database: str, var: Path) -> dict[str, Any]:
    asked = {"DATABASE_URL": database, "PANELHUB_VAR": str(var), "PYTHONWARNINGS": "ignore"}
    ended = subprocess.run(
        [sys.executable, "-m", "tests.helpers.old_database"],
        cwd=ROOT,
        env=os.environ | asked | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    found: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return found


def test_a_filled_database_of_an_earlier_version_comes_forward_whole_and_the_old_code_goes_on(
    empty_database: str, tmp_path: Path
) -> None:
    reported = upgrade(empty_database, tmp_path)

    # What no longer has a table of its own was not filled.
    gone = {table: rows for table, rows in reported["before"].items() if rows and table not in reported["after"]}
    assert not gone
    assert {table: reported["after"][table] for table, rows in reported["before"].items() if rows} == {
        table: rows for table, rows in reported["before"].items() if rows
    }
    found = reported["found"]
    assert (found["key"], found["balance"]) == (KEY, "12.5000000000")
    assert found["states"] == dict.fromkeys(STATUSES, ROWS // len(STATUSES))
    assert found["charged"].startswith("40")
    assert found["records"] == [[False, 0, "cut"]]
    assert found["request_budget"] == [[7, 0]]
    # The version before goes on writing after the migration, where several processes share a database.
    times = 2 if empty_database.startswith("postgres") else 1
    for table in WRITTEN_ON:
        assert reported["at_the_end"][table] == times * reported["before"][table], table


def test_new_columns_of_old_tables_ask_nothing_of_the_version_before() -> None:
    """An old process that is still running names none of them: each may be null or has a default in the database."""
    graph = MigrationLoader(None)
    demanding = []
    for app, start in START.items():
        new = sorted(name for owner, name in graph.disk_migrations if owner == app and name > start)
        made = {
            operation.name.lower()  # type: ignore[attr-defined]
            for name in new
            for operation in graph.disk_migrations[app, name].operations
            if type(operation).__name__ == "CreateModel"
        }
        for name in new:
            for operation in graph.disk_migrations[app, name].operations:
                if not isinstance(operation, AddField) or operation.model_name.lower() in made:
                    continue
                field = operation.field
                if not (field.null or field.many_to_many or field.db_default is not NOT_PROVIDED):
                    demanding.append(f"{app}.{name}: {operation.model_name}.{operation.name}")
    assert not demanding


def mark_as_migrated(applied: dict[str, list[str]]) -> None:
    """Leave these migrations alone in the database's own list, as the version that had them did."""
    recorder = MigrationRecorder(connection)
    for app, names in applied.items():
        recorder.migration_qs.filter(app=app).delete()
        for name in names:
            recorder.record_applied(app, name)


@pytest.mark.django_db(transaction=True)
def test_a_database_with_every_migration_before_they_were_squashed_is_taken_over_as_it_is() -> None:
    loader = MigrationLoader(None)
    later = {
        app: [name for owner, name in loader.disk_migrations if owner == app and name > START[app]] for app in START
    }
    service = make_service(name="kept")
    mark_as_migrated(
        {app: [name for _app, name in loader.disk_migrations[app, START[app]].replaces] + later[app] for app in START}
    )

    call_command("migrate", verbosity=0)

    assert Service.objects.get().pk == service.pk
    assert {(app, name) for app, name in START.items()} <= set(MigrationRecorder(connection).applied_migrations())


@pytest.mark.django_db(transaction=True)
def test_an_older_database_is_refused_in_one_sentence_and_left_alone() -> None:
    mark_as_migrated({"orders": ["0001_initial", "0002_people"]})
    try:
        with pytest.raises(CommandError, match=r"older version .*0002_people.*then this one"):
            call_command("migrate", verbosity=0)
        assert ("orders", START["orders"]) not in MigrationRecorder(connection).applied_migrations()
    finally:
        loader = MigrationLoader(None, ignore_no_migrations=True)
        mark_as_migrated({"orders": [name for owner, name in loader.disk_migrations if owner == "orders"]})

"""Two real processes look for due schedules at the same time, again and again: each time is ordered once."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from orders.models import Order, Schedule, ScheduledRun
from tests.helpers.makers import make_person, make_service
from tests.helpers.schedules import BUYER, make_schedule
from tests.helpers.workers import ROOT, name_test_database

FIRST = datetime(2027, 3, 1, 8, tzinfo=UTC)
DAYS = 10
SCHEDULES = 20
# The moment is given; both begin when they have read a line.
PROGRAM = """
import sys, django
django.setup()
from datetime import datetime, timedelta
from django.db import OperationalError
from orders.schedules.making import make_next
first, days = datetime.fromisoformat(sys.argv[1]), int(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
made = 0
for hours in range(0, 24 * days, 6):
    for attempt in range(100):
        try:
            while figures := make_next(first + timedelta(hours=hours)):
                made += figures["orders"]
            break
        except OperationalError:
            continue
print(made, flush=True)
"""


@pytest.mark.django_db(transaction=True)
def test_two_processes_make_each_time_once() -> None:
    person, service = make_person(*BUYER), make_service()
    for number in range(SCHEDULES):
        make_schedule(
            person=person,
            service=service,
            repeat="spread" if number % 2 else "daily",
            count=DAYS,
            start_time=(FIRST + timedelta(minutes=number)).time().replace(hour=9),
        )
    connection.close()
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": name_test_database()}
    command = [sys.executable, "-c", PROGRAM, FIRST.isoformat(), str(DAYS + 2)]
    beats = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _beat in range(2)
    ]
    for process in beats:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in beats:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    made = [int(process.communicate(timeout=120)[0]) for process in beats]

    assert [process.returncode for process in beats] == [0, 0]
    assert sum(made) == Order.objects.count() == SCHEDULES * DAYS
    assert ScheduledRun.objects.filter(outcome="made").count() == SCHEDULES * DAYS
    assert set(Schedule.objects.values_list("status", flat=True)) == {"ended"}

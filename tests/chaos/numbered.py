"""The tests of the numbered faults at their full size, on servers of this run's own where they are installed."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from tests.chaos import servers
from tests.chaos.workers import ROOT

NAME: Final = "numbered"
TESTS: Final = (
    "tests/faults",
    "tests/orders/submission/test_conservation_machine.py",
    "tests/orders/submission/test_negative_control.py",
    "tests/orders/submission/test_killed_workers.py",
)
EXAMPLES: Final = 200


def try_numbered(folder: Path) -> int:
    """Run them; pytest's exit status. Where PostgreSQL or Redis is missing, on SQLite and the embedded broker."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PANELHUB_", "DJANGO_"))}
    environment |= {"PANELHUB_FULL_SIZE": "1", "PANELHUB_EXAMPLES": str(EXAMPLES)}
    with ExitStack() as stack:
        try:
            database, broker = servers.PostgreSQL(folder), servers.Redis(folder)
        except servers.NotInstalled as missing:
            print(f"{missing} is not installed here: on SQLite and the embedded broker.", file=sys.stderr)
        else:
            stack.callback(database.kill)
            database.prove_own()
            stack.enter_context(servers.running(broker))
            environment |= {"DATABASE_URL": database.url, "CELERY_BROKER_URL": broker.url}
        return subprocess.run(
            # The small run is what this is a part of.
            [
                *(sys.executable, "-m", "pytest", "-q", "-n", "auto", "--dist", "worksteal"),
                *("--ignore", "tests/faults/test_fault_run.py", *TESTS),
            ],
            cwd=ROOT,
            env=environment,
            check=False,
        ).returncode

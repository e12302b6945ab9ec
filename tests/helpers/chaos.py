"""The fault run as a command of its own, without the settings that the tests run with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 600
# What the tests themselves run with must not reach it: it takes no database but its own.
OURS = ("DATABASE_URL", "CELERY_BROKER_URL", "AMQP_URL", "DJANGO_SETTINGS_MODULE")


def run_torture(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PANELHUB_", *OURS))}
    return subprocess.run(
        [sys.executable, "-m", "tests.chaos", *arguments],
        cwd=ROOT,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )

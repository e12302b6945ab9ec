"""A hub as docs/production.md runs it, on servers of its own: web, two workers and the schedule, each to be killed."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import requests

from tests.chaos import servers
from tests.helpers.documents import PROCESSES, ROOT, read_commands

WEB, CLICKS, BACKGROUND, SCHEDULE = PROCESSES
START_SECONDS: Final = 90.0
LOOK_SECONDS: Final = 0.25
# Each process of the web looks at broker and disk by itself, every ten seconds.
GOOD_IN_A_ROW: Final = 8


class Deployment:
    """The processes of a hub in ``folder``, with the commands that the document prints."""

    def __init__(self, folder: Path, database: servers.Server, broker: servers.Server) -> None:
        self.folder, self.database, self.broker = folder, database, broker
        self.port = servers.free_port()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PANELHUB_", "DJANGO_"))}
        self.environment = kept | {
            "DJANGO_SETTINGS_MODULE": "panelhub.settings",
            "DATABASE_URL": database.url,
            "CELERY_BROKER_URL": broker.url,
            "PANELHUB_VAR": str(folder / "var"),
            "PANELHUB_ENV_FILE": os.devnull,
            "PANELHUB_ALLOW_PRIVATE_PROVIDERS": "true",
            "LOG_LEVEL": "WARNING",
        }

    @property
    def url(self) -> str:
        """Return where the web listens."""
        return f"http://{servers.HOST}:{self.port}"

    def manage(self, *arguments: str) -> str:
        """Run a command of manage.py to its end; return what it prints."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def start(self, name: str) -> None:
        """Start one process."""
        command = read_commands()[name].replace("127.0.0.1:8000", f"127.0.0.1:{self.port}")
        words = [sys.executable if word.endswith("/python") else word for word in shlex.split(command)]
        with self.log_of(name).open("ab") as log:
            self._processes[name] = subprocess.Popen(
                words,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a process and all that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self._processes[name].pid, number)

    def kill(self, name: str) -> None:
        """End a process at once (SIGKILL)."""
        self.signal(name, signal.SIGKILL)
        self._processes.pop(name).wait()

    def kill_all(self) -> None:
        """End whatever runs."""
        for name in list(self._processes):
            self.kill(name)

    def log_of(self, name: str) -> Path:
        """Return the file of what a process writes."""
        return self.folder / f"{name}.log"

    def find_failing(self) -> list[str]:
        """Return what /healthz names; the web itself when it does not answer."""
        try:
            answer: dict[str, Any] = requests.get(f"{self.url}/healthz", timeout=5).json()
        except (requests.RequestException, ValueError):
            return ["web"]
        return [str(part) for part in answer["failing"]]

    def wait_until_well(self) -> float:
        """Wait until /healthz names nothing, whichever process of the web answers; return the seconds that took."""
        good = 0

        def look() -> bool:
            nonlocal good
            good = 0 if self.find_failing() else good + 1
            return good >= GOOD_IN_A_ROW

        return seconds_until(look, most=START_SECONDS)


@contextmanager
def deployed(folder: Path) -> Iterator[Deployment]:
    """Run a prepared hub on a PostgreSQL and a Redis of its own for as long as the block lasts."""
    folder.chmod(0o711)  # PostgreSQL runs as a user of its own and has to get at its folder
    database, broker = servers.PostgreSQL(folder), servers.Redis(folder)
    deployment = Deployment(folder, database, broker)
    try:
        database.prove_own()
        broker.start()
        deployment.manage("prepare")
        for name in PROCESSES:
            deployment.start(name)
        deployment.wait_until_well()
        yield deployment
    finally:
        deployment.kill_all()
        broker.kill()
        database.kill()


def seconds_until(look: Callable[[], bool], *, most: float) -> float:
    """Wait until ``look`` returns true; return the seconds that took, infinity when it were more than ``most``."""
    started = time.monotonic()
    while not look():
        if time.monotonic() - started > most:
            return float("inf")
        time.sleep(LOOK_SECONDS)
    return time.monotonic() - started

"""Real worker processes on the database and the broker of the test, to be stopped or killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from celery import current_app
from django.conf import settings
from django.db import connection

from panelhub.background.transports import transport_scheme
from panelhub.models import WORKER_BEAT, Heartbeat
from panelhub.schedule import BACKGROUND, CLICKS
from tests.helpers.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30.0
STOP_SECONDS = 15.0


def name_test_database() -> str:
    """Return the DATABASE_URL of the database that the tests run on."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    password = f":{quote(found['PASSWORD'], safe='')}" if found["PASSWORD"] else ""
    user = f"{quote(found['USER'], safe='')}{password}@" if found["USER"] else ""
    port = f":{found['PORT']}" if found["PORT"] else ""
    return f"postgres://{user}{quote(found['HOST'], safe='')}{port}/{found['NAME']}"


def purge_queues() -> None:
    """Remove every message that waits for the workers of these tests."""
    with current_app.connection_for_write() as broker:
        channel = broker.default_channel
        for queue in settings.CELERY_TASK_QUEUES:  # type: ignore[misc]
            bound = queue(channel)
            bound.declare()
            bound.purge()


def remove_queues() -> None:
    """Leave nothing of these tests on the broker; no matter when it is gone already."""
    with suppress(Exception), current_app.connection_for_write(connect_timeout=2) as broker:
        for queue in settings.CELERY_TASK_QUEUES:  # type: ignore[misc]
            queue(broker.default_channel).delete()
        if transport_scheme(settings.CELERY_BROKER_URL) == "redis":
            client = broker.default_channel.client  # type: ignore[attr-defined]
            for key in client.scan_iter(f"*{settings.PANELHUB_QUEUE_PREFIX}*"):
                client.delete(key)


class WorkerProcess:
    """One `celery worker` in a session of its own. Leaves nothing behind when its block ends.

    `options` are more arguments for `celery worker`, `environment` more variables for it.
    """

    def __init__(
        self,
        *,
        queues: tuple[str, ...] = (CLICKS, BACKGROUND),
        concurrency: int = 4,
        options: tuple[str, ...] = (),
        environment: dict[str, str] | None = None,
    ) -> None:
        self.name = f"test-{uuid.uuid4().hex[:8]}@localhost"
        prefix: str = settings.PANELHUB_QUEUE_PREFIX
        self._command = [
            *(sys.executable, "-W", "ignore:You're running the worker with superuser"),
            *("-m", "celery", "--quiet", "--app", "panelhub", "worker"),
            *("--hostname", self.name, "--queues", ",".join(f"{prefix}{queue}" for queue in queues)),
            *("--concurrency", str(concurrency), "--loglevel", "INFO"),
            *("--without-gossip", "--without-mingle"),
            *options,
        ]
        self._environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": name_test_database(),
            **(environment or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._log = Path(settings.PANELHUB_VAR) / f"{self.name}.log"

    def __enter__(self) -> WorkerProcess:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def start(self) -> None:
        """Start it and return when it takes messages."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(self._is_ready, seconds=START_SECONDS, what=f"the worker; it said:\n{self.log}")

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        """All that it wrote so far."""
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> int:
        """Ask it to finish what it has in hand (SIGTERM); return its exit status."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(timeout=STOP_SECONDS)

    def wait(self) -> int:
        """Wait until it ends by itself; return its exit status, a signal's number below zero."""
        assert self._process is not None
        return self._process.wait(timeout=START_SECONDS)

    def kill(self) -> None:
        """End it and its children at once (SIGKILL), as a power cut would."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def _is_ready(self) -> bool:
        assert self.is_running, f"The worker ended at once; it said:\n{self.log}"
        return Heartbeat.objects.filter(name=f"{WORKER_BEAT}{self.name}").exists()

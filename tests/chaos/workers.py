"""The workers of a run: real processes, killed and started again all the time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
STOP_SECONDS: Final = 15.0


class Worker:
    """One worker that also stands by to keep the schedule, as each of several may."""

    def __init__(self, *, number: int, folder: Path) -> None:
        self._log = folder / f"worker-{number}.log"
        self._command = [
            *(sys.executable, "-W", "ignore:You're running the worker with superuser"),
            *("-m", "tests.chaos.worker", "--quiet", "--app", "panelhub", "worker", "--with-schedule"),
            *("--hostname", f"torture{number}@localhost", "--loglevel", "WARNING", "--prefetch-multiplier", "0"),
            *("--without-gossip", "--without-mingle", "--queues", "clicks,background"),
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; returns at once."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=dict(os.environ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        """SIGKILL, with whatever it had in hand."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def stop(self) -> bool:
        """Ask it to finish what it has in hand (SIGTERM); whether it did in time. It is gone either way."""
        if self._process is None:
            return True
        self._process.terminate()
        try:
            self._process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            return False
        finally:
            self.kill()
        return True

    def revive(self) -> bool:
        """Start it when it ended by itself; whether it had."""
        if self._process is not None and self._process.poll() is None:
            return False
        self.kill()
        self.start()
        return True

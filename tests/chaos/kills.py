"""``python -m tests.chaos.kills``: kill each part of a hub in turn; print how long /healthz takes to name it.

Workers and the schedule are also stopped while they live (SIGSTOP): what does not work is dead. Last, the supervisor
of ``manage.py run`` is killed, after which nothing of it may live on and the next one may start.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.chaos import servers
from tests.chaos.deployment import (
    BACKGROUND,
    CLICKS,
    SCHEDULE,
    START_SECONDS,
    WEB,
    Deployment,
    deployed,
    seconds_until,
)
from tests.chaos.servers import NotInstalled
from tests.helpers.documents import ROOT

LONGEST: Final = 60.0
STOP, GO_ON = signal.SIGSTOP, signal.SIGCONT


@dataclass(frozen=True, slots=True)
class Death:
    """How one part dies and lives again; ``part`` is its name in /healthz."""

    name: str
    part: str
    die: Callable[[Deployment], None]
    live: Callable[[Deployment], None]


@dataclass(frozen=True, slots=True)
class Seen:
    """Seconds until /healthz named a part, and from its return until all was well."""

    named: float
    well: float

    @property
    def is_in_time(self) -> bool:
        """Return whether it was named within a minute, and got well."""
        return self.named <= LONGEST and self.well < START_SECONDS


def _kill(name: str, part: str) -> Death:
    return Death(f"{part} killed", part, lambda hub: hub.kill(name), lambda hub: hub.start(name))


def _stop(name: str, part: str) -> Death:
    return Death(f"{part} stuck", part, lambda hub: hub.signal(name, STOP), lambda hub: hub.signal(name, GO_ON))


DEATHS: Final = (
    _kill(WEB, "web"),
    _stop(WEB, "web"),
    Death("database killed", "database", lambda hub: hub.database.kill(), lambda hub: hub.database.start()),
    Death("broker killed", "broker", lambda hub: hub.broker.kill(), lambda hub: hub.broker.start()),
    _kill(CLICKS, "clicks"),
    _stop(CLICKS, "clicks"),
    _kill(BACKGROUND, "background"),
    _stop(BACKGROUND, "background"),
    _kill(SCHEDULE, "schedule"),
    _stop(SCHEDULE, "schedule"),
)


def see_deaths(names: Sequence[str] = (), *, folder: Path) -> dict[str, Seen]:
    """Let the parts die, or those of ``names`` alone, one after the other."""
    found: dict[str, Seen] = {}
    with deployed(folder) as hub:
        for death in DEATHS:
            if names and death.name not in names:
                continue
            death.die(hub)
            named = seconds_until(lambda part=death.part: part in hub.find_failing(), most=4 * LONGEST)  # type: ignore[misc]
            death.live(hub)
            found[death.name] = Seen(named, hub.wait_until_well())
    return found


def kill_supervisor(folder: Path) -> tuple[float, float]:
    """Kill `manage.py run` itself; return the seconds until all of it is gone, and until the next one is well."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PANELHUB_", "DJANGO_"))}
    for name in ("DATABASE_URL", "CELERY_BROKER_URL"):
        environment.pop(name, None)
    environment |= {"PANELHUB_VAR": str(folder / "run"), "PANELHUB_ENV_FILE": os.devnull, "SANDBOX": "0"}
    nothing = servers.SqliteFile(folder)
    hub = Deployment(folder, nothing, servers.EmbeddedBroker(folder))
    command = [sys.executable, "manage.py", "run", "--port", str(hub.port)]

    def start() -> subprocess.Popen[bytes]:
        with (folder / "run.log").open("ab") as log:
            return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)

    run = start()
    try:
        hub.wait_until_well()
        own = _processes_of(str(folder / "run"))
        run.kill()
        run.wait()
        gone = seconds_until(lambda: not any(_lives(pid) for pid in own), most=LONGEST)
        run, started = start(), time.monotonic()
        hub.wait_until_well()
        return gone, time.monotonic() - started
    finally:
        run.terminate()
        run.wait(timeout=30)


def _processes_of(var: str) -> list[int]:
    """Return the processes whose settings name the folder, as the system has them."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and f"PANELHUB_VAR={var}\0".encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
    return found


def _lives(pid: int) -> bool:
    with suppress(OSError):
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text("ascii", "replace")
    return False


def main() -> int:
    """Print a table; the exit status is 1 when something was named late, 2 when servers are missing."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.kills", description=__doc__)
    parser.add_argument("--only", action="append", choices=[death.name for death in DEATHS], default=[])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="panelhub-kills-", ignore_cleanup_errors=True) as folder:
        try:
            found = see_deaths(options.only, folder=Path(folder))
        except NotInstalled as missing:
            print(f"{missing} is not installed here.", file=sys.stderr)
            return 2
        print("| what dies | named after, s | all well again after, s |\n|---|---|---|")
        for name, seen in found.items():
            print(f"| {name} | {seen.named:.1f} | {seen.well:.1f} |", flush=True)
        is_well = all(seen.is_in_time for seen in found.values())
        if not options.only:
            gone, again = kill_supervisor(Path(folder))
            print(f"\nSupervisor killed: all gone after {gone:.1f} s, the next one well {again:.1f} s after its start.")
            is_well = is_well and gone < LONGEST and again < START_SECONDS
        print(f"Load: {os.getloadavg()[0]:.1f}.")
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())

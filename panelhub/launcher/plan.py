"""What `manage.py run` starts, and what must be so before it can."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sys
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.conf import settings

SUPERVISOR: Final = Path(__file__).with_name("supervisor.py")
MANAGE: Final = Path(__file__).resolve().parents[2] / "manage.py"
WEB_THREADS: Final = 4


WORKER: Final = "worker"


@dataclass(frozen=True, slots=True)
class Ended:
    """That the worker ended by itself: how often in a row, and when it is, or was, started again."""

    count: int
    again_at: datetime


class CannotRun(Exception):
    """Why the hub cannot start here and now, as a sentence for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildPlan:
    """One process: `last` ones are ended after all others; what `quiet` ones print is dropped, errors excepted.

    When one that is `essential` cannot stay up, everything ends.
    """

    name: str
    argv: list[str]
    last: bool = False
    quiet: bool = False
    essential: bool = False


def parse_port(text: str) -> int:
    """Return the port that PORT means; raises CannotRun."""
    try:
        port = int(text)
    except ValueError:
        port = 0
    if not 1 <= port <= 65535:
        raise CannotRun(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return port


def hold_folder(var: Path) -> int:
    """Make sure that `var` can be written and that no other `manage.py run` uses it.

    Returns the descriptor that holds the lock for as long as it is open. Raises CannotRun.
    """
    try:
        var.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=var):
            pass
        lock = os.open(var / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CannotRun(
            f"The folder {var} cannot be written ({error.strerror}); PanelHub keeps all its data there. "
            "Give it a folder that can be with PANELHUB_VAR=..."
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(lock, 100).decode("ascii", "replace").strip()
        os.close(lock)
        raise CannotRun(
            f"PanelHub already runs from {var} ({holder}); stop that one first, or give this one a folder "
            "of its own with PANELHUB_VAR=..."
        ) from None
    return lock


def sign_folder(lock: int, *, address: str) -> None:
    """Write into the held lock who holds it, for the next one that comes."""
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"process {os.getpid()}, {address}".encode("ascii"), 0)


def is_port_free(host: str, port: int) -> bool:
    """Return whether a server could listen there now."""
    with socket.socket() as probe:
        # As servers do: a connection of the last run that still lingers is no hindrance.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def choose_sandbox_port(kept_in: Path) -> int:
    """Return the port the sandbox had last time if it is still free, else a free one; store it for the next time."""
    try:
        port = int(kept_in.read_text(encoding="ascii"))
        if is_port_free("127.0.0.1", port):
            return port
    except (FileNotFoundError, ValueError, OverflowError):
        pass
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    kept_in.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept_in.write_text(f"{port}\n", encoding="ascii")
    return port


def plan_children(*, host: str, port: int, sandbox_port: int | None) -> list[ChildPlan]:
    """Return every process of the hub; the sandbox only with a port for it."""
    python = sys.executable
    children = [
        ChildPlan(
            name="web server",
            argv=[
                *(python, "-m", "gunicorn", "panelhub.wsgi"),
                *("--bind", f"{host}:{port}", "--worker-class", "panelhub.http.web_worker.Worker"),
                *("--workers", "1", "--threads", str(WEB_THREADS)),
                *("--log-level", "warning", "--graceful-timeout", "8", "--no-control-socket"),
                *("--name", "panelhub-web"),
            ],
            essential=True,
        ),
        ChildPlan(
            name=WORKER,
            argv=[
                # What the warning is about, pickled messages, is refused here (CELERY_ACCEPT_CONTENT).
                *(python, "-W", "ignore:You're running the worker with superuser"),
                *("-m", "celery", "--quiet", "--app", "panelhub", "worker", "--with-schedule"),
                *("--loglevel", "WARNING"),
                *("--without-gossip", "--without-mingle", "--without-heartbeat"),
            ],
        ),
    ]
    if sandbox_port is not None:
        state = settings.PANELHUB_VAR / "sandbox" / "books.sqlite3"
        children.append(
            ChildPlan(
                name="sandbox",
                argv=[
                    *(python, str(MANAGE), "sandbox", "--host", "127.0.0.1"),
                    *("--port", str(sandbox_port), "--state", str(state)),
                ],
                last=True,
                quiet=True,
            )
        )
    return children


def _ended_file() -> Path:
    return Path(settings.PANELHUB_VAR) / "run.ended.json"


def read_ended() -> Ended | None:
    """Return what the supervisor wrote of the worker's end; None while it stays up, and where no supervisor runs."""
    try:
        found = json.loads(_ended_file().read_text(encoding="ascii"))[WORKER]
        return Ended(int(found["count"]), datetime.fromtimestamp(found["again_at"], UTC))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def become_supervisor(*, children: list[ChildPlan], host: str, port: int, announcement: str) -> None:
    """Replace this process by the small one that runs `children`. Does not return."""
    plan = {
        "children": [asdict(child) for child in children],
        "host": host,
        "port": port,
        "announcement": announcement,
        "ended_file": str(_ended_file()),
    }
    sys.stdout.flush()
    sys.stderr.flush()
    os.chdir(MANAGE.parent)
    # Isolated, since it needs nothing but the standard library and its folder holds a module called celery.
    os.execv(sys.executable, [sys.executable, "-I", "-S", str(SUPERVISOR), json.dumps(plan)])  # noqa: S606

"""Naming a process so that another one on the same machine can say whether it still lives."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import Final

_SEPARATOR: Final = "|"
_THREADS: Final = 17
_STARTED: Final = 19
_ENDED: Final = frozenset("ZXx")


def name_this_process() -> str:
    """Return a name that no other process has had or will have: machine, pid namespace, pid, time of start."""
    return _SEPARATOR.join([socket.gethostname()[:100], _pid_namespace(), str(os.getpid()), _started(os.getpid())])


def is_surely_gone(name: str) -> bool:
    """Return whether the process that `name_this_process` named is known to have ended.

    False when in doubt: on another machine, in another container, or where the system does not say.
    """
    try:
        host, namespace, pid, started = name.split(_SEPARATOR)
        number = int(pid)
    except ValueError:
        return False
    if host != socket.gethostname()[:100] or namespace != _pid_namespace():
        return False
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    now = _stat(number)
    # One that ended and that its parent has not asked about yet does nothing any more, once its last thread is over.
    if now and now[0] in _ENDED and now[_THREADS] in {"0", "1"}:
        return True
    # The number may have been given to a new process since.
    return bool(started) and _started(number) not in {"", started}


def _pid_namespace() -> str:
    with suppress(OSError):
        return os.readlink("/proc/self/ns/pid")  # noqa: PTH115 - not a path, a name
    return ""


def _started(pid: int) -> str:
    found = _stat(pid)
    return found[_STARTED] if found else ""


def _stat(pid: int) -> list[str]:
    """Return what the system says of a process, from its state on (proc(5), fields 3 to 52); empty when it says
    nothing.
    """
    with suppress(OSError):
        # The name in parentheses before them may hold anything.
        found = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        return found if len(found) > _STARTED else []
    return []

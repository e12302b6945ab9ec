"""Naming a process so that another one on the same machine can tell whether it still lives."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import Final

_SEPARATOR: Final = "|"


def name_this_process() -> str:
    """A name that no other process has had or will have: machine, pid namespace, pid, time of start."""
    return _SEPARATOR.join([socket.gethostname()[:100], _pid_namespace(), str(os.getpid()), _started(os.getpid())])


def is_surely_gone(name: str) -> bool:
    """Whether the process that `name_this_process` named is known to have ended.

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
    # The number may have been given to a new process since.
    return bool(started) and _started(number) not in {"", started}


def _pid_namespace() -> str:
    with suppress(OSError):
        return os.readlink("/proc/self/ns/pid")  # noqa: PTH115 - not a path, a name
    return ""


def _started(pid: int) -> str:
    with suppress(OSError, IndexError):
        # proc(5): field 22, counted from behind the name in parentheses, which may hold anything.
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19]
    return ""

"""The embedded broker: a folder of small files, safe for several processes at once.

It serves where no Redis or RabbitMQ is wanted. A message is written under a hidden name and renamed into its
queue's folder, and taken by renaming it away, so no one ever sees half of one and no two workers get the same.
Only this user's plain files of a bounded size are read: whatever else lies there, put by another user of the machine,
is dropped unread.
Queues are folders under the transport option `folder`; order is that of the wall clock. A message that a killed
worker had taken is gone: messages are doorbells here, the work itself is rows in the database.
"""

from __future__ import annotations

import logging
import os
import shutil
import stat
import time
import uuid
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any, Final

from kombu.transport import TRANSPORT_ALIASES, virtual
from kombu.utils.json import dumps, loads

from panelhub.launcher.private_files import make_private

logger = logging.getLogger(__name__)

MESSAGE: Final = ".msg"
# A message carries a few ids.
MOST_BYTES: Final = 256 * 1024


class Channel(virtual.Channel):
    """A channel on the folder."""

    supports_fanout = False
    do_restore = True

    @property
    def folder(self) -> Path:
        options: dict[str, Any] = self.connection.client.transport_options  # type: ignore[union-attr, assignment]
        return Path(options["folder"])

    def _queue_folder(self, queue: str) -> Path:
        if "/" in queue or queue.startswith("."):
            raise ValueError(f"{queue!r} cannot be the name of a queue")
        folder = self.folder / queue
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        make_private(self.folder, folder)
        return folder

    def _new_queue(self, queue: str, **kwargs: Any) -> None:
        self._queue_folder(queue)

    def _has_queue(self, queue: str, **kwargs: Any) -> bool:
        return (self.folder / queue).is_dir()

    def _put(self, queue: str, message: Any, **kwargs: Any) -> None:
        folder = self._queue_folder(queue)
        name = f"{time.time_ns():020d}-{uuid.uuid4().hex}{MESSAGE}"
        draft = folder / f".{name}"
        draft.write_text(dumps(message), encoding="utf-8")
        draft.rename(folder / name)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        folder = self._queue_folder(queue)
        for name in _waiting(folder):
            taken = folder / f".taken-{name}"
            try:
                (folder / name).rename(taken)
            except FileNotFoundError:  # another worker was faster
                continue
            try:
                return _open_message(taken)
            except (OSError, ValueError, TypeError, RecursionError) as error:
                # Only a person or a broken disk can have written it; it must not stop the worker.
                logger.error("A message in %s could not be read and was dropped: %s", folder, error)
            finally:
                _remove(taken)
        raise Empty

    def _size(self, queue: str) -> int:
        return len(_waiting(self._queue_folder(queue)))

    def _purge(self, queue: str) -> int:
        folder = self._queue_folder(queue)
        gone = 0
        for name in _waiting(folder):
            try:
                (folder / name).unlink()
            except FileNotFoundError:
                continue
            gone += 1
        return gone

    def _delete(self, queue: str, *args: Any, **kwargs: Any) -> None:
        self._purge(queue)


class Transport(virtual.Transport):
    """kombu's view of the folder; polls it."""

    Channel = Channel
    implements = virtual.Transport.implements.extend(asynchronous=False, exchange_type=frozenset(["direct"]))
    default_port = 0
    driver_type = "panelhub"
    driver_name = "panelhub"
    # Bindings live in this process; every process declares the queues it uses before it uses them.
    global_state = virtual.BrokerState()

    def __init__(self, client: Any, **kwargs: Any) -> None:
        super().__init__(client, **kwargs)
        self.state = self.global_state
        self.polling_interval = client.transport_options.get("polling_interval", 0.2)

    def driver_version(self) -> str:
        return "1"


def register_embedded_broker() -> None:
    """Make broker URLs that begin with `panelhub://` known to kombu."""
    TRANSPORT_ALIASES["panelhub"] = "panelhub.background.folder_broker:Transport"


def register_redis_broker() -> None:
    """Let URLs of Redis mean the transport that outlives a Redis that goes away."""
    TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), "panelhub.background.redis_broker:Transport"))


def _open_message(path: Path) -> dict[str, Any]:
    """Read a message; raises an error when this user's hub cannot have written it."""
    # Neither follows a link nor waits for someone to write into a pipe.
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("it is not a plain file")
        if found.st_uid not in {os.geteuid(), 0}:
            raise ValueError(f"it belongs to the user with id {found.st_uid}")
        if found.st_size > MOST_BYTES:
            raise ValueError(f"it has {found.st_size:,} bytes")
        message = loads(file.read(MOST_BYTES).decode("utf-8"))
    if not isinstance(message, dict):
        raise TypeError("it is not an object")
    return message


def _remove(path: Path) -> None:
    with suppress(FileNotFoundError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()


def _waiting(folder: Path) -> list[str]:
    with os.scandir(folder) as entries:
        return sorted(
            entry.name for entry in entries if not entry.name.startswith(".") and entry.name.endswith(MESSAGE)
        )

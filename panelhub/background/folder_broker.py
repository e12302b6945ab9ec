"""The embedded broker: a folder of small files, safe for several processes at once.

It serves where no Redis or RabbitMQ is wanted. A message is written under a hidden name and renamed into its
queue's folder, and taken by renaming it away, so nobody ever sees half of one and no two workers get the same.
Queues are folders under the transport option `folder`; order is that of the wall clock. A message that a killed
worker had taken is gone: messages are doorbells here, the work itself is rows in the database.
"""

from __future__ import annotations

import logging
import os
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any, Final

from kombu.transport import TRANSPORT_ALIASES, virtual
from kombu.utils.json import dumps, loads

logger = logging.getLogger(__name__)

MESSAGE: Final = ".msg"


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
            payload = taken.read_text(encoding="utf-8", errors="replace")
            taken.unlink()
            try:
                return loads(payload)
            except ValueError:
                # Only a person or a broken disk can have written it; it must not stop the worker.
                logger.exception("A message in %s could not be read and was dropped.", folder)
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


def _waiting(folder: Path) -> list[str]:
    with os.scandir(folder) as entries:
        return sorted(
            entry.name for entry in entries if not entry.name.startswith(".") and entry.name.endswith(MESSAGE)
        )

"""The sandbox as one object: panels, books and a server."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from providers.sandbox.books import Books
from providers.sandbox.clock import Clock
from providers.sandbox.documents import DOCUMENTS
from providers.sandbox.journal import Journal
from providers.sandbox.ledger import Ledger
from providers.sandbox.panel import Panel
from providers.sandbox.plans import STEADY, Fates
from providers.sandbox.server import PanelServer


def key_of(slug: str) -> str:
    """The key a panel accepts."""
    return f"sandbox-{slug}-key"


class Sandbox:
    """Six panels over HTTP on one address, at work inside `with`."""

    def __init__(
        self,
        *,
        speed: float = 1.0,
        clock: Callable[[], float] = time.time,
        host: str = "127.0.0.1",
        port: int = 0,
        state: Path | str | None = None,
        only: Iterable[str] = (),
        variants: Mapping[str, str] | None = None,
        fates: Fates = STEADY,
        neighbours: int = 2,
    ) -> None:
        self._journal = Journal(Path(state) if state is not None else None)
        self.ledger = Ledger(self._journal.connection, self._journal.lock)
        chosen = set(only) or set(DOCUMENTS)
        self.panels: dict[str, Panel] = {}
        for slug, document in DOCUMENTS.items():
            if slug in chosen:
                anchor = Books.stored_anchor(self.ledger, slug)
                self.panels[slug] = Panel(
                    document,
                    journal=self._journal,
                    clock=Clock(speed=speed, now=clock, anchor=anchor),
                    key=key_of(slug),
                    routes=document.routes_of((variants or {}).get(slug, "table")),
                    fates=fates,
                    neighbours=neighbours,
                )
        self.server = PanelServer((host, port), self.panels)
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        """Scheme, host and port."""
        host, port = self.server.server_address[:2]
        return f"http://{host!s}:{port}"

    def url(self, slug: str) -> str:
        """Where a panel answers."""
        return f"{self.address}/{slug}/api/v2"

    def key(self, slug: str) -> str:
        """The key a panel accepts."""
        return self.panels[slug].key

    def panel(self, slug: str) -> Panel:
        """A panel by its slug."""
        return self.panels[slug]

    def start(self) -> Self:
        """Answer requests on a thread of its own."""
        self._thread = threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, name="sandbox", daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop answering and close the books."""
        if self._thread is not None:
            self.server.shutdown()
            self._thread.join()
        self.server.server_close()
        self._journal.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

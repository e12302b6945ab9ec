"""The sandbox as one object: panels, books and a server."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from providers.sandbox.accounts import key_of, path_of
from providers.sandbox.api.replies import Reply
from providers.sandbox.books.books import Books
from providers.sandbox.books.clock import Clock
from providers.sandbox.books.journal import Journal
from providers.sandbox.books.ledger import Ledger
from providers.sandbox.control import answer_control
from providers.sandbox.documents import DOCUMENTS
from providers.sandbox.panel import Panel
from providers.sandbox.server import PanelServer
from providers.sandbox.shop.plans import STEADY, Fates


class Sandbox:
    """Six panels over HTTP on one address, at work inside `with`.

    `speed` is simulated seconds a real second and `clock` where real seconds come from; `port` 0 takes a free
    one; `state` a file the books are kept in (in memory without); `only` the slugs wanted; `variants` which
    reading of a document that contradicts itself ({"servsmm": "heading"}); `fates` how much goes wrong by
    itself; `neighbours` how many ids at most go to other customers after each order; `requests_per_minute` the
    limits that panels enforce.
    Raises OSError when the port or the file is taken, sqlite3.Error when the file holds something else, ValueError
    for a slug or a variant that does not exist.
    """

    def __init__(
        self,
        *,
        speed: float = 1.0,
        clock: Callable[[], float] = time.time,
        host: str = "127.0.0.1",
        port: int = 0,
        state: Path | str | None = None,
        only: Collection[str] = (),
        variants: Mapping[str, str] | None = None,
        fates: Fates = STEADY,
        neighbours: int = 2,
        requests_per_minute: Mapping[str, int] | None = None,
    ) -> None:
        unknown = {*only, *(variants or {})} - DOCUMENTS.keys()
        if unknown:
            raise ValueError(f"There is no panel {', '.join(sorted(unknown))}; there are {', '.join(DOCUMENTS)}.")
        routes = {slug: DOCUMENTS[slug].routes_of(variant) for slug, variant in (variants or {}).items()}
        self.now = clock
        self.elsewhere: list[str] = []  # who followed a redirect, and what they brought along
        self._host = host
        self.panels: dict[str, Panel] = {}
        # The address first: a second sandbox must not touch the books of the first.
        self.server = PanelServer((host, port), self)
        try:
            self._journal = Journal(Path(state) if state is not None else None)
        except BaseException:
            self.server.close(None)
            raise
        self.ledger = Ledger(self._journal.connection, self._journal.lock)
        for slug, document in DOCUMENTS.items():
            if not only or slug in only:
                self.panels[slug] = Panel(
                    document,
                    journal=self._journal,
                    clock=Clock(speed=speed, now=clock, anchor=Books.stored_anchor(self.ledger, slug)),
                    key=key_of(slug),
                    routes=routes.get(slug),
                    fates=fates,
                    neighbours=neighbours,
                    requests_per_minute=(requests_per_minute or {}).get(slug),
                )
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server.server_port)

    @property
    def address(self) -> str:
        """Scheme, host and port: the origin of all panels."""
        return f"http://{self._host}:{self.port}"

    def url(self, slug: str) -> str:
        """Return where a panel answers."""
        return self.address + path_of(self.panels[slug].slug)

    def key(self, slug: str) -> str:
        """Return the key a panel accepts."""
        return self.panels[slug].key

    def panel(self, slug: str) -> Panel:
        """Return a panel by its slug."""
        return self.panels[slug]

    def advance(self, seconds: float) -> None:
        """Let simulated time pass at every panel."""
        for panel in self.panels.values():
            panel.advance(seconds)

    def control(self, method: str, path: str, body: bytes) -> Reply:
        """Return the reply to a request that is not for a panel."""
        return answer_control(self.panels, self.address, method, path, body)

    def start(self) -> Self:
        """Answer requests on a thread of its own."""
        self._thread = threading.Thread(target=self.server.serve_until_closed, name="sandbox", daemon=True)
        self._thread.start()
        return self

    def pause(self) -> None:
        """Stop listening: new connections are refused until `resume`; what was accepted stays."""
        self.server.close(self._thread)
        self._thread = None

    def resume(self) -> None:
        """Listen on the same port again."""
        self.server = PanelServer((self._host, self.port), self)
        self.start()

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """A while in which no one listens."""
        self.pause()
        try:
            yield
        finally:
            self.resume()

    def stop(self) -> None:
        """Stop answering and close the books."""
        self.pause()
        self._journal.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

"""Follows every link of the hub, and reads a page for what a strict policy of content would refuse."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.test import Client

from tests.security.world import body_of

HOST: Final = "https://testserver"
MOST_PAGES: Final = 500
# What may be sent to an address by a script or a form elsewhere, and opens nothing by itself.
OUTSIDE: Final = ("mailto:", "tel:")


class Page(HTMLParser):
    """The links of a page, and whatever in it a policy without `unsafe-inline` would not run."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.faults: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.faults += [f"<{tag} {name}>" for name in given if name.startswith("on") or name == "style"]
        if tag == "script" and "src" not in given and given.get("type", "text/javascript") == "text/javascript":
            self.faults.append("<script> without src")
        if tag == "style":
            self.faults.append("<style>")
        if tag == "a" and (link := given.get("href")):
            self._follow(link, given)

    def _follow(self, link: str, given: dict[str, str]) -> None:
        parts = urlsplit(link)
        if parts.scheme and parts.scheme not in ("http", "https"):
            if not link.startswith(OUTSIDE):
                self.faults.append(f"a link to {parts.scheme}:")
        elif parts.netloc and f"https://{parts.netloc}" != HOST:
            if "noopener" not in given.get("rel", "") or "noreferrer" not in given.get("rel", ""):
                self.faults.append(f"a link to {parts.netloc} that reveals where it was")
        else:
            self.links.append(link)


def crawl(client: Client, start: list[str], *, most: int = MOST_PAGES) -> Iterator[tuple[str, Any, Page | None]]:
    """Yield every page that links lead to from ``start``: its address, its answer, and what it is when it is HTML.

    Pages that differ only in the values of their parameters are one page.
    """
    waiting = deque(start)
    known: set[tuple[str, tuple[str, ...]]] = set()
    while waiting and len(known) < most:
        address = waiting.popleft()
        parts = urlsplit(address)
        kind = (parts.path, tuple(sorted(name for name, _value in parse_qsl(parts.query))))
        if kind in known:
            continue
        known.add(kind)
        answer = client.get(address, secure=True)
        body, page = body_of(answer), None
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            page = Page(body.decode())
            waiting.extend(urljoin(f"{HOST}{address}", link).removeprefix(HOST) for link in page.links)
        if answer.status_code in (301, 302):
            waiting.append(urljoin(f"{HOST}{address}", answer["Location"]).removeprefix(HOST))
        yield address, answer, page

"""A visitor of a hub behind a proxy that ends TLS: logs in, opens pages, and looks whether they are whole."""

from __future__ import annotations

import re
from collections import Counter
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

STYLE = re.compile(r'<link[^>]+rel="stylesheet"[^>]*href="([^"]+)"|<link[^>]+href="([^"]+)"[^>]*rel="stylesheet"')
PART = re.compile(
    r'<script[^>]+src="([^"]+)"|<use href="([^"#]+)#|<img[^>]+src="(/[^"]+)"|<link rel="icon" href="([^"]+)"'
)
LINK = re.compile(r'<a[^>]+href="([^"#]+)"')
FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
TYPES = {".css": "text/css", ".js": "javascript", ".svg": "image/svg+xml"}
# How many pages of one form are opened: /orders/1/ and /orders/2/ are of one form.
MOST_OF_A_FORM = 2
MOST_PAGES = 300


class Visitor:
    """A browser without scripts, at `port` of this machine, that reaches the hub as `host` over TLS."""

    def __init__(self, port: int, host: str) -> None:
        self.origin = f"https://{host}"
        self._base = f"http://127.0.0.1:{port}"
        self._session = requests.Session()
        self._session.trust_env = False
        # The hub's cookies are for TLS alone, and the way from the proxy to the hub has none: they go by hand.
        self._session.cookies.set_policy(DefaultCookiePolicy(secure_protocols=("http", "https")))
        self._session.headers.update({"Host": host, "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"})
        self._parts: dict[str, str] = {}

    def get(self, path: str) -> requests.Response:
        """Open one address; redirects within the hub are followed."""
        answer = self._send("GET", path)
        for _ in range(5):
            if not answer.is_redirect:
                break
            answer = self._send("GET", self._path(answer.headers["Location"]))
        return answer

    def post(self, page: str, fields: dict[str, str], *, to: str = "") -> requests.Response:
        """Send a page's form: its hidden fields, and these."""
        hidden = dict(FIELD.findall(self.get(page).text))
        headers = {"Referer": self.origin + page, "Origin": self.origin}
        return self._send("POST", to or page, data={**hidden, **fields}, headers=headers)

    def log_in(self, name: str, password: str) -> None:
        """Log in through the form."""
        answer = self.post("/login/", {"username": name, "password": password})
        assert answer.status_code == 302, answer.text

    def open_page(self, path: str) -> str:
        """Open a page that must be there, whole, and return its HTML."""
        answer = self.get(path)
        assert answer.status_code == 200, f"{path} answers {answer.status_code}"
        if "text/html" in answer.headers["Content-Type"] and "<html" in answer.text:
            self.check_parts(answer.text, page=path)
        return answer.text

    def check_parts(self, html: str, *, page: str) -> None:
        """Fail unless the page has styles, and all its styles, scripts and pictures are there."""
        styles = {one or other for one, other in STYLE.findall(html)}
        assert styles, f"{page} has no styles"
        parts = {part for found in PART.findall(html) for part in found if part}
        for part in sorted(styles | parts):
            if part not in self._parts:
                self._parts[part] = self._find_fault(part)
            assert not self._parts[part], f"{page} needs {part}, which {self._parts[part]}"

    def crawl(self, start: str = "/") -> set[str]:
        """Open every page that links lead to, each form of address twice at most; return what was opened."""
        waiting, seen, forms = [start], {start}, Counter[str]()
        opened: set[str] = set()
        while waiting:
            path = waiting.pop(0)
            html = self.open_page(path)
            opened.add(path)
            assert len(opened) < MOST_PAGES, f"there is no end: {sorted(opened)[:50]}"
            for link in LINK.findall(html):
                target = self._path(urljoin(self.origin + path, link.replace("&amp;", "&")))
                plain = target.partition("?")[0]
                form = re.sub(r"\d+", "N", plain)
                if not target.startswith("/") or "logout" in plain or plain in seen or forms[form] >= MOST_OF_A_FORM:
                    continue
                forms[form] += 1
                seen.add(plain)
                waiting.append(plain)
        return opened

    def _find_fault(self, part: str) -> str:
        answer = self._send("GET", self._path(part))
        kind = answer.headers.get("Content-Type", "")
        wanted = next((kind for ending, kind in TYPES.items() if urlsplit(part).path.endswith(ending)), "")
        if answer.status_code != 200 or not answer.content or wanted not in kind:
            return f"answers {answer.status_code} {kind}"
        return ""

    def _send(self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> requests.Response:
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._session.cookies)
        return self._session.request(
            method,
            self._base + path,
            headers={**(headers or {}), **({"Cookie": cookies} if cookies else {})},
            allow_redirects=False,
            timeout=60,
            **more,
        )

    def _path(self, url: str) -> str:
        """Return the address within the hub, or "" when it is elsewhere."""
        parts = urlsplit(url)
        if parts.netloc and f"https://{parts.netloc}" != self.origin:
            return ""
        return parts.path + (f"?{parts.query}" if parts.query else "")

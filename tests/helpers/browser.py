"""The browser of the machine, and what its pages complained about."""

from __future__ import annotations

import os
import re
import shutil
from typing import Any

# The one that can draw no window takes half the processor's time for the same pages.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
# Without sandbox, since tests may run as root; the others keep Chromium from talking to anybody but the hub.
ARGUMENTS = [
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str | None:
    """Return the path of a Chromium, or None. PANELHUB_CHROMIUM names one that is elsewhere."""
    named = os.environ.get("PANELHUB_CHROMIUM")
    if named:
        return named
    return next((path for path in map(shutil.which, NAMES) if path), None)


class Complaints:
    """Collects errors and warnings of a page's console, refused content and uncaught exceptions."""

    def __init__(self, page: Any) -> None:
        self.lines: list[str] = []
        page.on("console", self._note_message)
        page.on("pageerror", lambda error: self.lines.append(f"uncaught: {error}"))

    def unexpected(self, patterns: list[str]) -> list[str]:
        """Return the lines in which none of `patterns` is found."""
        return [line for line in self.lines if not any(re.search(pattern, line) for pattern in patterns)]

    def _note_message(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            place = message.location.get("url", "")
            self.lines.append(f"{message.type}: {message.text} ({place})")

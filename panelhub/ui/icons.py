"""The icons of the hub: heroicons' outlines, gathered into one file that browsers keep.

A page refers to an icon by its name in the sprite, so fifty rows of a list cost a few dozen bytes
for each icon instead of a whole drawing. `scripts/make_icons.py` writes the sprite again.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from zipfile import ZipFile

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

SPRITE = "panelhub/icons.svg"

NAMES: tuple[str, ...] = (
    "adjustments-horizontal", "archive-box", "arrow-down", "arrow-down-tray", "arrow-left", "arrow-long-right",
    "arrow-path", "arrow-right-start-on-rectangle", "arrow-top-right-on-square", "arrow-trending-down",
    "arrow-trending-up", "arrow-up", "arrow-up-tray", "arrow-uturn-left", "arrows-right-left", "banknotes",
    "bars-3", "bell", "bolt", "book-open", "bookmark", "building-storefront", "calculator", "calendar-days",
    "chart-bar", "chart-pie", "chat-bubble-left", "check", "check-circle", "chevron-down", "chevron-left",
    "chevron-right", "chevron-up", "chevron-up-down", "circle-stack", "clipboard-document", "clipboard-document-check",
    "clipboard-document-list", "clock", "code-bracket", "cog-6-tooth", "computer-desktop", "cpu-chip", "credit-card",
    "cube", "device-phone-mobile", "document-arrow-down", "document-arrow-up", "document-duplicate", "document-text",
    "ellipsis-horizontal", "ellipsis-horizontal-circle", "envelope", "exclamation-circle", "exclamation-triangle",
    "eye", "eye-slash", "finger-print", "flag", "funnel", "gift", "globe-alt", "hand-raised", "hand-thumb-down",
    "hand-thumb-up", "hashtag", "identification", "inbox", "information-circle", "key", "language", "link",
    "list-bullet", "lock-closed", "lock-open", "magnifying-glass", "minus", "minus-circle", "moon", "no-symbol",
    "paper-airplane", "pause-circle", "pencil-square", "percent-badge", "play-circle", "plus", "plus-circle",
    "power", "printer", "question-mark-circle", "queue-list", "receipt-refund", "rectangle-stack", "scale",
    "server-stack",
    "shield-check", "shield-exclamation", "shopping-bag", "shopping-cart", "signal", "signal-slash", "sparkles",
    "squares-2x2", "star", "stop-circle", "sun", "swatch", "table-cells", "tag", "ticket", "trash", "user",
    "user-circle", "user-group", "user-plus", "users", "view-columns", "wallet", "wrench-screwdriver", "x-circle",
    "x-mark",
)  # fmt: skip

_DRAWING = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


def build_sprite() -> str:
    """Return the text of the sprite: every icon of ``NAMES`` as a symbol named after it."""
    symbols = []
    with (files("heroicons") / "heroicons.zip").open("rb") as archive, ZipFile(archive) as icons:
        for name in NAMES:
            found = _DRAWING.search(icons.read(f"outline/{name}.svg").decode())
            if found is None:
                raise ValueError(f"{name} is no drawing")
            # The ends of lines are the style's; that way a drawing is nothing but its path.
            body = re.sub(r'\s*\n\s*| stroke-line(?:cap|join)="round"', "", found[1])
            symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


@lru_cache(maxsize=512)
def icon(name: str, classes: str = "") -> SafeString:
    """Return the markup of one icon, hidden from screen readers: a word always stands beside it.

    Raises ``KeyError`` for a name that is not in the sprite, so that a page without a
    picture is found by its tests.
    """
    if name not in _KNOWN:
        raise KeyError(f"{name} is not in panelhub.ui.icons.NAMES")
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        f" {classes}" if classes else "",
        static(SPRITE),
        name,
    )


_KNOWN = frozenset(NAMES)

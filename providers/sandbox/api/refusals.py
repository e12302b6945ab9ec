"""How a panel says no."""

from __future__ import annotations

from typing import TYPE_CHECKING

from providers.sandbox.documents import Text

if TYPE_CHECKING:
    from providers.sandbox.panel import Panel


class Refusal(Exception):
    """The panel refused: `text` is what it says, and nothing was bought or changed."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def refuse(panel: Panel, occasion: Text, **values: object) -> Refusal:
    """The refusal in the panel's own words, to be raised."""
    return Refusal(panel.document.text(occasion, **values))


def whole_number(text: str) -> bool:
    """Whether the text is a number as panels count: ASCII digits, not more than a database takes."""
    return text.isascii() and text.isdigit() and len(text) <= 18

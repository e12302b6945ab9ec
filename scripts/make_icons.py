"""Write the icon sprite again: `.venv/bin/python scripts/make_icons.py`."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from panelhub.ui.icons import SPRITE, build_sprite  # noqa: E402

if __name__ == "__main__":
    (ROOT / "static" / SPRITE).write_text(build_sprite(), encoding="utf-8")

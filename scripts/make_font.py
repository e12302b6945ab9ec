"""Write the typeface of the pages again, from the package that has it: `.venv/bin/python scripts/make_font.py`.

Inter has 2,800 glyphs and two axes. Left are the letters of the interface's languages (Thai has none in Inter and comes
from the system), one axis (weight, from regular to bold) and the figures of equal width: 42 KB instead of 880.
"""

from __future__ import annotations

from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Final

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

FOLDER: Final = Path(__file__).resolve().parents[1] / "static" / "panelhub" / "font"
# Latin with its accents (Turkish), the letters of Vietnamese and marks to put on any, currencies, arrows and signs.
RANGES: Final = (
    (0x20, 0x7E), (0xA0, 0x17F), (0x1A0, 0x1A1), (0x1AF, 0x1B0), (0x300, 0x304), (0x309, 0x309), (0x323, 0x323),
    (0x1EA0, 0x1EF9), (0x2009, 0x2009), (0x2013, 0x2014), (0x2018, 0x201E), (0x2022, 0x2022), (0x2026, 0x2026),
    (0x202F, 0x202F), (0x20A0, 0x20BF), (0x2190, 0x2193), (0x2212, 0x2212), (0x2260, 0x2260), (0x2264, 0x2265),
)  # fmt: skip
FEATURES: Final = ("kern", "calt", "ccmp", "locl", "mark", "mkmk", "tnum", "lnum", "case")
TEXT_SIZE: Final = 14


def make_font() -> None:
    """Write `inter.woff2` and its licence."""
    package = files("fontpkg_inter")
    with (package / "files" / "Inter[opsz,wght].ttf").open("rb") as source:
        font = instantiateVariableFont(TTFont(source), {"opsz": TEXT_SIZE, "wght": (400, 400, 700)})
        # The subsetter wants a font as a file holds it.
        whole = BytesIO()
        font.save(whole)
    whole.seek(0)
    font = TTFont(whole, recalcTimestamp=False)
    options = Options()
    options.layout_features, options.name_IDs = list(FEATURES), [0, 1, 2, 13, 14]
    options.hinting, options.notdef_outline = False, True
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[code for first, last in RANGES for code in range(first, last + 1)])
    subsetter.subset(font)
    font.flavor = "woff2"
    FOLDER.mkdir(exist_ok=True)
    font.save(FOLDER / "inter.woff2")
    (FOLDER / "OFL.txt").write_text((package / "LICENSE").read_text(encoding="utf-8"), encoding="utf-8")


if __name__ == "__main__":
    make_font()

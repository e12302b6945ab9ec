"""Commands and settings as the documents and files for operators print them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PRODUCTION: Final = ROOT / "docs" / "production.md"
UNITS: Final = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
PROCESSES: Final = ("web", "worker for clicks", "worker for the background", "schedule")


def read_block(name: str, document: Path = PRODUCTION) -> str:
    """Return the text of the fenced block that begins with ```sh NAME."""
    (text,) = re.findall(
        rf"^```sh {re.escape(name)}\n(.*?)^```$", document.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    return str(text)


def read_commands(document: Path = PRODUCTION) -> dict[str, str]:
    """Return the command of each process in the table of what runs."""
    rows = re.findall(r"^\| ([^|]+) \|[^|]*\| `([^`]+)` \|$", document.read_text("utf-8"), re.MULTILINE)
    return {name.strip(): command for name, command in rows if name.strip() in PROCESSES}


def read_setting_names(document: Path = PRODUCTION) -> list[str]:
    """Return the names in the table of settings."""
    (section,) = re.findall(r"^## Settings$(.*?)^## ", document.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    cells = re.findall(r"^\| (`[^|]+`) \|", section, re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", cell)]


def read_unit_command(unit: Path) -> list[str]:
    """Return the words of a unit's ExecStart."""
    (command,) = re.findall(r"^ExecStart=(.+)$", unit.read_text("utf-8"), re.MULTILINE)
    return shlex.split(command)


def read_image_steps(dockerfile: Path = ROOT / "deploy" / "Dockerfile") -> list[tuple[str, str]]:
    """Return the instructions of the Dockerfile in order, as name and the rest, with continued lines joined."""
    text = re.sub(r"\\\n\s*", " ", dockerfile.read_text("utf-8"))
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in lines)]

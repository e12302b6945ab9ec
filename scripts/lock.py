"""Pin what requirements*.in ask for, with the hashes of every file, for all Pythons from 3.11 on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def lock(name: str) -> None:
    """Write NAME.txt from NAME.in."""
    subprocess.run(
        [
            *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--upgrade"),
            *("--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url"),
            *("--custom-compile-command", "make lock", "--output-file", f"{name}.txt", f"{name}.in"),
        ],
        cwd=ROOT,
        check=True,
    )


if __name__ == "__main__":
    lock("requirements")
    lock("requirements-dev")

"""Every check that needs no test run: all of them are made, then it fails if any did."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Values that only have to be well formed: nothing is served with them.
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "panelhub.settings.production",
    "SECRET_KEY": "only-for-the-deployment-check-0123456789-abcdefghijklmnopqrstuvwxyz",
    "PANELHUB_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "ALLOWED_HOSTS": "hub.example.com",
    "DATABASE_URL": "postgres://panelhub@127.0.0.1:5432/panelhub",
    "CELERY_BROKER_URL": "redis://127.0.0.1:6379/0",
    "DEBUG": "false",
}
CHECKS: tuple[tuple[str, list[str], dict[str, str]], ...] = (
    ("style", ["ruff", "check", "."], {}),
    ("format", ["ruff", "format", "--check", "."], {}),
    ("types", ["mypy"], {}),
    ("imports", ["-c", "from importlinter.cli import lint_imports_command as lint; lint()"], {}),
    # Lint alone, see pyproject.toml; the limit of a line is a rule in .djlint_rules.yaml.
    ("templates", ["djlint", "--lint", "--quiet", "templates"], {}),
    ("texts of other languages", ["scripts/messages.py", "--check"], {}),
    ("migrations", ["manage.py", "makemigrations", "--check", "--dry-run"], {"DATABASE_URL": "sqlite://:memory:"}),
    ("production settings", ["manage.py", "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
)


def main() -> int:
    failed = [name for name, command, environment in CHECKS if not passes(name, command, environment)]
    print("Lint failed: " + ", ".join(failed) if failed else "Lint: all is well.")
    return 1 if failed else 0


def passes(name: str, command: list[str], environment: dict[str, str]) -> bool:
    """Run one check with a tool of this environment; its output is shown only when it fails."""
    program = command if command[0].endswith(".py") or command[0] == "-c" else ["-m", *command]
    done = subprocess.run(
        [sys.executable, *program],
        cwd=ROOT,
        env={**os.environ, "PANELHUB_ENV_FILE": os.devnull, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    print(f"{name}: {'ok' if done.returncode == 0 else 'FAILED'}", flush=True)
    if done.returncode:
        print(done.stdout, flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())

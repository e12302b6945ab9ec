"""Serve the sandbox's panels until they are stopped."""

from __future__ import annotations

import errno
import signal
import sqlite3
import threading
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from providers.sandbox import LIFELIKE, STEADY, Sandbox
from providers.sandbox.documents import DOCUMENTS


class Command(BaseCommand):
    """`manage.py sandbox`: imitations of five SMM panels, and one of the standard dialect, over HTTP."""

    help = "Serve imitations of the SMM panels over HTTP: nothing is bought, nothing is delivered."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to listen, how fast time goes, where the books are kept."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8100, help="0 takes a free one")
        parser.add_argument("--speed", type=_positive, default=60.0, help="simulated seconds a real second")
        parser.add_argument("--state", type=Path, help="SQLite file that keeps the books; in memory without")
        parser.add_argument("--only", action="append", default=[], choices=sorted(DOCUMENTS), metavar="SLUG")
        parser.add_argument(
            "--variant",
            action="append",
            default=[],
            type=_variant,
            metavar="SLUG=NAME",
            help="which reading of a document that contradicts itself, as in servsmm=heading",
        )
        parser.add_argument("--steady", action="store_true", help="nothing goes wrong by itself")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line a panel, then serve; ends with SIGINT or SIGTERM."""
        stopped = threading.Event()
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: stopped.set())
        with self._open(options) as box:
            for slug, panel in box.panels.items():
                self.stdout.write(f"{panel.document.title} (sandbox)  {box.url(slug)}  key {panel.key}")
            self.stdout.write(f"Control page: {box.address}/")
            self.stdout.flush()
            stopped.wait()

    def _open(self, options: dict[str, Any]) -> Sandbox:
        host, port = options["host"], options["port"]
        stated = {slug: document.requests_per_minute for slug, document in DOCUMENTS.items()}
        try:
            return Sandbox(
                host=host,
                port=port,
                speed=options["speed"],
                state=options["state"],
                only=options["only"],
                variants=dict(options["variant"]),
                fates=STEADY if options["steady"] else LIFELIKE,
                requests_per_minute={slug: limit for slug, limit in stated.items() if limit is not None},
            )
        except ValueError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise CommandError(f"Port {port} of {host} is already in use: choose another with --port.") from error
            if isinstance(error, BlockingIOError):
                raise CommandError(f"Cannot start: {error.strerror}.") from error
            raise CommandError(f"Cannot listen on port {port} of {host}: {error.strerror}.") from error
        except sqlite3.Error as error:
            raise CommandError(f"Cannot keep books in {options['state']}: {error}.") from error


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise ArgumentTypeError(f"{text!r} is not a speed above zero")
    return number


def _variant(text: str) -> tuple[str, str]:
    slug, separator, name = text.partition("=")
    if not separator:
        raise ArgumentTypeError(f"{text!r} is not of the form SLUG=NAME")
    return slug, name

"""`manage.py run`: the whole hub in one terminal."""

from __future__ import annotations

import os
from typing import Any, NoReturn

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, connections

from panelhub.launcher.plan import (
    CannotRun,
    become_supervisor,
    choose_sandbox_port,
    hold_folder,
    is_port_free,
    parse_port,
    plan_children,
    sign_folder,
)
from panelhub.launcher.startup import Startup, take_steps


class Command(BaseCommand):
    """Prepares the database, then becomes the supervisor of web server, workers, schedule and sandbox."""

    help = "Runs everything: web server, workers, schedule and (unless SANDBOX=0) the sandbox. Ctrl-C ends it all."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", default=os.environ.get("PORT") or "8000", help="PORT; 8000 by default")
        parser.add_argument(
            "--no-sandbox",
            action="store_true",
            default=os.environ.get("SANDBOX", "1").strip().lower() in {"0", "no", "false", "off"},
            help="SANDBOX=0: no sandbox, and no accounts on it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._run(port_text=str(options["port"]), with_sandbox=not options["no_sandbox"])
        except CannotRun as error:
            self._stop_with(str(error))
        except Error as error:
            self._stop_with(f"The database cannot be used: {error}".strip())

    def _stop_with(self, sentence: str) -> NoReturn:
        # Not a CommandError: its name in front would be noise to whoever only wants to start the hub.
        self.stderr.write(sentence)
        raise SystemExit(1)

    def _run(self, *, port_text: str, with_sandbox: bool) -> None:
        host, port = "127.0.0.1", parse_port(port_text)
        address = f"http://{host}:{port}"
        lock = hold_folder(settings.PANELHUB_VAR)
        if not is_port_free(host, port):
            raise CannotRun(
                f"Port {port} is in use; choose another with: make run PORT={port + 1 if port < 65535 else port - 1}"
            )
        sign_folder(lock, address=address)
        sandbox_port = choose_sandbox_port(settings.PANELHUB_VAR / "sandbox" / "port") if with_sandbox else None
        origin = f"http://127.0.0.1:{sandbox_port}" if sandbox_port else ""
        # A terminal is no place for a line of each request.
        os.environ.setdefault("LOG_LEVEL", "WARNING")
        settings.PANELHUB_SANDBOX_ORIGIN = origin
        os.environ["PANELHUB_SANDBOX_ORIGIN"] = origin

        call_command("migrate", verbosity=0, interactive=False)
        take_steps(Startup(say=self.stdout.write, sandbox_origin=origin))
        connections.close_all()
        # Kept over the change of program, and with it the lock.
        os.set_inheritable(lock, True)  # noqa: FBT003 - a system call takes no names
        become_supervisor(
            children=plan_children(host=host, port=port, sandbox_port=sandbox_port),
            host=host,
            port=port,
            announcement=_announce(address, sandbox_origin=origin),
        )


def _announce(address: str, *, sandbox_origin: str) -> str:
    sandbox = f" The sandbox is at {sandbox_origin}/." if sandbox_origin else ""
    return f"PanelHub is ready at {address} (Ctrl-C stops it).{sandbox}"

"""Look whether an account works, and what it can do."""

from __future__ import annotations

from typing import Any, Final

from django.core.management.base import CommandError, CommandParser

from panelhub.background.command import JobCommand
from panelhub.redaction import scrub
from providers.job_runs import run_check
from providers.models import Provider

MARKS: Final = {"good": "+", "bad": "!", "note": "·"}


class Command(JobCommand):
    """`manage.py check_provider NAME`: reading calls only."""

    help = "Look whether a provider's key works and what the provider can do; costs nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """The name of the provider."""
        parser.add_argument("name", metavar="NAME")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, print what was found, then figures and failures."""
        provider = Provider.objects.filter(name=options["name"]).first()
        if provider is None:
            raise CommandError(f"There is no provider called {options['name']!r}.")
        ran, check = run_check(provider)
        if check is None and not ran.failure:
            self.stdout.write("It is being checked elsewhere at this moment.")
        for line in check.lines if check else ():
            self.stdout.write(scrub(f"{MARKS.get(line['kind'], ' ')} {line['text']}"))
        failures: dict[str, object] = {provider.name: ran.failure} if ran.failure else {}
        found = [line["kind"] for line in check.lines] if check else []
        self.conclude({kind: found.count(kind) for kind in MARKS}, failures, of=1)

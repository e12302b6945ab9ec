"""What the commands that run a background job by hand have in common: figures at the end, failures by name."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping

from django.core.management.base import BaseCommand, CommandError

from panelhub.redaction import scrub

logger = logging.getLogger(__name__)


class JobCommand(BaseCommand):
    """A job in the foreground: exit status 0 when all went well, 1 when a provider failed."""

    def conclude(self, figures: Mapping[str, int], failures: Mapping[str, object], *, of: int) -> None:
        """Print one line of figures, and for each of the `of` providers that failed a line on stderr with why.

        Secrets are struck out. Raises CommandError, so that the exit status is 1, when there were failures.
        """
        shown = Counter(figures)
        self.stdout.write(", ".join(f"{name.replace('_', ' ')}: {figure}" for name, figure in shown.items()))
        for name, reason in failures.items():
            self.stderr.write(scrub(f"{name}: {say_why(reason)}"))
        if failures:
            names = ", ".join(failures)
            raise CommandError(scrub(f"{len(failures)} of {of} providers failed: {names}"))


def say_why(reason: object) -> str:
    """Return a failure in one line; the unforeseen goes to the log with its traceback."""
    if isinstance(reason, Exception):
        logger.error("A job failed in an unforeseen way.", exc_info=reason)
        return f"{type(reason).__name__}: {reason}"
    return " ".join(str(reason).split())

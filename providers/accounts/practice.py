"""Practice at the sandbox: what its panels can be made to do, and the calls that make them. No money is spent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import requests
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

SECONDS: Final = 3
FULL: Final = "500"


class SandboxSilent(Exception):
    """The sandbox did not do what it was told; says why."""


@dataclass(frozen=True, slots=True)
class Exercise:
    """One thing a panel can be made to do: the calls to its control, and what to try then."""

    slug: str
    label: Any
    about: Any
    icon: str
    calls: tuple[tuple[str, dict[str, Any]], ...] = field(default_factory=tuple)


EXERCISES: Final = (
    Exercise(
        "lost",
        gettext_lazy("Lose the next reply"),
        gettext_lazy("The next order is taken, but the reply is lost: it becomes unconfirmed, and you resolve it."),
        "question-mark-circle",
        (("misbehave", {"fault": "close_after_accept", "action": "add", "times": 1}),),
    ),
    Exercise(
        "refuse",
        gettext_lazy("Refuse the next order"),
        gettext_lazy("The next order is rejected with the panel’s words. Nothing is bought."),
        "no-symbol",
        (("misbehave", {"fault": "refused", "action": "add", "times": 1}),),
    ),
    Exercise(
        "funds",
        gettext_lazy("Run out of funds"),
        gettext_lazy("The balance drops to 0: the provider is paused at the next order, and orders wait for a top-up."),
        "wallet",
        (("balance", {"balance": "0"}),),
    ),
    Exercise(
        "behave",
        gettext_lazy("Back to normal"),
        gettext_lazy("Faults end and the balance is topped up to 500."),
        "check-circle",
        (("behave", {}), ("balance", {"balance": FULL})),
    ),
)
BY_SLUG: Final = {one.slug: one for one in EXERCISES}


def carry_out(exercise: Exercise, panel: str) -> None:
    """Have a panel of the sandbox that runs beside the hub do this; raises :class:`SandboxSilent`."""
    with requests.Session() as session:
        # Straight to our own machine: no proxy, no redirect.
        session.trust_env = False
        for name, body in exercise.calls:
            try:
                answer = session.post(
                    f"{settings.PANELHUB_SANDBOX_ORIGIN}/control/{name}",
                    json={**body, "panel": panel},
                    timeout=SECONDS,
                    allow_redirects=False,
                )
            except requests.RequestException as error:
                raise SandboxSilent(_("The sandbox doesn’t answer. Is it running?")) from error
            if answer.status_code != 200:
                raise SandboxSilent(_("The sandbox refused this: %(text)s") % {"text": answer.text[:200]})

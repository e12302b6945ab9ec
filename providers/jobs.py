"""The provider side's jobs, as people see and start them."""

from __future__ import annotations

from functools import partial

from django.utils.translation import gettext_lazy as _

from panelhub.background.dispatch import publish
from panelhub.background.job_registry import Job, enter_job
from providers import intervals
from providers.calls import retention
from providers.models import Provider


def _ask_everybody(task: str) -> None:
    for pk in Provider.objects.active().values_list("pk", flat=True):
        publish(task, pk)


def enter_jobs() -> None:
    """Enter the jobs of this app into the list."""
    enter_job(
        Job(
            "sync_services",
            _("Services"),
            _("Syncs every provider’s catalogue."),
            intervals.SERVICES,
            partial(_ask_everybody, "providers.tasks.sync_services"),
        )
    )
    enter_job(
        Job(
            "sync_balances",
            _("Balances"),
            _("Syncs balances and checks paused or failing providers."),
            intervals.BALANCES,
            partial(_ask_everybody, "providers.tasks.sync_balance"),
        )
    )
    enter_job(
        Job(
            "sync_products",
            _("Products"),
            _("Syncs product shops."),
            intervals.PRODUCTS,
            partial(_ask_everybody, "providers.tasks.sync_products"),
        )
    )
    enter_job(
        Job(
            retention.JOB,
            _("Call log"),
            _("Removes old call records."),
            retention.EVERY,
            partial(publish, "providers.tasks.tidy_records"),  # type: ignore[arg-type]
        )
    )

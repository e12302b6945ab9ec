"""`manage.py hold_restored`: after a database was restored from a backup, before the hub is started."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from orders.aftercare.refill_rules import put_off_restored_rules
from orders.schedules.services import hold_restored_schedules
from orders.submission.restore import hold_restored
from panelhub.launcher.startup import Startup
from providers.accounts.services import rebind_keys


class Command(BaseCommand):
    """Makes sure that nothing which waited in the backup is sent a second time."""

    help = "Hold what was queued in a restored database, since it may have been sent after the backup was made."

    def handle(self, *args: Any, **options: Any) -> None:
        done = hold_restored()
        done["schedules held"] = hold_restored_schedules()
        done["refill rules put off"] = put_off_restored_rules()
        self.stdout.write(", ".join(f"{what} {count}" for what, count in sorted(done.items())) or "nothing waited")
        rebind_keys(Startup(say=self.stdout.write))

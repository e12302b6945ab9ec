"""``python -m tests.chaos.neighbours``: healthy orders beside sick providers, with one worker as it comes.

Sick panels answer 429, drip a byte a second, say nothing, or never finish a TLS handshake. Meanwhile people order at
a healthy one, and its catalogue, balance and statuses are requested. Printed is how long each waited for its call.
With ``--servers`` on a PostgreSQL and a Redis of its own, else on SQLite and the embedded broker.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.chaos import servers

if TYPE_CHECKING:
    from tests.helpers.sick_panels import Panel

MIXED: Final = "mixed"
ORDERS_EACH: Final = 15
LONGEST_WAIT: Final = 5.0
JOBS: Final = {
    "services": "providers.tasks.sync_services",
    "balance": "providers.tasks.sync_balance",
    "status": "orders.polling.tasks.sync_statuses",
}


@dataclass(slots=True)
class Found:
    """What a run saw: seconds from queued to placed of every healthy order, seconds a job of the healthy one waited."""

    orders: list[float] = field(default_factory=list)
    unplaced: int = 0
    jobs: dict[str, list[float]] = field(default_factory=dict)
    unheard: dict[str, int] = field(default_factory=dict)
    most_old: int = 0
    threads: int = 0

    def is_well(self, *, longest: float = LONGEST_WAIT) -> bool:
        """Return whether nothing healthy was held up for longer than ``longest`` seconds."""
        waits = [*self.orders, *(wait for waits in self.jobs.values() for wait in waits)]
        return not self.unplaced and not any(self.unheard.values()) and max(waits, default=0.0) <= longest


def make_accounts(panels: list[Panel], *, orders: int = ORDERS_EACH) -> list[Any]:
    """Return an account at each panel, with so many orders queued at the sick ones."""
    from orders.models import Order
    from providers.models import Provider, Service

    accounts = []
    for number, panel in enumerate(panels):
        account = Provider.objects.create(
            name=f"{panel.kind} {number}", dialect="standard", api_url=panel.url, api_key=f"key-of-panel-{number}-0123",
            requests_per_minute=600, currency="USD", balance=1000,
        )  # fmt: skip
        service = Service.objects.create(
            provider=account, external_id="1", name="Likes", rate="0.90", min_quantity=1, max_quantity=10_000
        )
        if panel.kind != "healthy":
            Order.objects.bulk_create(
                Order(provider=account, service=service, link=f"https://example.com/{number}/{one}", quantity=100,
                      status="queued")
                for one in range(orders)
            )  # fmt: skip
        accounts.append(account)
    return accounts


def close_accounts(accounts: list[Any]) -> list[str]:
    """Leave the sick accounts alone from now on; return what should not have happened at them."""
    from orders.models import Order
    from providers.models import Provider

    Provider.objects.filter(pk__in=[account.pk for account in accounts]).update(is_active=False)
    placed = Order.objects.filter(provider__in=accounts, external_id__isnull=False).count()
    return [f"{placed} orders placed at sick panels, which place none"] if placed else []


def order_beside(account: Any, panel: Panel, *, seconds: float, every: float = 0.5, grace: float = 60.0) -> Found:
    """Order at the healthy ``account`` for so many seconds, have its jobs done, and note what waited."""
    from orders.models import Order
    from panelhub.background.dispatch import publish
    from panelhub.schedule import CLICKS

    found = Found(jobs={name: [] for name in JOBS}, unheard=dict.fromkeys(JOBS, 0))
    service = account.services.get(external_id="1")
    asked: dict[str, float] = {}
    end = time.monotonic() + seconds
    number = 0
    while time.monotonic() < end:
        number += 1
        Order.objects.create(
            provider=account, service=service, link=f"https://example.com/healthy/{number}", quantity=100,
            status="queued",
        )  # fmt: skip
        publish("orders.submission.tasks.submit_provider", account.pk, queue=CLICKS)
        _note_jobs(panel, asked, found)
        for name, task in JOBS.items():
            if name not in asked and number % 6 == 0:
                asked[name] = time.monotonic()
                if name == "status":
                    account.poll_rounds.update(due_at="2000-01-01T00:00Z")
                publish(task, account.pk)
        time.sleep(every)
    deadline = time.monotonic() + grace
    while asked or Order.objects.filter(provider=account, status__in=("queued", "sending")).exists():
        if time.monotonic() > deadline:
            break
        time.sleep(0.2)
        _note_jobs(panel, asked, found)
    for name in asked:
        found.unheard[name] += 1
    for created, placed in Order.objects.filter(provider=account).values_list("created_at", "placed_at"):
        if placed is None:
            found.unplaced += 1
        else:
            found.orders.append((placed - created).total_seconds())
    return found


def _note_jobs(panel: Panel, asked: dict[str, float], found: Found) -> None:
    for name, at in list(asked.items()):
        heard = [moment for moment in panel.times_of(name) if moment >= at]
        if heard:
            found.jobs[name].append(heard[0] - at)
            del asked[name]


def describe(found: Found) -> str:
    """Return a run in one line of a table."""
    waits = sorted(found.orders) or [float("nan")]
    jobs = ", ".join(
        f"{name} {max(waits, default=float('nan')):.1f}"
        + (f" ({found.unheard[name]} never)" if found.unheard[name] else "")
        for name, waits in found.jobs.items()
    )
    figures = (len(waits), found.unplaced, f"{waits[len(waits) // 2]:.2f}", f"{waits[-1]:.2f}", jobs, found.most_old)
    return f"| {' | '.join(map(str, figures))} | {found.threads} |"


def _start_worker(folder: Path) -> subprocess.Popen[bytes]:
    command = [
        *(sys.executable, "-m", "celery", "--quiet", "--app", "panelhub", "worker", "--with-schedule"),
        *("--loglevel", "WARNING", "--without-gossip", "--without-mingle"),
    ]
    with (folder / "worker.log").open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)


def _watch_threads(pid: int, found: list[int], over: threading.Event) -> None:
    while not over.wait(0.5):
        with suppress(OSError):
            found.append(sum(1 for _ in Path(f"/proc/{pid}/task").iterdir()))


def _run(kind: str, sick: int, seconds: float) -> bool:
    from tests.helpers.sick_panels import SICK, Panel

    kinds = [SICK[number % len(SICK)] if kind == MIXED else kind for number in range(sick)]
    with ExitStack() as stack:
        panels = [stack.enter_context(Panel(one)) for one in kinds]
        healthy = stack.enter_context(Panel())
        accounts = make_accounts([*panels, healthy])
        worker = _start_worker(Path(os.environ["PANELHUB_VAR"]))
        over = threading.Event()
        threads: list[int] = []
        threading.Thread(target=_watch_threads, args=(worker.pid, threads, over), daemon=True).start()
        try:
            time.sleep(12)
            found = order_beside(accounts[-1], healthy, seconds=seconds)
        finally:
            over.set()
            with suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
        found.most_old = max((panel.most_old for panel in panels), default=0)
        found.threads = max(threads, default=0)
    print(f"| {kind} | {sick} {describe(found)} {os.getloadavg()[0]:.1f} |", flush=True)
    return found.is_well()


def main() -> int:
    """Return one run; the exit status is 1 when something healthy was held up."""
    from tests.helpers.sick_panels import SICK

    parser = argparse.ArgumentParser(prog="python -m tests.chaos.neighbours", description=__doc__)
    parser.add_argument("--kind", choices=[*SICK, MIXED, "healthy"], default=MIXED)
    parser.add_argument("--sick", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--servers", action="store_true", help="PostgreSQL and Redis in place of files")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="panelhub-neighbours-"))
    folder.chmod(0o711)  # PostgreSQL runs as a user of its own and has to get at its folder
    names = ("postgresql", "redis") if options.servers else ("sqlite", "embedded")
    database, broker = servers.DATABASES[names[0]](folder), servers.BROKERS[names[1]](folder)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.callback(database.kill)
        stack.enter_context(servers.running(broker))
        return _run_on(database.url, broker.url, folder, options)


def _run_on(database_url: str, broker_url: str, folder: Path, options: argparse.Namespace) -> int:
    os.environ |= {
        "DATABASE_URL": database_url,
        "CELERY_BROKER_URL": broker_url,
        "PANELHUB_VAR": str(folder / "var"),
        "PANELHUB_ENV_FILE": os.devnull,
        "PANELHUB_ALLOW_PRIVATE_PROVIDERS": "true",
        "PANELHUB_QUEUE_PREFIX": f"neighbours-{os.getpid()}-",
        "DJANGO_SETTINGS_MODULE": "panelhub.settings",
    }
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    try:
        call_command("migrate", verbosity=0)
        return 0 if _run(options.kind, options.sick, options.seconds) else 1
    finally:
        if wanted := int(os.environ.get("LOG_LINES", "0")):
            log = folder / "var" / "worker.log"
            print("\n".join(log.read_text(errors="replace").splitlines()[-wanted:]))
        connection.close()


if __name__ == "__main__":
    sys.exit(main())

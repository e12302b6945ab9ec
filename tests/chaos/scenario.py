"""Run one scenario of the fault run in its own process: a database, a broker, workers, and all that goes wrong."""

from __future__ import annotations

import os
import secrets
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.chaos import servers
from tests.chaos.guard import stay_on_this_machine
from tests.chaos.monkey import Monkey, Pace
from tests.chaos.workers import Worker

PAID_SECONDS: Final = 2.0
READ_SECONDS: Final = 2.0
SWEEP_SECONDS: Final = 6.0
FAULTY: Final = 0.10
PLENTY: Final = 10**9
STARTED: Final = time.monotonic()
# A hundred orders have to be enough to catch the naive sender, whatever chance says.
NAIVE_ORDERS: Final = 100
NAIVE_SHARE: Final = 0.3
# A hub that sends nothing loses nothing.
LEAST_PLACED: Final = 0.6
SLUGS: Final = ("servsmm", "smmplus", "smpanelim", "smmprovider", "smmvna", "standard")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What is tried: servers by their names in `tests.chaos.servers`, how many workers and orders.

    `least` is how often an action must have happened while people ordered, else the scenario proves nothing; it
    goes on until then. With `unconfirmed` false nothing may end so.
    """

    name: str
    database: str
    broker: str
    workers: int
    orders: int
    minutes: float
    share: float = FAULTY
    seed: int = 1
    pace: Pace = field(default_factory=Pace)
    least: tuple[str, int] = ("", 0)
    unconfirmed: bool = True
    neighbours: bool = False


@dataclass(slots=True)
class Outcome:
    """The result of a scenario. `before` and `after` are the books before and after people settled what was left."""

    scenario: str
    seconds: float = 0.0
    ordering_seconds: float = 0.0
    disturbances: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    calls: int = 0
    faults_met: int = 0
    ways: int = 0
    ways_met: int = 0
    before: list[dict[str, Any]] = field(default_factory=list)
    after: list[dict[str, Any]] = field(default_factory=list)
    settled: dict[str, int] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    naive: list[str] = field(default_factory=list)
    naive_line: dict[str, Any] = field(default_factory=dict)


def run_scenario(scenario: Scenario, folder: Path) -> Outcome:
    """Run a scenario with all its files in `folder`; raises what a server raises that does not start."""
    stay_on_this_machine()
    database = servers.DATABASES[scenario.database](folder)
    broker = servers.BROKERS[scenario.broker](folder)
    with ExitStack() as stack:
        stack.callback(database.kill)
        if isinstance(database, servers.PostgreSQL):
            database.prove_own()
        stack.enter_context(servers.running(broker))
        _set_up_django(database.url, broker.url, folder)
        return _run(scenario, folder, database, broker)


def _set_up_django(database_url: str, broker_url: str, folder: Path) -> None:
    os.environ.update(
        DJANGO_SETTINGS_MODULE="panelhub.settings",
        DATABASE_URL=database_url,
        CELERY_BROKER_URL=broker_url,
        PANELHUB_VAR=str(folder / "var"),
        PANELHUB_ENV_FILE=os.devnull,
        PANELHUB_ALLOW_PRIVATE_PROVIDERS="true",
        PANELHUB_PAID_SECONDS=str(PAID_SECONDS),
        PANELHUB_READ_SECONDS=str(READ_SECONDS),
        PANELHUB_SWEEP_SECONDS=str(SWEEP_SECONDS),
        LOG_LEVEL="ERROR",
    )
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def _run(scenario: Scenario, folder: Path, database: servers.Server, broker: servers.Server) -> Outcome:
    from django.contrib.auth.models import User
    from django.db import connection

    from providers.sandbox import Sandbox
    from tests.chaos import conservation, panels, quiesce
    from tests.chaos.fast_clock import Hurry, hurry
    from tests.chaos.neighbours import close_accounts, make_accounts
    from tests.chaos.staff import Staff
    from tests.helpers.conservation import check_conservation
    from tests.helpers.sick_panels import SICK, Panel

    outcome = Outcome(scenario.name)
    started = time.monotonic()
    until = started + scenario.minutes * 60
    with Sandbox(state=folder / "panels.sqlite3", only=SLUGS) as box, ExitStack() as beside:
        person = User.objects.create_superuser("tests.chaos", password=secrets.token_urlsafe(24))
        providers = [_open_account(box, slug) for slug in SLUGS]
        sick = [beside.enter_context(Panel(kind)) for kind in SICK] if scenario.neighbours else []
        neighbours = make_accounts(sick)
        workers = [Worker(number=number, folder=folder) for number in range(1, scenario.workers + 1)]
        monkey = Monkey(workers=workers, broker=broker, database=database, pace=scenario.pace, seed=scenario.seed)
        impatience = Hurry()
        staff = Staff(person=person, providers=providers, box=box, orders=scenario.orders, seed=scenario.seed)
        try:
            for slug in SLUGS:
                outcome.ways = max(
                    outcome.ways, panels.misbehave(box.panel(slug), share=scenario.share, patience=PAID_SECONDS)
                )
            for worker in workers:
                worker.start()
            impatience.start()
            monkey.start()
            say(
                f"{scenario.name}: {scenario.orders} orders, {scenario.workers} workers, {database.name}, {broker.name}"
            )
            staff.work(until=until)
            outcome.ordering_seconds = time.monotonic() - started
            say(f"{scenario.name}: all ordered after {outcome.ordering_seconds:.0f} s; faults go on until it is sent")
            staff.see_it_through(until=until)
            staff.go_on(until=until, enough=lambda: monkey.disturbances[scenario.least[0]] >= scenario.least[1])
        finally:
            monkey.leave_off()
        for slug in SLUGS:
            box.panel(slug).behave()
        outcome.violations += close_accounts(neighbours)
        outcome.people["calls of sick neighbours"] = sum(len(panel.calls) for panel in sick)
        say(f"{scenario.name}: no more faults; coming to rest")
        connection.close()
        try:
            left = quiesce.wait_for_rest(until=time.monotonic() + _patience(scenario), look=hurry)
            outcome.violations += [f"still {state}: {count}" for state, count in left.items()]
            impatience.stop()
            outcome.violations += check_conservation(box.ledger, providers, at_rest=True)
            outcome.before = [conservation.as_dict(line) for line in conservation.read_books(box.ledger, providers)]
            say(f"{scenario.name}: at rest; searching for what is unconfirmed")
            undone = quiesce.search_for_all(until=time.monotonic() + _patience(scenario))
            outcome.violations += [f"{undone} searches did not end"] if undone else []
        finally:
            for worker in workers:
                worker.kill()
        outcome.settled = dict(quiesce.settle_all(box, providers, by=person))
        outcome.violations += check_conservation(box.ledger, providers, at_rest=True)
        after = conservation.read_books(box.ledger, providers)
        outcome.after = [conservation.as_dict(line) for line in after]
        outcome.violations += [f"not balanced: {line}" for line in after if not line.is_balanced]
        outcome.violations += [f"{line.provider}: {line.unconfirmed} left open" for line in after if line.unconfirmed]
        outcome.violations += [
            f"confirmed as accepted, not there once: {mark}" for mark in conservation.missing_of(staff.reported)
        ]
        outcome.violations += [
            f"{key}: {count}" for key, count in staff.did.items() if key.startswith("forms that made")
        ]
        if database.name == "SQLite" and (seen := staff.did["errors people saw"]):
            outcome.violations.append(f"people saw {seen} errors of a database that never went away")
        if box.elsewhere:
            outcome.violations.append(f"{len(box.elsewhere)} requests followed a redirect")
        outcome.calls, met = panels.count_faults(box, SLUGS)
        outcome.faults_met, outcome.ways_met = met.total(), len(met)
        if monkey.disturbances[scenario.least[0]] < scenario.least[1]:
            outcome.violations.append(
                f"{scenario.least[0]}: only {monkey.disturbances[scenario.least[0]]}, so this proves nothing"
            )
        if not scenario.unconfirmed:
            open_ = sum(line["unconfirmed"] for line in outcome.before)
            outcome.violations += [f"{open_} unconfirmed, where none may be"] if open_ else []
        outcome.disturbances = dict(+monkey.disturbances)
        outcome.people |= dict(+staff.did)
    say(f"{scenario.name}: all is settled; trying it naively")
    _try_naively(outcome)
    connection.close()
    outcome.seconds = time.monotonic() - started
    return outcome


def _patience(scenario: Scenario) -> float:
    """Return seconds that coming to rest, and searching, may take on a machine that is busy with other things."""
    return 240.0 + scenario.orders / 5


def _open_account(box: Any, slug: str) -> Any:
    from providers.catalogue.product_sync import sync_products
    from providers.catalogue.sync import sync_services
    from providers.models import Provider

    panel = box.panel(slug)
    panel.balance = PLENTY
    provider = Provider.objects.create(
        name=slug,
        dialect=slug,
        api_url=box.url(slug),
        api_key=box.key(slug),
        currency=panel.document.currency,
        requests_per_minute=60_000,
        refill_pause_hours=0,
    )
    sync_services(provider)
    if panel.shop.products:
        sync_products(provider)
    provider.refresh_from_db()
    return provider


def _try_naively(outcome: Outcome) -> None:
    """The same faults, ledger and checker for a naive sender: it has to be caught."""
    from providers.models import Provider, Service
    from providers.sandbox import Sandbox
    from tests.chaos import conservation, negative_control, panels
    from tests.helpers.at_sandbox import queue_order
    from tests.helpers.conservation import check_conservation

    with Sandbox(only=["standard"]) as box:
        box.panel("standard").balance = PLENTY
        provider = Provider.objects.create(
            name="naive", dialect="standard", api_url=box.url("standard"), api_key=box.key("standard")
        )
        known = Service.objects.filter(provider__name="standard", type="default", min_quantity__lte=1_000).first()
        assert known is not None
        service = Service.objects.create(
            **{
                field: getattr(known, field)
                for field in ("external_id", "name", "type", "rate", "min_quantity", "max_quantity")
            },
            provider=provider,
        )
        for number in range(NAIVE_ORDERS):
            queue_order(service, number=number)
        panels.misbehave(box.panel("standard"), share=NAIVE_SHARE, patience=PAID_SECONDS, without=panels.SLOW)
        negative_control.send_naively(provider)
        outcome.naive = check_conservation(box.ledger, [provider])
        lines = [line for line in conservation.read_books(box.ledger, [provider]) if line.kind == "order"]
        outcome.naive_line = conservation.as_dict(lines[0])


def as_dict(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as it is handed to another process."""
    return asdict(outcome)


def say(text: str) -> None:
    """Tell whoever waits how far it is."""
    print(f"[{time.monotonic() - STARTED:5.0f} s] {text}", file=sys.stderr, flush=True)

"""``python -m tests.chaos [--orders N] [--only NAME] [--small]``: run the scenarios one after the other, and report.

Each scenario runs in a process of its own, on servers of its own in a folder of its own. The exit status is 0 when
all is well, 1 when something was found, 2 when it could not be tried. With something found, the folder is kept.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from tests.chaos import report
from tests.chaos.guard import ForeignServer, refuse_foreign
from tests.chaos.monkey import Pace
from tests.chaos.numbered import NAME as NUMBERED
from tests.chaos.numbered import try_numbered
from tests.chaos.refusals import NAME as REFUSALS
from tests.chaos.refusals import ORDERS as REFUSAL_ORDERS
from tests.chaos.refusals import try_refusals
from tests.chaos.scenario import Scenario, as_dict, run_scenario
from tests.chaos.scenarios import ORDERS, SCENARIOS
from tests.chaos.servers import NotInstalled
from tests.chaos.upgrade import NAME as UPGRADE
from tests.chaos.upgrade import ORDERS as UPGRADED
from tests.chaos.upgrade import try_upgrade

NOT_TRIED: Final = 2


def main() -> int:
    """Run what was requested, or, with ``--scenario``, one scenario here."""
    options = _parse()
    if options.scenario:
        return _run_here(json.loads(options.scenario), Path(options.folder))
    try:
        refuse_foreign(os.environ)
    except ForeignServer as reason:
        print(reason, file=sys.stderr)
        return NOT_TRIED
    print(report.describe_machine(), flush=True)
    found = [_run_scenario(scenario, options) for scenario in _pick(options)]
    if not options.small and (not options.only or NUMBERED in options.only):
        found.append(_try_numbered())
    if not options.small and (not options.only or REFUSALS in options.only):
        found.append(_try_refusals(options.orders if options.only and options.orders else REFUSAL_ORDERS, options.seed))
    if not options.small and (not options.only or UPGRADE in options.only):
        found.append(_try_upgrade(options.orders if options.only and options.orders else UPGRADED))
    return max(found, default=NOT_TRIED)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.chaos", description="Run the hub under faults of every kind."
    )
    parser.add_argument("--orders", type=int, help=f"orders of the first scenario (default {ORDERS}; others a tenth)")
    parser.add_argument(
        "--only",
        action="append",
        choices=[*(scenario.name for scenario in SCENARIOS), NUMBERED, REFUSALS, UPGRADE],
        help="this alone",
    )
    parser.add_argument("--small", action="store_true", help="SQLite, the embedded broker and one worker alone")
    parser.add_argument("--minutes", type=float, help="how long people may take to order it all")
    parser.add_argument("--seed", type=int, default=1, help="another seed is another run")
    parser.add_argument("--neighbours", action="store_true", help="sick panels beside the others")
    parser.add_argument("--keep", action="store_true", help="keep the folder with databases, books and logs")
    parser.add_argument("--scenario", help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    return parser.parse_args()


def _pick(options: argparse.Namespace) -> list[Scenario]:
    only = ["small"] if options.small else options.only
    scenarios = [scenario for scenario in SCENARIOS if not only or scenario.name in only]
    if options.orders:
        # Asked for by itself, a scenario gets all of the orders.
        scenarios = [
            replace(scenario, orders=max(1, options.orders * scenario.orders // scenarios[0].orders))
            for scenario in scenarios
        ]
    if options.minutes:
        scenarios = [replace(scenario, minutes=options.minutes) for scenario in scenarios]
    return [replace(scenario, seed=options.seed, neighbours=options.neighbours) for scenario in scenarios]


def _run_scenario(scenario: Scenario, options: argparse.Namespace) -> int:
    # Nothing of a person's own settings reaches a scenario.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PANELHUB_", "DJANGO_"))}
    folder = Path(tempfile.mkdtemp(prefix="panelhub-torture-"))
    folder.chmod(0o711)  # PostgreSQL runs as a person of its own and has to get at its folder
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos", "--scenario", json.dumps(asdict(scenario)), "--folder", str(folder)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    status = _report(scenario, done.returncode, done.stdout.splitlines())
    if status or options.keep:
        print(f"Databases, books and logs are in {folder}", file=sys.stderr)
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return status


def _try_numbered() -> int:
    print("\n## The numbered faults at their full size\n", flush=True)
    with tempfile.TemporaryDirectory(prefix="panelhub-torture-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        return min(1, try_numbered(Path(folder)))


def _try_refusals(orders: int, seed: int) -> int:
    print("\n## Unlisted refusals\n", flush=True)
    with tempfile.TemporaryDirectory(prefix="panelhub-torture-", ignore_cleanup_errors=True) as folder:
        return try_refusals(Path(folder), orders, seed)


def _try_upgrade(orders: int) -> int:
    print("\n## An upgrade while people order\n", flush=True)
    with tempfile.TemporaryDirectory(prefix="panelhub-torture-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        return try_upgrade(Path(folder), orders)


def _report(scenario: Scenario, status: int, lines: Sequence[str]) -> int:
    if status == NOT_TRIED:
        return 0  # the scenario has said why; what is not installed cannot fail
    if status or not lines:
        print(f"The scenario {scenario.name} broke off with status {status}.", file=sys.stderr)
        return 1
    outcome: dict[str, Any] = json.loads(lines[-1])
    print(f"\n{report.describe(outcome)}", flush=True)
    return 0 if report.is_well(outcome) else 1


def _run_here(asked: dict[str, Any], folder: Path) -> int:
    scenario = Scenario(**(asked | {"pace": Pace(**asked["pace"])}))
    try:
        outcome = run_scenario(scenario, folder)
    except NotInstalled as missing:
        print(f"The scenario {scenario.name} is left out: {missing} is not installed here.", file=sys.stderr)
        return NOT_TRIED
    print(json.dumps(as_dict(outcome)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

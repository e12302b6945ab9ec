"""``python -m tests.mutation [MODULE …] [--sample N] [--seed S] [--again]``: change the money core and run its tests.

A session for each module is kept in ``var/mutation``, as cosmic-ray keeps it: a run that was stopped goes on where it
was, `--again` runs those that survived once more, and `cr-report` reads it. Ends with 1 when a module has a survivor
that `equivalent.toml` does not explain and fewer than `GOAL` of its mutants are noticed.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import random
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeGuard

import cosmic_ray.plugins
from cosmic_ray.commands import init as find_mutants
from cosmic_ray.mutating import mutate_code
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkResult

from tests.mutation.operators import KEPT, Provider
from tests.mutation.runner import ROOT, Bench
from tests.mutation.targets import TARGETS

GOAL: Final = 0.95
SESSIONS: Final = ROOT / "var" / "mutation"
EXPLAINED: Final = Path(__file__).with_name("equivalent.toml")

cosmic_ray.plugins.OPERATOR_PROVIDERS["panelhub"] = Provider()


@dataclass(slots=True)
class Tally:
    """The results of the mutants of one module."""

    mutants: int = 0
    killed: int = 0
    equivalent: int = 0
    survived: int = 0

    @property
    def share(self) -> float:
        return self.killed / max(1, self.mutants - self.equivalent)


def main() -> int:
    """Change each module in turn; print each survivor, and a table at the end."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("modules", nargs="*", default=list(TARGETS), metavar="MODULE", help="a path, whole or in part")
    parser.add_argument("--sample", type=int, help="how many mutants of a module (default: all)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--again", action="store_true", help="run those that survived once more")
    options = parser.parse_args()
    chosen = [module for module in TARGETS if any(part in module for part in options.modules)]
    tallies = {}
    for module in chosen:
        tallies[module] = _run(module, options.sample, options.seed, again=options.again)
    print(f"{'module':44}{'mutants':>9}{'killed':>9}{'equivalent':>12}{'survived':>10}{'noticed':>9}")
    for module, tally in tallies.items():
        print(f"{module:44}{tally.mutants:9}{tally.killed:9}{tally.equivalent:12}{tally.survived:10}{tally.share:9.1%}")
    return 0 if all(tally.share >= GOAL for tally in tallies.values()) else 1


def _run(module: str, sample: int | None, seed: int, *, again: bool) -> Tally:
    explained = _read_explained(module)
    bench = Bench(module, TARGETS[module])
    try:
        with use_db(_session(module, bench.source)) as session:
            items = _choose(session, module, sample, seed)
            results = dict(session.results)
            tally = Tally()
            waiting = [
                item for item in items if (old := results.get(item.job_id)) is None or (again and not old.is_killed)
            ]
            if waiting:
                bench.trace()
            left = {item.job_id for item in waiting}
            for item in items:
                mutation = item.mutations[0]
                mutated = _mutate(bench.source, mutation)
                if mutated is None or mutated == bench.source:
                    continue
                before, after = _show(bench.source, mutated)
                tally.mutants += 1
                if (before, after) in explained:
                    tally.equivalent += 1
                    continue
                if item.job_id in left:
                    tests = bench.find_tests(mutation.start_pos[0], mutation.end_pos[0])
                    survived = bench.survives(mutated, tests)
                    outcome = TestOutcome.SURVIVED if survived else TestOutcome.KILLED
                    result = WorkResult(worker_outcome=WorkerOutcome.NORMAL, test_outcome=outcome)
                    session.set_result(item.job_id, result)
                else:
                    survived = not results[item.job_id].is_killed
                    tests = []
                if survived:
                    tally.survived += 1
                    name = mutation.operator_name.partition("/")[2]
                    print(f"{module}:{mutation.start_pos[0]} {name} ({len(tests)} tests)\n  - {before}\n  + {after}")
                    sys.stdout.flush()
                else:
                    tally.killed += 1
            return tally
    finally:
        bench.close()


def _session(module: str, source: str) -> Path:
    """Return the session of a module as it is now; that of an older one is removed."""
    SESSIONS.mkdir(parents=True, exist_ok=True)
    path = SESSIONS / f"{module.removesuffix('.py').replace('/', '.')}.sqlite"
    seen = path.with_suffix(".txt")
    if not seen.exists() or seen.read_text() != source:
        path.unlink(missing_ok=True)
        seen.write_text(source)
    return path


def _choose(session: WorkDB, module: str, sample: int | None, seed: int) -> list[Any]:
    if not session.num_work_items:
        find_mutants([ROOT / module], session, {})
    left_out = _find_signatures((ROOT / module).read_text())
    own = [item for item in session.work_items if _is_wanted(item.mutations[0], left_out)]
    own.sort(
        key=lambda item: (item.mutations[0].start_pos, item.mutations[0].operator_name, item.mutations[0].occurrence)
    )
    if sample and sample < len(own):
        chosen = set(random.Random(seed).sample(range(len(own)), sample))
        own = [item for place, item in enumerate(own) if place in chosen]
    return own


def _is_wanted(mutation: Any, left_out: set[int]) -> bool:
    """Whether a change is one of ours, and of something that runs: no signature, no import."""
    name = mutation.operator_name
    return mutation.start_pos[0] not in left_out and (name in KEPT or name.startswith("panelhub/"))


def _find_signatures(source: str) -> set[int]:
    """Return the lines of signatures, imports and annotations of fields."""
    found: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found.update(range(node.lineno, max(node.lineno + 1, node.body[0].lineno)))
        elif isinstance(node, ast.ClassDef):
            found.update(line for decorator in node.decorator_list for line in range(decorator.lineno, node.lineno + 1))
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        elif _is_for_types(node):
            found.add(node.lineno)
    return found


def _is_for_types(node: ast.AST) -> TypeGuard[ast.stmt]:
    if isinstance(node, ast.AnnAssign):
        return node.value is None
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def _mutate(source: str, mutation: Any) -> str | None:
    operator = cosmic_ray.plugins.get_operator(mutation.operator_name)
    found: str | None = mutate_code(source, operator(), mutation.occurrence)
    return found


def _show(source: str, mutated: str) -> tuple[str, str]:
    """Return the changed lines before and after, each on one line."""
    lines = list(difflib.unified_diff(source.splitlines(), mutated.splitlines(), lineterm="", n=0))[2:]
    return _join(lines, "-"), _join(lines, "+")


def _join(lines: Iterable[str], sign: str) -> str:
    return " ".join(" ".join(line[1:].split()) for line in lines if line.startswith(sign))


def _read_explained(module: str) -> set[tuple[str, str]]:
    entries = tomllib.loads(EXPLAINED.read_text()).get("mutant", [])
    assert all(entry["reason"] for entry in entries)
    return {(entry["before"], entry["after"]) for entry in entries if entry["module"] == module}


if __name__ == "__main__":
    sys.exit(main())

"""The supervisor: everything up together, everything down together."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from panelhub.launcher.plan import SUPERVISOR
from tests.helpers.brokers import unused_port
from tests.helpers.waiting import wait_until

SERVE = """
import signal, socket, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("serving", flush=True)
time.sleep(600)
"""
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("stubborn", flush=True)
time.sleep(600)
"""
LASTING = "import os, time; print('worker at', os.getpid(), flush=True); time.sleep(99)"
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("grandchild", child.pid, flush=True)
time.sleep(600)
"""


class Running:
    """A supervisor at work, and what it and its children wrote."""

    def __init__(self, plan: dict[str, Any], folder: Path) -> None:
        self._output = folder / "output"
        with self._output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(SUPERVISOR), json.dumps(plan)],
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return self._output.read_text()

    def wait_for(self, text: str, *, times: int = 1) -> None:
        wait_until(lambda: self.output.count(text) >= times, what=f"{text!r} in:\n{self._output}")

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=25)

    def find_number(self, word: str) -> int:
        self.wait_for(word)
        line = next(line for line in self.output.splitlines() if word in line)
        return int(line.split()[-1])


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    with ExitStack() as stack:

        def start(**scripts: str) -> Running:
            with unused_port() as port:
                pass
            children = [
                {
                    "name": name,
                    "argv": [sys.executable, "-c", script, str(port)],
                    "last": name == "sandbox",
                    "essential": name == "web",
                }
                for name, script in scripts.items()
            ]
            plan = {
                "children": children,
                "host": "127.0.0.1",
                "port": port,
                "announcement": "ready now",
                "first_pause": 0.05,
                "ended_file": str(tmp_path / "ended.json"),
            }
            running = Running(plan, tmp_path)
            stack.callback(running.process.wait)
            stack.callback(running.process.kill)
            return running

        yield start


def is_alive(pid: int) -> bool:
    with suppress(OSError):
        # A process that ended and that no one has asked about yet is as good as gone.
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return not Path("/proc/self").exists()
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_announces_when_served_and_ends_when_stopped(supervise: Callable[..., Running], number: int) -> None:
    running = supervise(web=SERVE)
    running.wait_for("ready now")

    assert running.end(number) == 0
    assert "PanelHub has stopped." in running.output


def test_who_ends_is_started_again(supervise: Callable[..., Running]) -> None:
    running = supervise(web=SERVE, worker="import os; print('worker at', os.getpid(), flush=True); input()")
    running.wait_for("is started again", times=2)

    assert "The worker ended by itself" in running.output
    assert running.end() == 0


def test_a_web_server_that_cannot_stay_up_ends_everything_in_a_sentence(supervise: Callable[..., Running]) -> None:
    running = supervise(web="raise SystemExit(3)", worker=SERVE)

    assert running.process.wait(timeout=60) == 1
    assert "The web ended 5 times in a row (last status 3)" in running.output


def test_a_worker_that_cannot_stay_up_is_started_ever_more_slowly_and_the_web_stays(
    supervise: Callable[..., Running], tmp_path: Path
) -> None:
    running = supervise(web=SERVE, worker="raise SystemExit(3)")
    running.wait_for("The worker ended by itself (status 3)", times=7)

    assert running.process.poll() is None
    assert running.output.count("serving") == 1
    ended = json.loads((tmp_path / "ended.json").read_text())
    assert set(ended) == {"worker"}
    assert ended["worker"]["count"] >= 7
    # A twentieth of a second, doubled six times.
    assert ended["worker"]["again_at"] - time.time() > 2.0
    assert running.end() == 0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_five_deaths_of_the_worker_do_not_take_the_web_down(
    supervise: Callable[..., Running], tmp_path: Path, number: int
) -> None:
    running = supervise(
        web=SERVE, worker="import os, time; print('worker at', os.getpid(), flush=True); time.sleep(99)"
    )
    for death in range(1, 7):
        running.wait_for("worker at", times=death)
        pid = int([line for line in running.output.splitlines() if "worker at" in line][-1].split()[-1])
        os.kill(pid, number)
    running.wait_for("worker at", times=7)

    assert running.output.count("serving") == 1
    assert running.end() == 0


def test_what_stays_up_again_is_not_counted_any_more(supervise: Callable[..., Running], tmp_path: Path) -> None:
    (tmp_path / "ended.json").write_text('{"worker": {"count": 9, "again_at": 0}}')
    running = supervise(web=SERVE)
    running.wait_for("ready now")

    assert json.loads((tmp_path / "ended.json").read_text()) == {}


def test_whatever_a_child_started_ends_with_it(supervise: Callable[..., Running]) -> None:
    running = supervise(web=SERVE, worker=PARENT)
    grandchild = running.find_number("grandchild")
    assert is_alive(grandchild)

    running.end()

    wait_until(lambda: not is_alive(grandchild), what="the grandchild's end")


def test_who_does_not_go_is_killed_and_a_second_signal_makes_it_quick(supervise: Callable[..., Running]) -> None:
    running = supervise(web=SERVE, worker=STUBBORN)
    running.wait_for("stubborn")
    running.process.send_signal(signal.SIGINT)
    running.wait_for("Stopping")

    assert running.end(signal.SIGINT) == 0
    assert "The worker did not end in time and was killed." in running.output


def test_the_sandbox_is_ended_after_those_who_talk_to_it(supervise: Callable[..., Running]) -> None:
    slow = """
import signal, sys, time
def end(*_):
    print("{0} was asked", flush=True); time.sleep(0.5); print("{0} ended", flush=True); sys.exit(0)
signal.signal(signal.SIGTERM, end)
print("{0} up", flush=True)
time.sleep(600)
"""
    running = supervise(sandbox=slow.format("sandbox"), worker=slow.format("worker"))
    running.wait_for("sandbox up")
    running.wait_for("worker up")

    running.end()

    said = [line for line in running.output.splitlines() if "asked" in line or line.endswith("ended")]
    assert said == ["worker was asked", "worker ended", "sandbox was asked", "sandbox ended"]


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone ends children with their parent")
def test_children_do_not_outlive_a_supervisor_that_was_killed(supervise: Callable[..., Running]) -> None:
    running = supervise(web="import os, time; print('child', os.getpid(), flush=True); time.sleep(600)")
    child = running.find_number("child")

    running.process.kill()

    wait_until(lambda: not is_alive(child), what="the child's end")

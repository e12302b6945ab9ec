"""`manage.py sandbox` as a person or a supervisor runs it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from django.core.management import CommandError, call_command

from providers.sandbox import Ledger, Sandbox

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, str(ROOT / "manage.py"), "sandbox"]


@contextmanager
def serving(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A running command and the lines it printed before it began to serve."""
    with subprocess.Popen(
        [*COMMAND, "--port", "0", *arguments], text=True, env=dict(os.environ), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            lines = []
            while line := process.stdout.readline():
                lines.append(line.strip())
                if line.startswith("Control page"):
                    break
            yield process, lines
        finally:
            process.kill()


def test_it_prints_a_line_a_panel_and_serves_what_it_printed() -> None:
    with serving() as (_, lines):
        found = [re.fullmatch(r"(.+) \(sandbox\)  (http://\S+)  key (\S+)", line) for line in lines[:-1]]
        assert [match[1] for match in found if match] == [
            "servsmm.com", "smm.plus", "smpanelim.net", "smmprovider.co", "smmvna.com",
            "a panel of the standard dialect",
        ]  # fmt: skip
        for match in found:
            assert match
            reply = requests.post(match[2], data={"key": match[3], "action": "balance"}, timeout=10).json()
            assert set(reply) == {"balance", "currency"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_when_stopped(number: signal.Signals) -> None:
    with serving("--only", "smmplus") as (process, _):
        process.send_signal(number)
        out, err = process.communicate(timeout=15)
        assert (process.returncode, out, err) == (0, "", "")


def test_a_port_in_use_is_one_sentence_and_exit_1() -> None:
    with Sandbox(only=["smmplus"]) as box:
        done = subprocess.run(
            [*COMMAND, "--port", str(box.port)],
            text=True,
            env=dict(os.environ),
            capture_output=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr.strip() == (
            f"CommandError: Port {box.port} of 127.0.0.1 is already in use: choose another with --port."
        )


def test_books_in_use_are_one_sentence_and_exit_1(tmp_path: Path) -> None:
    state = tmp_path / "state.sqlite3"
    with Sandbox(only=["smmplus"], state=state), pytest.raises(CommandError, match="another sandbox keeps its books"):
        call_command("sandbox", "--port", "0", "--state", str(state))


def test_a_file_that_holds_something_else_is_one_sentence_and_is_left_alone(tmp_path: Path) -> None:
    state = tmp_path / "state.sqlite3"
    state.write_text("not a database " * 100)
    with pytest.raises(CommandError, match="file is not a database"):
        call_command("sandbox", "--port", "0", "--state", str(state))
    assert state.read_text().startswith("not a database")


def test_only_some_panels_can_be_served() -> None:
    with serving("--only", "smmvna", "--only", "servsmm") as (_, lines):
        assert [line.split()[0] for line in lines[:-1]] == ["servsmm.com", "smmvna.com"]


def test_books_are_kept_in_the_file_it_is_given(tmp_path: Path) -> None:
    state = tmp_path / "state.sqlite3"
    with serving("--only", "smmplus", "--state", str(state)) as (_, lines):
        url = lines[0].split()[2]
        requests.post(url, data={"key": "sandbox-smmplus-key", "action": "balance"}, timeout=10)
    ledger = Ledger.open(state)
    assert [call.action for call in ledger.calls("smmplus")] == ["balance"]
    ledger.close()


def test_a_stated_limit_is_kept_and_time_goes_faster() -> None:
    with serving("--only", "servsmm", "--speed", "3600") as (_, lines):
        state = requests.get(f"{lines[-1].split()[-1]}control/state", timeout=10).json()["servsmm"]
        assert state["speed"] == 3600
        url, form = lines[0].split()[2], {"key": "sandbox-servsmm-key", "action": "balance"}
        with requests.Session() as session:
            codes = [session.post(url, data=form, timeout=10).status_code for _ in range(302)]
        assert codes == [200] * 300 + [429] * 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--speed", "0"], "is not a speed above zero"),
        (["--speed", "fast"], "is not a speed above zero"),
        (["--variant", "servsmm"], "is not of the form SLUG=NAME"),
        (["--variant", "smmplus=heading"], "has no variant 'heading'"),
        (["--variant", "nobody=table"], "There is no panel nobody"),
        (["--only", "nobody"], "invalid choice"),
        (["--host", "203.0.113.7"], "Cannot listen on port 0 of 203.0.113.7"),
    ],
)
def test_a_mistake_is_shown_in_a_sentence(arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=re.escape(sentence)):
        call_command("sandbox", "--port", "0", *arguments)

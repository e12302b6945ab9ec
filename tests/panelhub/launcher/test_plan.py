"""`manage.py run`: what stands in its way is one sentence, and when it runs, it runs and ends whole."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from panelhub.launcher.plan import (
    CannotRun,
    choose_sandbox_port,
    hold_folder,
    is_port_free,
    parse_port,
    plan_children,
    sign_folder,
)
from tests.helpers.brokers import silent_port, unused_port
from tests.helpers.waiting import wait_until

pytestmark = pytest.mark.first

ROOT = Path(__file__).resolve().parents[3]
GONE_WITHIN = 20.0


class Hub:
    """A `manage.py run` of its own, with a folder of its own."""

    def __init__(self, *, var: Path, port: int, environment: dict[str, str]) -> None:
        self.port = port
        self._log = var.with_suffix(".log")
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
        with self._log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "run"],
                cwd=ROOT,
                env={
                    **kept,
                    "PANELHUB_ENV_FILE": os.devnull,
                    "PANELHUB_VAR": str(var),
                    "PORT": str(port),
                    **environment,
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def log(self) -> str:
        return self._log.read_text()

    def wait_until_alive(self) -> dict[str, object]:
        """Wait until /healthz says that all is well; return what it says."""
        return wait_until(self._ask_health, seconds=60, what=f"the hub, see {self._log}")

    def end(self) -> float:
        """Ctrl-C; return how many seconds the end took."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=GONE_WITHIN)
        return time.monotonic() - started

    def _ask_health(self) -> dict[str, object] | None:
        assert self.process.poll() is None, f"It ended by itself:\n{self.log}"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                found: dict[str, object] = json.load(answer)
                return found
        except (OSError, urllib.error.HTTPError):
            return None


@pytest.fixture
def start_hub(tmp_path: Path) -> Iterator[Callable[..., Hub]]:
    with ExitStack() as stack:

        def start(*, port: int = 0, **environment: str) -> Hub:
            if not port:
                with unused_port() as free:
                    port = free
            hub = Hub(var=tmp_path / "var", port=port, environment=environment)
            stack.callback(hub.process.wait)
            stack.callback(hub.process.kill)
            return hub

        yield start


@pytest.mark.parametrize(("text", "port"), [("1", 1), ("8000", 8000), ("65535", 65535)])
def test_a_port_is_a_number(text: str, port: int) -> None:
    assert parse_port(text) == port


@pytest.mark.parametrize("text", ["", "0", "65536", "-1", "http", "80.5"])
def test_what_is_no_port_is_said(text: str) -> None:
    with pytest.raises(CannotRun, match="PORT must be a number from 1 to 65535"):
        parse_port(text)


def test_one_hub_a_folder(tmp_path: Path) -> None:
    lock = hold_folder(tmp_path)
    sign_folder(lock, address="http://127.0.0.1:8000")

    with pytest.raises(CannotRun, match=r"already runs from .*http://127.0.0.1:8000"):
        hold_folder(tmp_path)

    os.close(lock)
    os.close(hold_folder(tmp_path))


def test_a_folder_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(CannotRun, match="cannot be written"):
        hold_folder(tmp_path / "file" / "var")


def test_a_port_in_use_is_seen() -> None:
    with silent_port() as port:
        assert not is_port_free("127.0.0.1", port)
    assert is_port_free("127.0.0.1", port)


def test_the_sandbox_keeps_its_port_unless_someone_took_it(tmp_path: Path) -> None:
    kept_in = tmp_path / "sandbox" / "port"
    first = choose_sandbox_port(kept_in)
    assert choose_sandbox_port(kept_in) == first

    with socket.create_server(("127.0.0.1", first)):
        second = choose_sandbox_port(kept_in)
    assert second != first
    assert choose_sandbox_port(kept_in) == second


def test_nonsense_in_place_of_the_sandbox_port_is_replaced(tmp_path: Path) -> None:
    kept_in = tmp_path / "port"
    kept_in.write_text("99999999")

    assert 0 < choose_sandbox_port(kept_in) < 65536


def test_the_sandbox_is_started_only_with_a_port_and_ended_last() -> None:
    without = plan_children(host="127.0.0.1", port=8000, sandbox_port=None)
    with_it = plan_children(host="127.0.0.1", port=8000, sandbox_port=8100)

    assert [child.name for child in without] == ["web server", "worker"]
    assert [(child.name, child.last) for child in with_it if child.last] == [("sandbox", True)]


def test_a_port_in_use_is_one_sentence(start_hub: Callable[..., Hub]) -> None:
    with silent_port() as port:
        hub = start_hub(port=port, SANDBOX="0")

        assert hub.process.wait(timeout=30) == 1
    assert f"Port {port} is in use" in hub.log
    assert len(hub.log.strip().splitlines()) == 1


def test_it_serves_ends_in_time_and_keeps_everything(start_hub: Callable[..., Hub]) -> None:
    first = start_hub()
    assert first.wait_until_alive()["status"] == "ok"
    assert f"http://127.0.0.1:{first.port}" in first.log
    password = re.search(r"as admin with the password (\S+)", first.log)
    assert password

    assert first.end() < GONE_WITHIN
    assert first.process.returncode == 0
    assert is_port_free("127.0.0.1", first.port)

    second = start_hub()
    second.wait_until_alive()
    second.end()
    assert second.log.count("with the password") == 1
    assert "Traceback" not in second.log

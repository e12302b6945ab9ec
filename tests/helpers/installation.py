"""A clean installation in a folder of its own: the project's files, an environment, a database, queues, processes."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis

from tests.helpers.documents import ROOT
from tests.helpers.waiting import wait_until

KEPT_NAMES = ("PATH", "LANG", "HOME", "TMPDIR", "PIP_INDEX_URL", "PIP_CACHE_DIR", "PIP_CONFIG_FILE", "SSL_CERT_FILE")
START_SECONDS = 60.0
COMMAND_SECONDS = 600.0
QUEUES = ("clicks", "background")


def is_served() -> bool:
    """Return whether this run was given PostgreSQL and Redis, which an installation needs."""
    return os.environ.get("DATABASE_URL", "").startswith("postgres") and os.environ.get(
        "CELERY_BROKER_URL", ""
    ).startswith("redis")


class Installation:
    """The project in `folder`/opt, its state in `folder`/var, its settings in `folder`/etc.

    Commands run with nothing but these settings in their environment. The environment of packages is kept in
    `cache` from run to run for as long as requirements.txt is the same, so that only the first one downloads.
    """

    def __init__(self, cache: Path) -> None:
        self.name = f"deploy_{uuid.uuid4().hex[:12]}"
        self.folder = cache / self.name
        self.code, self.var = self.folder / "opt", self.folder / "var"
        self.settings_file = self.folder / "etc" / "environment"
        self.port = find_port()
        self._cache = cache
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._cleanup = ExitStack()

    def __enter__(self) -> Installation:
        # One at a time: there is one environment of packages.
        lock = self._cleanup.enter_context((self._cache / "lock").open("w"))
        fcntl.flock(lock, fcntl.LOCK_EX)
        self._cleanup.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self._copy_files()
        server = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
        self._cleanup.callback(server.close)
        server.execute(f'CREATE DATABASE "{self.name}"')
        self._cleanup.callback(server.execute, f'DROP DATABASE "{self.name}" WITH (FORCE)')
        self._remove_queues()
        self._cleanup.callback(self._remove_queues)
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        for name in list(self._processes):
            self.stop(name)
        self._cleanup.close()

    @property
    def own_settings(self) -> dict[str, str]:
        """What differs from installation to installation, in place of the documents' examples."""
        parts = urlsplit(os.environ["DATABASE_URL"])
        return {
            "DATABASE_URL": urlunsplit(parts._replace(path=f"/{self.name}")),
            "CELERY_BROKER_URL": os.environ["CELERY_BROKER_URL"],
        }

    def read_settings(self) -> dict[str, str]:
        """Return what the file of settings says."""
        lines = self.settings_file.read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)

    def write_settings(self, settings: Mapping[str, str]) -> None:
        """Replace the file of settings."""
        self.settings_file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))

    def adapt(self, commands: str) -> str:
        """Put this installation's places into commands of a document."""
        places = {
            "/opt/panelhub": str(self.code),
            "/var/lib/panelhub": str(self.var),
            "/etc/panelhub": str(self.settings_file.parent),
            "127.0.0.1:8000": f"127.0.0.1:{self.port}",
            "0.0.0.0:8000": f"127.0.0.1:{self.port}",
        }
        return re.sub("|".join(map(re.escape, places)), lambda found: places[found[0]], commands)

    def run(self, commands: str, *, expect: int = 0, environment: Mapping[str, str] | None = None) -> str:
        """Run commands with a shell in the code's folder, stopping at the first that fails; return what they print."""
        done = subprocess.run(
            ["/bin/sh", "-ec", commands],
            cwd=self.code,
            env={**self._environment(), **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        assert done.returncode == expect, f"{commands}\nended with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def start(self, name: str, command: str) -> None:
        """Start one process with the file's settings, as its unit does."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                ["/bin/sh", "-ec", f"exec {command}"],
                cwd=self.code,
                env={**self._environment(), **self.read_settings()},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_for_port(self, name: str, port: int) -> None:
        """Wait until a process takes connections at a port."""

        def is_open() -> bool:
            assert self._processes[name].poll() is None, f"{name} ended at once:\n{self.read_log(name)}"
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return True
            return False

        wait_until(is_open, seconds=START_SECONDS, what=f"{name} at port {port}")

    def read_log(self, name: str) -> str:
        """Return all that a process wrote."""
        return (self.folder / f"{name}.log").read_text("utf-8", errors="replace")

    def stop(self, name: str) -> None:
        """End a process and all that it started."""
        process = self._processes.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=15)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in KEPT_NAMES if name in os.environ}
        # What lies at the root of this checkout is no one else's.
        return {**kept, "PANELHUB_ENV_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}

    def _copy_files(self) -> None:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            check=True,
            capture_output=True,
        )
        for name in filter(None, listed.stdout.decode().split("\0")):
            source = ROOT / name
            if source.is_file() and not name.startswith("tests/"):
                target = self.code / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
        self._take_environment()

    def _take_environment(self) -> None:
        lock = (self.code / "requirements.txt").read_bytes()
        kept = self._cache / f"venv-{hashlib.sha256(lock + sys.version.encode()).hexdigest()[:16]}"
        for old in self._cache.glob("venv-*"):
            if old != kept:
                shutil.rmtree(old)
        if kept.exists():
            kept.rename(self.code / ".venv")

        def give_back() -> None:
            with suppress(FileNotFoundError):
                (self.code / ".venv").rename(kept)

        self._cleanup.callback(give_back)

    def _remove_queues(self) -> None:
        # Under the names of the documents; the tests' own queues have others.
        with redis.Redis.from_url(os.environ["CELERY_BROKER_URL"]) as client:
            client.delete(*QUEUES, *(f"_kombu.binding.{queue}" for queue in QUEUES))


def find_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""Servers of a run's own: each on a port and in a folder of its own, to be killed and started again.

Nothing here touches a server that someone else started: a database is used only after it has said itself that its
files lie in the folder of this run.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, Protocol

HOST: Final = "127.0.0.1"
# Below the ports that systems give to outgoing connections: one that was killed must get its port back.
PORTS: Final = range(20_000, 30_000)
READY_SECONDS: Final = 60.0
DATABASE: Final = "hub"


class NotInstalled(Exception):
    """A server's program was not found on this machine."""


class Server(Protocol):
    """What the run needs of a database or a broker."""

    name: str
    url: str

    def start(self) -> None:
        """Start it and return when it answers."""

    def kill(self) -> None:
        """End it at once, as a power cut would."""


def free_port() -> int:
    """Return a port on the loopback address that no one listens on."""
    while True:
        port = random.choice(PORTS)
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)):
                return port


class SqliteFile:
    """The database of a hub on one machine: a file. It cannot be killed by itself."""

    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder / 'hub.sqlite3'}"

    def start(self) -> None:
        """Nothing to start."""

    def kill(self) -> None:
        """Nothing to kill."""


class EmbeddedBroker:
    """The embedded broker: a folder. Killing it is losing every message that waits in it."""

    name = "embedded broker"
    url = "panelhub://localhost//"

    def __init__(self, folder: Path) -> None:
        self._queues = folder / "var" / "broker"

    def start(self) -> None:
        """Nothing to start."""

    def kill(self) -> None:
        """Lose what is in it."""
        for message in self._queues.glob("*/*.msg"):
            message.unlink(missing_ok=True)


class PostgreSQL:
    """A cluster of its own, durable as in production. It refuses to run as root, so root runs it as `postgres`."""

    name = "PostgreSQL"

    def __init__(self, folder: Path) -> None:
        self._programs = find_postgresql()
        self.data = folder / "postgresql"
        self._port = free_port()
        self._as = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        self.url = f"postgres://postgres@{HOST}:{self._port}/{DATABASE}"
        self.data.mkdir(mode=0o700)
        if self._as:
            shutil.chown(self.data, "postgres", "postgres")
        self._run(
            *("initdb", "-D", str(self.data), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"),
            "--no-sync",
        )
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(
                f"port = {self._port}\nlisten_addresses = '{HOST}'\nunix_socket_directories = ''\n"
                "max_connections = 200\nlog_min_messages = warning\n"
                # Else it syncs every file one by one when it recovers.
                "recovery_init_sync_method = syncfs\n"
            )
        self.start()
        self._ask("CREATE DATABASE " + DATABASE, database="postgres")

    def start(self) -> None:
        """Start it; after a kill it recovers by itself."""
        self._run("pg_ctl", "-D", str(self.data), "-l", str(self.data / "log"), "-w", "-t", "60", "start")

    def kill(self) -> None:
        """Abort it without saving anything; every connection breaks."""
        self._run("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop", check=False)

    def prove_own(self) -> None:
        """Raise RuntimeError unless what answers at the URL keeps its files in this run's folder."""
        said = self._ask("SHOW data_directory")
        if Path(said).resolve() != self.data.resolve():
            raise RuntimeError(f"The database at {self.url} belongs to another program.")

    def _ask(self, sql: str, *, database: str = DATABASE) -> str:
        import psycopg

        url = self.url.removesuffix(DATABASE) + database
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
            cursor = connection.execute(sql)
            row = cursor.fetchone() if cursor.description else None
            return str(row[0]) if row else ""

    def _run(self, program: str, *arguments: str, check: bool = True) -> None:
        done = subprocess.run(
            [*self._as, str(self._programs / program), *arguments],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=120,
        )
        if check and done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.strip()[-500:]}")


class Redis:
    """A Redis that keeps nothing on disk: after a kill every message is gone."""

    name = "Redis"

    def __init__(self, folder: Path) -> None:
        self._program = find("redis-server")
        self._folder = folder / "redis"
        self._folder.mkdir()
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"redis://{HOST}:{self._port}/0"

    def start(self) -> None:
        """Start it, empty."""
        self._process = _spawn(
            [
                *(self._program, "--port", str(self._port), "--bind", HOST, "--dir", str(self._folder)),
                *("--save", "", "--appendonly", "no", "--daemonize", "no"),
            ],
            log=self._folder / "log",
        )
        _wait(lambda: _listens(self._port), f"Redis; see {self._folder / 'log'}")

    def kill(self) -> None:
        """SIGKILL."""
        _end(self._process)
        self._process = None


class RabbitMQ:
    """A node of its own, with a port mapper of its own; queues and messages survive a kill."""

    name = "RabbitMQ"

    def __init__(self, folder: Path) -> None:
        self._program = find("/usr/lib/rabbitmq/bin/rabbitmq-server", "rabbitmq-server")
        self._epmd = shutil.which("epmd") or ""
        self._folder = folder / "rabbitmq"
        self._folder.mkdir()
        self._port, self._mapper = free_port(), free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"amqp://guest:guest@{HOST}:{self._port}//"
        plugins = self._folder / "plugins"
        plugins.write_text("[].\n", encoding="ascii")
        self._environment = {
            "HOME": str(self._folder),
            "PATH": os.environ["PATH"],
            "RABBITMQ_NODENAME": f"torture{self._port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": HOST,
            "RABBITMQ_NODE_PORT": str(self._port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(self._folder / "data"),
            "RABBITMQ_LOG_BASE": str(self._folder / "logs"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins),
            "RABBITMQ_CONF_ENV_FILE": os.devnull,
            "RABBITMQ_CONFIG_FILE": str(self._folder / "none"),
            "ERL_EPMD_PORT": str(self._mapper),
            "ERL_EPMD_ADDRESS": HOST,
        }

    def start(self) -> None:
        """Start it; takes some seconds."""
        self._process = _spawn([self._program], log=self._folder / "log", environment=self._environment)
        _wait(lambda: _listens(self._port), f"RabbitMQ; see {self._folder / 'log'}")

    def kill(self) -> None:
        """SIGKILL the node and its port mapper."""
        _end(self._process)
        self._process = None
        if self._epmd:
            _wait(self._end_mapper, "RabbitMQ's port mapper to end")

    def _end_mapper(self) -> bool:
        # It refuses for as long as it has not noticed that its node is gone.
        end_it = [self._epmd, "-port", str(self._mapper), "-kill"]
        subprocess.run(end_it, env=self._environment, capture_output=True, check=False)
        return not _listens(self._mapper)


BROKERS: Final[Mapping[str, Callable[[Path], Server]]] = {
    "redis": Redis,
    "rabbitmq": RabbitMQ,
    "embedded": EmbeddedBroker,
}
DATABASES: Final[Mapping[str, Callable[[Path], Server]]] = {"postgresql": PostgreSQL, "sqlite": SqliteFile}


@contextlib.contextmanager
def running(*servers: Server) -> Iterator[None]:
    """Start servers, and end them whatever happens."""
    try:
        for server in servers:
            server.start()
        yield
    finally:
        for server in servers:
            server.kill()


def find_postgresql() -> Path:
    """Return the folder of PostgreSQL's programs; raises NotInstalled."""
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    # The programs on the PATH may be a distribution's wrappers, which know only its own clusters.
    return newest[-1].parent if newest else Path(find("initdb")).resolve().parent


def find(*names: str) -> str:
    """Return the first of these programs that there is; raises NotInstalled."""
    for name in names:
        if found := shutil.which(name):
            return found
    raise NotInstalled(names[-1])


def _spawn(command: list[str], *, log: Path, environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    with log.open("ab") as file:
        return subprocess.Popen(
            command,
            env=None if environment is None else dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _end(process: subprocess.Popen[bytes] | None) -> None:
    if process is not None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def _wait(look: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not look():
        if time.monotonic() > deadline:
            raise RuntimeError(f"Waited {READY_SECONDS:g} s in vain for {what}.")
        time.sleep(0.05)

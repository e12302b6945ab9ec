"""Keeps the hub's processes running in one terminal, and ends them all together.

Takes one argument, a Plan as JSON. It imports nothing of the project, so that it costs little memory: `manage.py
run` prepares everything with Django and then becomes this program.

A process that ends by itself is started again, after a pause that grows; what keeps ending is in a file, which the
pages show. Only when the web server cannot stay up, everything ends: people need to see what is wrong.
Ctrl-C, SIGTERM or a closed terminal end everything: the servers and workers are asked first and the sandbox, which
they may be talking to, after them; who does not go in time is killed. A second Ctrl-C kills at once.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 300.0
# A process that lived this long has proved that it can: its next end starts the count again.
PROVEN = 60.0
TRIES = 5
# Together under the twenty seconds within which the hub promises to be gone.
ASK_SECONDS = 13.0
ASK_LAST_SECONDS = 3.0
PR_SET_PDEATHSIG = 1


class Child:
    """One process of the hub."""

    def __init__(
        self, *, name: str, argv: list[str], last: bool = False, quiet: bool = False, essential: bool = False
    ) -> None:
        self.name = name
        self.essential = essential
        self.argv = argv
        self.last = last
        self.quiet = quiet
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.start_at: float | None = 0.0
        self.failures = 0

    def start(self) -> None:
        self.start_at = None
        self.started_at = time.monotonic()
        # A session of its own: Ctrl-C reaches this program alone, which then ends the others in order.
        self.process = subprocess.Popen(
            self.argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if self.quiet else None,
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ask_to_end(self) -> None:
        if self.process is not None and self.is_running:
            self.process.terminate()

    def kill(self) -> None:
        """End it and whatever it started, and forget it: its number may be given to another process."""
        process, self.process = self.process, None
        if process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


class Supervisor:
    """Starts the children, keeps them up, and ends them."""

    def __init__(
        self,
        *,
        children: list[Child],
        address: tuple[str, int],
        announcement: str,
        first_pause: float = FIRST_PAUSE,
        ended_file: str = "",
    ) -> None:
        self.children = children
        self.ended_file = ended_file
        self.first_pause = first_pause
        self.address = address
        self.announcement = announcement
        self.is_announced = False
        self.asked_to_end = 0
        self.wakeup, writer = os.pipe()
        for end in (self.wakeup, writer):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(writer)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in ENDING:
            signal.signal(number, self._note_ending)

    def run(self) -> int:
        """Run until asked to end; return the exit status."""
        failed = ""
        self._note_ended()
        try:
            while not self.asked_to_end and not (failed := self._look_after_children()):
                self._announce_when_ready()
                self._wait(until=self._next_look())
        finally:
            say(failed or "Stopping ...")
            self._end_all()
        say("PanelHub has stopped.")
        return 1 if failed else 0

    def _look_after_children(self) -> str:
        now = time.monotonic()
        for child in self.children:
            if child.process is not None and not child.is_running:
                code = child.process.returncode
                child.kill()  # what it left behind
                child.failures = 1 if now - child.started_at > PROVEN else child.failures + 1
                if child.essential and child.failures >= TRIES:
                    return (
                        f"The {child.name} ended {TRIES} times in a row (last status {code}); see its messages above."
                    )
                pause = min(self.first_pause * 2 ** min(child.failures - 1, 20), LONGEST_PAUSE)
                child.start_at = now + pause
                say(f"The {child.name} ended by itself (status {code}); it is started again in {pause:.0f} s.")
                self._note_ended()
            elif child.failures and child.is_running and now - child.started_at > PROVEN:
                child.failures = 0
                self._note_ended()
            if child.start_at is not None and child.start_at <= now:
                child.start()
        return ""

    def _note_ended(self) -> None:
        """Write down what ended by itself, how often in a row, and when it is started again (Unix seconds)."""
        if not self.ended_file:
            return
        offset = time.time() - time.monotonic()
        ended = {
            child.name: {"count": child.failures, "again_at": (child.start_at or child.started_at) + offset}
            for child in self.children
            if child.failures
        }
        # The disk may be what is full.
        with suppress(OSError):
            draft = f"{self.ended_file}.new"
            with open(draft, "w", encoding="ascii") as file:  # noqa: PTH123
                json.dump(ended, file)
            os.replace(draft, self.ended_file)  # noqa: PTH105

    def _announce_when_ready(self) -> None:
        if self.is_announced:
            return
        with suppress(OSError), socket.create_connection(self.address, timeout=0.2):
            self.is_announced = True
            say(self.announcement)

    def _next_look(self) -> float | None:
        if not self.is_announced:
            return time.monotonic() + 0.1
        starts = [child.start_at for child in self.children if child.start_at is not None]
        proofs = [child.started_at + PROVEN + 0.1 for child in self.children if child.failures and child.is_running]
        return min(starts + proofs, default=None)

    def _wait(self, *, until: float | None) -> None:
        timeout = None if until is None else max(0.0, until - time.monotonic())
        if select.select([self.wakeup], [], [], timeout)[0]:
            with suppress(BlockingIOError):
                os.read(self.wakeup, 4096)

    def _end_all(self) -> None:
        asked = self.asked_to_end
        for is_last, seconds in ((False, ASK_SECONDS), (True, ASK_LAST_SECONDS)):
            group = [child for child in self.children if child.last is is_last]
            for child in group:
                child.ask_to_end()
            deadline = time.monotonic() + seconds
            while any(child.is_running for child in group) and time.monotonic() < deadline:
                if self.asked_to_end > max(asked, 1):
                    break
                self._wait(until=min(deadline, time.monotonic() + 0.5))
        for child in self.children:
            if child.is_running:
                say(f"The {child.name} did not end in time and was killed.")
            child.kill()

    def _note_ending(self, *_: object) -> None:
        self.asked_to_end += 1


def say(text: str) -> None:
    """Tell the person at the terminal, if there still is one."""
    with suppress(OSError):
        print(text, flush=True)  # noqa: T201


def _end_with_parent() -> None:
    # Were this program killed, its children would otherwise live on unseen. Linux only.
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def main() -> int:
    plan = json.loads(sys.argv[1])
    supervisor = Supervisor(
        children=[Child(**child) for child in plan["children"]],
        address=(plan["host"], plan["port"]),
        announcement=plan["announcement"],
        first_pause=plan.get("first_pause", FIRST_PAUSE),
        ended_file=plan.get("ended_file", ""),
    )
    return supervisor.run()


if __name__ == "__main__":
    sys.exit(main())

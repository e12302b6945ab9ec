"""``python -m tests.chaos.outage``: PostgreSQL is stopped while a program orders and a person looks at pages.

Meanwhile the API answers JSON with status 503, pages answer 503 and say so, and each process writes a line a minute.
Afterwards all goes on by itself, and the books of the panel are held against those of the hub.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

import requests

from tests.chaos.deployment import START_SECONDS, Deployment, deployed, seconds_until
from tests.chaos.servers import NotInstalled
from tests.helpers.documents import PROCESSES

SLUG: Final = "standard"
ORDER_EVERY: Final = 0.25
BEFORE: Final = 6.0
LINE: Final = "The database does not answer"


class Program(threading.Thread):
    """Orders through the API until it is stopped, each time another link; counts what it is answered."""

    def __init__(self, url: str, key: str, service: int) -> None:
        super().__init__(daemon=True)
        self.answers: Counter[str] = Counter()
        self.accepted: list[int] = []
        self.over = threading.Event()
        self._url, self._fields = f"{url}/api/v2", {"key": key, "action": "add", "service": service, "quantity": 100}

    def run(self) -> None:
        """Order."""
        number = 0
        while not self.over.wait(ORDER_EVERY):
            number += 1
            fields = self._fields | {"link": f"https://example.com/outage/{number}"}
            try:
                answer = requests.post(self._url, data=fields, timeout=30)
                body: dict[str, Any] = answer.json()
            except (requests.RequestException, ValueError) as error:
                self.answers[type(error).__name__] += 1
                continue
            self.answers[f"{answer.status_code} {'order' if 'order' in body else 'error'}"] += 1
            if "order" in body:
                self.accepted.append(int(body["order"]))


def see_outage(folder: Path, *, seconds: float) -> list[str]:
    """Stop the database for so many seconds; print what was seen, and return what should not have been."""
    with deployed(folder) as hub:
        os.environ |= hub.environment
        import django

        django.setup()
        from django.db import connection

        from providers.sandbox import Sandbox

        with Sandbox(only=[SLUG]) as box:
            program = Program(hub.url, *_prepare(box))
            connection.close()
            program.start()
            time.sleep(BEFORE)
            before = program.answers.copy()
            hub.database.kill()
            pages = _look_at_pages(hub, seconds)
            down = program.answers - before
            hub.database.start()
            well = hub.wait_until_well()
            time.sleep(BEFORE)
            program.over.set()
            program.join()
            wrong = _hold_against(box, program)
            connection.close()
        lines = {name: hub.log_of(name).read_text("utf-8", "replace") for name in PROCESSES}
    print(f"API while down: {dict(down)}; in all: {dict(program.answers)}; pages while down: {dict(pages)}.")
    print(f"Lines about it: { {name: text.count(LINE) for name, text in lines.items()} }; well after {well:.1f} s.")
    allowed = {"503 error", "ReadTimeout"}
    wrong += [f"the API answered {answer} while down" for answer in down if answer not in allowed and down[answer] > 1]
    wrong += [f"a page answered {answer} while down" for answer in pages if not answer.startswith("503 with")]
    # A line a minute of each process; the web has two, and one may be new.
    most = 4 * (2 + int(seconds // 60))
    wrong += [f"{name} wrote {text.count(LINE)} lines" for name, text in lines.items() if text.count(LINE) > most]
    wrong += [f"{name} wrote a traceback" for name, text in lines.items() if "OperationalError" in text]
    return wrong + ([] if well < START_SECONDS else ["it did not get well"])


def _prepare(box: Any) -> tuple[str, int]:
    from django.contrib.auth.models import User

    from orders.api.authentication import make_token
    from providers.catalogue.sync import sync_services
    from providers.models import Provider, Service

    box.panel(SLUG).balance = 10**6
    provider = Provider.objects.create(
        name=SLUG, dialect=SLUG, api_url=box.url(SLUG), api_key=box.key(SLUG), requests_per_minute=6_000
    )
    sync_services(provider)
    person = User.objects.create_superuser("outage", password=os.urandom(16).hex())
    _token, key = make_token(person, "outage")
    service = Service.objects.filter(provider=provider, type="default", min_quantity__lte=100).earliest("pk")
    return key, service.pk


def _look_at_pages(hub: Deployment, seconds: float) -> Counter[str]:
    seen: Counter[str] = Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = requests.get(f"{hub.url}/orders/", cookies={"sessionid": "a" * 32}, timeout=30)
        says = "with" if "database does not answer" in answer.text else "without"
        seen[f"{answer.status_code} {says} a sentence"] += 1
        time.sleep(0.5)
    return seen


def _hold_against(box: Any, program: Program) -> list[str]:
    from orders.models import Order
    from providers.models import Provider
    from tests.helpers.conservation import check_conservation

    busy = Order.objects.filter(status__in=("queued", "sending"))
    seconds_until(lambda: not busy.exists(), most=START_SECONDS)
    wrong = [str(line) for line in check_conservation(box.ledger, list(Provider.objects.all()), at_rest=True)]
    known = set(Order.objects.values_list("pk", flat=True))
    wrong += [f"accepted and not there: {pk}" for pk in program.accepted if pk not in known]
    states = Counter(Order.objects.filter(pk__in=program.accepted).values_list("status", flat=True))
    print(f"{len(program.accepted)} accepted, {len(known)} in the hub: {dict(states)}.")
    return wrong


def main() -> int:
    """Print what was seen; the exit status is 1 when it was not as promised, 2 when servers are missing."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.outage", description=__doc__)
    parser.add_argument("--seconds", type=float, default=70.0, help="how long the database is down")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="panelhub-outage-", ignore_cleanup_errors=True) as folder:
        try:
            wrong = see_outage(Path(folder), seconds=options.seconds)
        except NotInstalled as missing:
            print(f"{missing} is not installed here.", file=sys.stderr)
            return 2
    print("\n".join(wrong) or "Nothing was lost, and all went on.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

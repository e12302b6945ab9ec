"""Unlisted refusals at accounts whose money is not simple: which share settles by itself, and that none does wrongly.

Orders go out singly or a few at once; every so often the panel refuses one in words that no list knows, and half of
those it has made nevertheless. Balances are rounded or late, money comes in unseen, someone else uses the account,
earlier orders are refunded. Clocks of panels and hub go on together, so waits of minutes take none.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

NAME: Final = "refusals"
ORDERS: Final = 1_500
SLUGS: Final = ("servsmm", "smmplus", "standard", "smmvna")
REFUSED: Final = 0.25
STIRRED: Final = 0.15
AT_ONCE: Final = 0.2
PLENTY: Final = 10**7
READINGS: Final = (1.0, 10.0, 11.0)


def try_refusals(folder: Path, orders: int, seed: int) -> int:
    """Order that many, print the results of the refusals; 0 when nothing that was made is rejected, else 1."""
    os.environ.update(
        DJANGO_SETTINGS_MODULE="panelhub.settings",
        DATABASE_URL="sqlite://:memory:",
        CELERY_BROKER_URL="",
        PANELHUB_VAR=str(folder / "var"),
        PANELHUB_ENV_FILE=os.devnull,
        PANELHUB_ALLOW_PRIVATE_PROVIDERS="true",
        LOG_LEVEL="ERROR",
    )
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    return _run(orders, seed)


def _run(orders: int, seed: int) -> int:
    from orders.models import BalanceCheck, Order
    from providers.sandbox import Fault, Sandbox
    from tests.helpers.at_sandbox import join, list_service, pick_service
    from tests.helpers.conservation import check_conservation

    chance = random.Random(seed)
    ways: tuple[tuple[Any, float | None], ...] = (
        *((None, None), (None, None), (Fault.balance_rounded, None)),
        *((Fault.balance_lags, seconds) for seconds in (240.0, 900.0, 5400.0)),
    )
    found: list[str] = []
    checks, made = Counter[str](), Counter[str]()
    number = 0
    with Sandbox(only=SLUGS) as box:
        while number < orders:
            # A new account at each panel, with its own way to show its balance.
            for slug in SLUGS:
                panel = box.panel(slug)
                panel.behave()
                panel.balance = PLENTY
                provider = join(box, slug, name=f"{slug} {number}")
                account = Account(
                    box, provider, list_service(provider, pick_service(panel)), chance, *chance.choice(ways)
                )
                number = account.live(number, min(orders, number + 40))
                found += [one for one in check_conservation(box.ledger, [provider]) if "at most 0 possible" in one]
                for check in BalanceCheck.objects.filter(provider=provider).select_related("order"):
                    checks[check.reason or check.state] += 1
                    link = check.order.link if check.order else ""
                    is_made = any(one.link == link for one in panel.orders.values())
                    made[f"{'made' if is_made else 'not made'}, {check.state}"] += 1
    total = sum(made.values())
    settled = made["not made, rejected"]
    placed = Order.objects.filter(external_id__isnull=False).count()
    print(f"{number} orders, {placed} placed, {total} refused in unlisted words.")
    print(f"Results: {_list(made)}.")
    print(f"By reason: {_list(checks)}.")
    unmade = sum(count for key, count in made.items() if key.startswith("not made"))
    share = 100 * settled / max(1, unmade)
    print(f"Settled by itself: {settled} of {unmade} that were not made ({share:.0f} %).")
    print(f"Wrongly rejected: {made['made, rejected']}.")
    for sentence in found:
        print(f"- {sentence}")
    return 1 if made["made, rejected"] or found else 0


def _list(figures: Counter[str]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in sorted(figures.items()))


class Account:
    """One account at one panel, minute by minute."""

    def __init__(
        self, box: Any, provider: Any, service: Any, chance: random.Random, way: Any, seconds: float | None
    ) -> None:
        self.provider, self.service, self.chance = provider, service, chance
        self.panel = box.panel(provider.dialect)
        self.way, self.seconds = way, seconds

    def live(self, number: int, last: int) -> int:
        """Order from `number` to `last`, check the balances of what was refused; the next number."""
        from orders.submission.services import send_due
        from providers.models import Provider, Service
        from providers.sandbox import Fault
        from tests.helpers.at_sandbox import queue_order

        self.beset(None)
        self.read()
        while number < last:
            self.wait(3.0)
            fault = self.chance.choice((Fault.unlisted, Fault.unlisted_after_accept))
            is_refused = self.chance.random() < REFUSED
            for _ in range(3 if self.chance.random() < AT_ONCE else 1):
                queue_order(self.service, number=number)
                number += 1
            self.beset(fault if is_refused else None, action="add")
            send_due(self.provider)
            money = (Fault.hidden_top_up, Fault.second_user, Fault.refund_of_same_amount)
            is_stirred = self.chance.random() < STIRRED
            self.beset(
                self.chance.choice(money) if is_stirred else None, action=self.chance.choice(("balance", "status"))
            )
            self.wait(self.chance.choice((1.0, 4.0, 8.0)))
            if not is_refused or is_stirred:
                self.read()
            if is_refused:
                self.check()
            Service.objects.filter(pk=self.service.pk).update(hold_reason="")
            Provider.objects.filter(pk=self.provider.pk).update(pause_kind="", breaker_until=None, paid_failures=0)
            self.wait(self.chance.choice((10.0, 60.0, 600.0)))
            self.read()
        self.wait(240.0)
        self.read()
        self.check()
        return number

    def beset(self, fault: Any, *, action: str = "") -> None:
        """Let one call of `action` meet the fault; the balance is shown in this account's way."""
        self.panel.behave()
        if fault is not None:
            self.panel.misbehave(fault, action=action, times=1)
        if self.way is not None:
            self.panel.misbehave(self.way, action="balance", seconds=self.seconds)

    def wait(self, minutes: float) -> None:
        """Let minutes pass, for panel and hub alike."""
        from tests.helpers.time_passing import pass_time

        self.panel.advance(minutes * 60)
        pass_time(minutes, [self.provider])

    def read(self) -> None:
        """Read balance and states, as the schedule does."""
        from orders.polling import services as polling_services
        from orders.polling.subjects import ORDERS as TRACKED
        from providers.accounts.balances import sync_balance
        from providers.client.errors import ProviderError

        with suppress(ProviderError):
            sync_balance(self.provider)
        polling_services.sync_now(TRACKED, self.provider)

    def check(self) -> None:
        """Take the readings of what was refused, at their times."""
        from orders.settlement.balance_checks import run_checks

        for minutes in READINGS:
            self.wait(minutes)
            run_checks(self.provider)

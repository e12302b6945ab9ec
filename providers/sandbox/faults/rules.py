"""Which fault meets which request: the rules a test or the control page has laid down for a panel."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from random import Random

from providers.sandbox.faults.faults import Fault

Params = Mapping[str, str]
_PATIENCE = 35.0  # more than any client should have
_SECONDS = {
    Fault.dripping_body: 0.5,
    Fault.dripping_head: 0.5,
    Fault.rate_limited_retry_after: 20.0,
    Fault.balance_lags: 900.0,
}
_ID_PARAMETERS = ("order", "orders", "refill", "refills")


@dataclass(slots=True)
class Rule:
    """One fault and the requests it is for; `times` counts down and None never ends."""

    fault: Fault
    actions: frozenset[str]
    times: int | None = None
    probability: float | None = None
    match: Callable[[Params], bool] | None = None
    seconds: float = 0.0
    location: str = ""
    ids: frozenset[str] = field(default_factory=frozenset)

    def applies(self, params: Params) -> bool:
        """Return whether the request is one of those the rule is for, chance left aside."""
        if self.times == 0:
            return False
        if self.actions and params.get("action", "") not in self.actions:
            return False
        if self.ids and not self.ids & _asked_ids(params):
            return False
        return self.match is None or self.match(params)


class Misbehaviour:
    """The rules of one panel; the first that applies wins. Guarded by the panel's lock."""

    def __init__(self, seed: str) -> None:
        self.rules: list[Rule] = []
        self._random = Random(f"{seed}:faults")  # noqa: S311 - repeatable, not secret

    def add(
        self,
        fault: Fault,
        *,
        action: str | Collection[str] | None = None,
        times: int | None = None,
        probability: float | None = None,
        match: Callable[[Params], bool] | None = None,
        seconds: float | None = None,
        location: str = "",
        ids: Collection[str | int] = (),
    ) -> Rule:
        """Lay down a rule; raises ValueError with a sentence when the fault has no meaning for the action."""
        actions = frozenset([action] if isinstance(action, str) else action or ())
        strange = actions - fault.actions if fault.actions else frozenset()
        if strange:
            raise ValueError(f"{fault} has no meaning for {', '.join(sorted(strange))}.")
        if fault is Fault.poison_id and not ids:
            raise ValueError("poison_id needs the ids that are poison.")
        rule = Rule(
            fault=fault,
            actions=actions or fault.actions,
            times=times,
            probability=probability,
            match=match,
            seconds=_SECONDS.get(fault, _PATIENCE) if seconds is None else seconds,
            location=location,
            ids=frozenset(str(number) for number in ids),
        )
        self.rules.append(rule)
        return rule

    def remove(self, rule: Rule) -> None:
        """Take a rule back; nothing happens when it is gone already."""
        if rule in self.rules:
            self.rules.remove(rule)

    def clear(self) -> None:
        """Behave from now on."""
        self.rules.clear()

    def pick(self, params: Params) -> Rule | None:
        """Return the rule that meets this request, counted down; None when the panel behaves."""
        for rule in self.rules:
            if not rule.applies(params):
                continue
            if rule.probability is not None and self._random.random() >= rule.probability:
                continue
            if rule.times is not None:
                rule.times -= 1
            if rule.times == 0:
                self.rules.remove(rule)
            return rule
        return None


def _asked_ids(params: Params) -> set[str]:
    return {number.strip() for name in _ID_PARAMETERS for number in params.get(name, "").split(",") if number}

"""How providers and services did on the last orders, worked out by a job so that pages and routes only read it.

Few orders say little: the share to expect counts ``PRIOR_ORDERS`` more that did as well as the provider, and the
provider's the same with all orders of the hub, so that three of three are never a certain 100 %.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from providers.catalogue.quality_labels import FEW_ORDERS
from providers.models import Provider, Service

WINDOW_DAYS: Final = 90
"""How old an order may be to count."""
PRIOR_ORDERS: Final = 10
PRIOR_SHARE: Final = 0.8
"""The share to expect completed where nothing was measured at all."""


def smooth(completed: int, orders: int, prior: float) -> float:
    """Return the share to expect completed: what was measured, and ``PRIOR_ORDERS`` more at ``prior``."""
    return (completed + PRIOR_ORDERS * prior) / (orders + PRIOR_ORDERS)


class Quality(models.Model):
    """Figures over the last orders: times in seconds, shares between 0 and 1.

    ``expected`` is the share to expect completed. Of the refills ``asked`` some are not ``decided`` yet.
    """

    at = models.DateTimeField(default=timezone.now)
    orders = models.PositiveIntegerField(default=0)
    seconds_to_start = models.FloatField(null=True, blank=True)
    seconds_to_finish = models.FloatField(null=True, blank=True)
    completed = models.FloatField(default=0.0)
    partial = models.FloatField(default=0.0)
    canceled = models.FloatField(default=0.0)
    expected = models.FloatField(default=PRIOR_SHARE, db_default=PRIOR_SHARE)
    refills_asked = models.PositiveIntegerField(default=0, db_default=0)
    refills_decided = models.PositiveIntegerField(default=0, db_default=0)
    refills_honoured = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        abstract = True


class ProviderQuality(Quality):
    """How a provider did on its last finished orders."""

    provider = models.OneToOneField(Provider, on_delete=models.CASCADE, related_name="quality")
    refilled = models.FloatField(default=0.0)
    price_ratio = models.FloatField(
        null=True, blank=True, help_text=_("Median of its cheapest prices over the cheapest of all providers.")
    )

    def __str__(self) -> str:
        return f"{self.provider_id}: {self.orders}"


class ServiceQuality(Quality):
    """How a service did on its last finished orders."""

    service = models.OneToOneField(Service, on_delete=models.CASCADE, related_name="measured")
    sureness = models.FloatField(
        default=0.0,
        db_default=0.0,
        help_text=_("Lowest completion rate to expect from this many orders."),
    )
    price_changes = models.PositiveIntegerField(default=0, db_default=0)
    price_spread = models.FloatField(
        default=0.0,
        db_default=0.0,
        help_text=_("Highest price above the lowest one, as a share of it."),
    )

    def __str__(self) -> str:
        return f"{self.service_id}: {self.orders}"


class RollupMark(models.Model):
    """Up to which line of the timeline the daily totals are worked out; the one row with key 1."""

    event_id = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(pk=1), name="one_rollup_mark")]

    def __str__(self) -> str:
        return str(self.event_id)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What to expect of a service: times in seconds (medians), shares between 0 and 1.

    ``orders`` is how many orders of the service itself were measured; a
    time that was not measured on it is its provider's. ``lowest`` is the lowest completion rate to expect.
    """

    orders: int = 0
    completion: float = PRIOR_SHARE
    lowest: float = 0.0
    seconds_to_start: float | None = None
    seconds_to_finish: float | None = None
    refills_honoured: float | None = None
    price_changes: int = 0
    price_spread: float = 0.0

    @property
    def is_few(self) -> bool:
        """Whether too few orders were measured to rely on them."""
        return self.orders < FEW_ORDERS


_OWN: Final = (
    *("orders", "expected", "sureness", "seconds_to_start", "seconds_to_finish"),
    *("refills_decided", "refills_honoured", "price_changes", "price_spread"),
)
_PROVIDERS: Final = ("expected", "seconds_to_start", "seconds_to_finish", "refills_decided", "refills_honoured")


def expected_quality(services: Iterable[int]) -> dict[int, Expectation]:
    """Return what to expect of each service (by its key), measured or not; one statement."""
    rows = Service.objects.filter(pk__in=list(services)).order_by()
    columns = [*(f"measured__{name}" for name in _OWN), *(f"provider__quality__{name}" for name in _PROVIDERS)]
    return {row["pk"]: expect_from(row) for row in rows.values("pk", *columns)}


def expect_from(row: Mapping[str, Any]) -> Expectation:
    """Return what to expect of a service from a row with the figures of itself and of its provider."""
    own = {name: row[f"measured__{name}"] for name in _OWN}
    whole = {name: row[f"provider__quality__{name}"] for name in _PROVIDERS}
    base: Any = own if own["orders"] else whole
    decided = own["refills_decided"] or whole["refills_decided"] or 0
    honoured = own["refills_honoured"] if own["refills_decided"] else whole["refills_honoured"]

    def time_of(name: str) -> float | None:
        found: float | None = whole[name] if own[name] is None else own[name]
        return found

    return Expectation(
        orders=own["orders"] or 0,
        completion=PRIOR_SHARE if base["expected"] is None else base["expected"],
        lowest=own["sureness"] or 0.0,
        seconds_to_start=time_of("seconds_to_start"),
        seconds_to_finish=time_of("seconds_to_finish"),
        refills_honoured=smooth(honoured, decided, PRIOR_SHARE) if decided else None,
        price_changes=own["price_changes"] or 0,
        price_spread=own["price_spread"] or 0.0,
    )

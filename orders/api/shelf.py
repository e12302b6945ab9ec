"""What programs may order, under which number and at which price, in the hub's currency."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from typing import TYPE_CHECKING, Final

from django.db.models import Q

from orders.access import granted_provider_ids
from orders.exchange import rates
from orders.models import ApiOrder, ApiToken, HubRules, Markup, OpenService

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.db.models import QuerySet

PLACES: Final = Decimal("0.00001")
"""Rates and charges are told with five decimals, rounded up."""
_HUNDRED: Final = Decimal(100)
_THOUSAND: Final = Decimal(1000)


@dataclass(frozen=True, slots=True)
class Terms:
    """How a provider's money becomes the program's: ``factor`` on it, ``addition`` to the rate of 1,000."""

    factor: Decimal
    addition: Decimal

    def rate(self, rate: Decimal) -> Decimal:
        """A rate as the program is told it."""
        return (rate * self.factor + self.addition).quantize(PLACES, rounding=ROUND_UP)

    def charge(self, charge: Decimal, billed: int | None, *, per: Decimal = _THOUSAND) -> Decimal:
        """A charge as the program is told it; ``billed`` units carry the addition."""
        return (charge * self.factor + self.addition * (billed or 0) / per).quantize(PLACES, rounding=ROUND_UP)


@dataclass(frozen=True, slots=True)
class Offered:
    """One thing on the shelf, with its terms."""

    open_as: OpenService
    terms: Terms


class Shelf:
    """The shelf as one token sees it; markups and exchange rates are read once."""

    def __init__(self, token: ApiToken) -> None:
        self.token = token
        self.currency = HubRules.load().currency
        self._rates = rates()
        self._markups: Mapping[int, Markup] = {markup.provider_id: markup for markup in Markup.objects.all()}

    def services(self) -> Iterator[Offered]:
        """Everything of the type service that is open to the token and can be ordered."""
        return self._offered(self._open().filter(service__isnull=False))

    def products(self) -> Iterator[Offered]:
        """Every product that is open to the token."""
        return self._offered(self._open().filter(product__isnull=False))

    def find(self, number: str) -> Offered | None:
        """One thing by its number, or ``None``."""
        if not (number.isascii() and number.isdigit() and len(number) < 19):
            return None
        return next(self._offered(self._open().filter(pk=int(number))), None)

    def _open(self) -> QuerySet[OpenService]:
        found = OpenService.objects.filter(is_open=True).filter(
            Q(service__is_available=True, service__hold_reason="", service__provider__is_active=True)
            | Q(product__is_available=True, product__provider__is_active=True)
        )
        granted = granted_provider_ids(self.token.person)
        if granted is not None:
            found = found.filter(Q(service__provider__in=granted) | Q(product__provider__in=granted))
        if self.token.services.exists():
            found = found.filter(tokens=self.token)
        return found.select_related("service__provider", "product__provider").order_by("pk")

    def _offered(self, found: QuerySet[OpenService]) -> Iterator[Offered]:
        for open_as in found:
            terms = self._terms(open_as)
            if terms is not None:
                yield Offered(open_as, terms)

    def _terms(self, open_as: OpenService) -> Terms | None:
        thing = open_as.service or open_as.product
        assert thing is not None  # noqa: S101 - the database holds that it is one of the two
        provider = thing.provider
        exchange = Decimal(1) if provider.currency in {"", self.currency} else self._rates.get(provider.currency)
        if exchange is None:
            return None
        markup = self._markups.get(provider.pk)
        share = open_as.share if open_as.share is not None else markup.share if markup else Decimal(0)
        addition = open_as.addition if open_as.addition is not None else markup.addition if markup else Decimal(0)
        return Terms(exchange * (1 + share / _HUNDRED), addition)


def terms_of(sold: ApiOrder | None) -> Terms:
    """The terms an order was sold at; an order that no program made has the provider's own."""
    return Terms(sold.factor, sold.addition) if sold else Terms(Decimal(1), Decimal(0))

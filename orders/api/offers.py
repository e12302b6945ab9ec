"""What programs may order, under which number and at which price, in the hub's currency."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_UP, Context, Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Final

from django.db.models import Prefetch

from orders import order_types
from orders.currency.exchange import rates
from orders.models import ApiOrder, ApiToken, HubRules, Markup, OpenService
from orders.permissions import seen_by
from providers.models import Provider

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.db.models import QuerySet

PLACES: Final = Decimal("0.00001")
"""Rates and charges are returned with five decimals, rounded up."""
FACTOR_PLACES: Final = Decimal("0.0000000001")
_HUNDRED: Final = Decimal(100)
# Wide enough that no amount of the money columns is ever too long to be rounded.
_WIDE: Final = Context(prec=60, rounding=ROUND_UP)


@dataclass(frozen=True, slots=True)
class Terms:
    """How a provider's money becomes the program's: ``factor`` on it, ``addition`` to the rate."""

    factor: Decimal
    addition: Decimal

    def rate(self, rate: Decimal) -> Decimal:
        """Return a rate as the program sees it."""
        return _rounded(rate * self.factor + self.addition)

    def charge(self, charge: Decimal, rates_paid: Decimal) -> Decimal:
        """Return a charge as the program sees it; ``rates_paid`` is how often the rate, and so the addition, is in
        it.
        """
        return _rounded(charge * self.factor + self.addition * rates_paid)


PLAIN: Final = Terms(Decimal(1), Decimal(0))


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(PLACES, context=_WIDE)


@dataclass(frozen=True, slots=True)
class Offered:
    """One open service or product, with its terms."""

    open_as: OpenService
    terms: Terms


class Money:
    """The hub's currency and its exchange rates, each read once and only when needed."""

    @cached_property
    def currency(self) -> str:
        """The hub's currency."""
        return HubRules.load().currency

    @cached_property
    def _rates(self) -> Mapping[str, Decimal]:
        return rates()

    def worth(self, currency: str) -> Decimal | None:
        """Return what one unit of ``currency`` is worth in the hub's; ``None`` when no rate is known."""
        return Decimal(1) if currency in {"", self.currency} else self._rates.get(currency)


class OfferList:
    """The services and products that one token can order."""

    def __init__(self, token: ApiToken, money: Money) -> None:
        self.token = token
        self.money = money

    def services(self) -> Iterator[Offered]:
        """Return every service that is open to the token and can be ordered."""
        return self._offered(self._services())

    def products(self) -> Iterator[Offered]:
        """Return every product that is open to the token."""
        return self._offered(self._products())

    def find_service(self, number: str) -> Offered | None:
        """Return one service by its number, or ``None``."""
        return self._find(self._services(), number)

    def find_product(self, number: str) -> Offered | None:
        """Return one product by its number, or ``None``."""
        return self._find(self._products(), number)

    def _find(self, found: QuerySet[OpenService], number: str) -> Offered | None:
        key = read_number(number)
        return None if key is None else next(self._offered(found.filter(pk=key)), None)

    def _services(self) -> QuerySet[OpenService]:
        found = OpenService.objects.filter(
            is_open=True,
            service__is_available=True,
            service__hold_reason="",
            service__provider__is_active=True,
            # What the hub does not know the parameters of, no program can order.
            service__type__in=list(order_types.TYPES),
        )
        return self._seen(found, "service").defer("service__description", "service__search_text")

    def _products(self) -> QuerySet[OpenService]:
        found = OpenService.objects.filter(is_open=True, product__is_available=True, product__provider__is_active=True)
        return self._seen(found, "product").defer("product__search_text")

    def _seen(self, found: QuerySet[OpenService], thing: str) -> QuerySet[OpenService]:
        if not self.token.all_services:
            chosen = ApiToken.services.through.objects.filter(apitoken_id=self.token.pk)
            found = found.filter(pk__in=chosen.values("openservice_id"))
        found = seen_by(found, self.token.person, path=f"{thing}__provider_id")
        # Providers are few: each is made once, however many of its services are listed.
        providers = Provider.objects.defer("api_key").select_related("markup")
        return found.select_related(thing).prefetch_related(Prefetch(f"{thing}__provider", providers)).order_by("pk")

    def _offered(self, found: QuerySet[OpenService]) -> Iterator[Offered]:
        for open_as in found:
            terms = terms_now(open_as, self.money)
            if terms is not None:
                yield Offered(open_as, terms)


def terms_now(open_as: OpenService, money: Money) -> Terms | None:
    """Return the terms of something today (provider and its markup loaded); ``None`` without an exchange rate."""
    provider = open_as.thing.provider
    markup: Markup | None = getattr(provider, "markup", None)
    return reckon_terms(money.worth(provider.currency), markup, share=open_as.share, addition=open_as.addition)


def reckon_terms(
    worth: Decimal | None, markup: Markup | None, *, share: Decimal | None, addition: Decimal | None
) -> Terms | None:
    """Return terms from what the currency is worth, the provider's markup and the thing's own.

    ``None`` without a rate.
    """
    if worth is None:
        return None
    if share is None:
        share = markup.share if markup else Decimal(0)
    if addition is None:
        addition = markup.addition if markup else Decimal(0)
    return Terms((worth * (1 + share / _HUNDRED)).quantize(FACTOR_PLACES, context=_WIDE), addition)


def terms_of(sold: ApiOrder | None, currency: str, money: Money) -> tuple[Terms, str]:
    """Return the terms an order was sold at, and the currency they lead to.

    An order that no program made has no markup; without an exchange rate it stays in its own currency.
    """
    if sold is not None:
        return Terms(sold.factor, sold.addition), money.currency
    worth = money.worth(currency)
    return (PLAIN, currency) if worth is None else (Terms(worth, Decimal(0)), money.currency)


def read_number(text: str) -> int | None:
    """Return an id as a key of a row, or ``None`` when it cannot be one."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None

"""Fetch exchange rates: read a public sheet, and store the rates of the currencies in use under its day.

What a person entered is never overwritten; a rate that was fetched is, by a later sheet of its day.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.currency.rate_sheet import LONGEST_SHEET, Sheet, SheetUnreadable, read_sheet
from orders.models import ExchangeRate, HubRules
from providers.catalogue.hub_rates import refresh_hub_rates
from providers.client.exchange import TransportFailure
from providers.client.transport import Route, shared_transport
from providers.models import Provider

OLDEST: Final = timedelta(days=14)
"""An older sheet is no one's rates of today: something is wrong with where it comes from."""


class RatesFailed(Exception):
    """Why no exchange rates could be fetched, as a sentence for a person."""


def is_switched_on() -> bool:
    """Return whether the hub is to fetch exchange rates at all."""
    return bool(settings.PANELHUB_RATES_URL)


def currencies_in_use() -> set[str]:
    """Return the currencies of the accounts, and those someone entered a rate for before."""
    used = Provider.objects.order_by().values_list("currency", flat=True).distinct()
    entered = ExchangeRate.objects.order_by().values_list("currency", flat=True).distinct()
    return {*used, *entered} - {""}


def fetch_rates() -> Counter[str]:
    """Fetch the sheet and keep what it says of the currencies in use; returns figures.

    ``written``, ``changed``, ``unchanged``; ``entered``: left as a person entered them; ``missing``: in
    use and not in the sheet. Raises :class:`RatesFailed`.
    """
    sheet = _read(_fetch(settings.PANELHUB_RATES_URL))
    hub = HubRules.load().currency
    try:
        worths = sheet.worth_in(hub)
    except LookupError:
        raise RatesFailed(
            _("The rate list has no rate for %(currency)s, the hub’s currency.") % {"currency": hub}
        ) from None
    used = currencies_in_use() - {hub}
    source = sheet.source or (urlsplit(settings.PANELHUB_RATES_URL).hostname or "")[:60]
    figures = Counter(missing=len(used - worths.keys()))
    stored = {rate.currency: rate for rate in ExchangeRate.objects.filter(day=sheet.day, currency__in=used)}
    new = []
    for currency in sorted(used & worths.keys()):
        worth, known = worths[currency], stored.get(currency)
        if known is None:
            new.append(ExchangeRate(currency=currency, day=sheet.day, rate=worth, source=source, is_fetched=True))
        elif not known.is_fetched:
            figures["entered"] += 1
        elif known.rate == worth:
            figures["unchanged"] += 1
        else:
            # Once more in the statement itself: someone may be entering one right now.
            mine = ExchangeRate.objects.filter(pk=known.pk, is_fetched=True)
            figures["changed"] += mine.update(rate=worth, source=source)
    ExchangeRate.objects.bulk_create(new, ignore_conflicts=True)
    figures["written"] = len(new)
    # Neither statement sends a signal.
    refresh_hub_rates(currency__in=used)
    return figures


def _fetch(url: str) -> bytes:
    route = Route(
        url=url,
        keep_as="rates",
        user_agent="PanelHub",
        allow_private=settings.PANELHUB_ALLOW_PRIVATE_PROVIDERS,
    )
    reply = shared_transport().get(route, max_body=LONGEST_SHEET)
    if isinstance(reply, TransportFailure):
        raise RatesFailed(
            _("Couldn’t fetch exchange rates: %(why)s.")
            % {"why": reply.sentence.rstrip(".") or reply.failure.value.replace("_", " ")}
        )
    if reply.status != 200:
        raise RatesFailed(
            _("Couldn’t fetch exchange rates: the server responded with %(status)s.") % {"status": reply.status}
        )
    return reply.body


def _read(body: bytes) -> Sheet:
    try:
        sheet = read_sheet(body)
    except SheetUnreadable as refusal:
        raise RatesFailed(_("The fetched rates can’t be read. %(why)s") % {"why": refusal}) from None
    today = timezone.localdate()
    # A day ahead: it may be tomorrow already where the sheet is made.
    if not today - OLDEST <= sheet.day <= today + timedelta(days=1):
        raise RatesFailed(_("The rates from %(day)s are out of date.") % {"day": sheet.day})
    return sheet

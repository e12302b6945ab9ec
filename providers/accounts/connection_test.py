"""Looking whether an account works: reading calls only, each finding a sentence for the page and the terminal."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from panelhub.encryption.vault import SecretUnreadable
from providers.accounts import services as accounts_services
from providers.accounts.balances import sync_balance
from providers.calls import circuit_breaker
from providers.calls.rate_limit import BudgetExhausted, CallPriority
from providers.calls.services import calling
from providers.catalogue.diff import plain
from providers.client.errors import AccountRefused, NotSent, OrderRefused, ProviderError, RateLimited, Unknown
from providers.dialects import Action, capabilities
from providers.models import Provider, ProviderCheck

if TYPE_CHECKING:
    from collections.abc import Callable

KEPT: Final = 20
GOOD: Final = "good"
BAD: Final = "bad"
NOTE: Final = "note"

# Why a call came to nothing, and what a person can do about it. The wire's own words follow.
ADVICE: Final = {
    "refused": gettext_noop("Connection refused. The panel is down or the URL is wrong."),
    "unknown_host": gettext_noop("Unknown host. Check the URL for a typo."),
    "connect_timeout": gettext_noop("The panel doesn’t respond. It is down or blocks this server."),
    "tls": gettext_noop("The panel’s certificate isn’t trusted. Nothing was sent."),
    "address": gettext_noop("This URL isn’t allowed. Nothing was sent."),
    "bad_key": gettext_noop("The provider rejected the key. Paste a new one from its API page."),
    "account_off": gettext_noop("The provider says the account is disabled."),
    "no_funds": gettext_noop("The provider says the balance is too low."),
    "maintenance": gettext_noop("The provider is under maintenance."),
    "timeout": gettext_noop("The provider took longer than 25 seconds."),
    "connection_lost": gettext_noop("The provider closed the connection."),
    "redirect": gettext_noop("The URL redirects. Enter the final URL."),
    "server_error": gettext_noop("The provider has a server error."),
    "too_large": gettext_noop("The response is too large."),
    "rate_limit": gettext_noop("The provider’s rate limit was reached."),
    "trouble": gettext_noop("The provider reported an unspecified error."),
    "html": gettext_noop("The URL returned a web page. It isn’t the API URL, or a firewall blocks it."),
    "bad_http": gettext_noop("The server didn’t return valid HTTP."),
    "no_answer": gettext_noop("The response doesn’t match the request. The URL may belong to another API."),
    "unreadable": gettext_noop("The response can’t be read. This may not be the API URL."),
}


class _Findings:
    """The lines of one check as they are found."""

    def __init__(self) -> None:
        self.ok = True
        self.lines: list[dict[str, str]] = []

    def add(self, kind: str, text: str) -> None:
        self.ok = self.ok and kind != BAD
        self.lines.append({"kind": kind, "text": text})


def check_provider(provider: Provider, *, priority: CallPriority = CallPriority.CLICK) -> ProviderCheck:
    """Ask the account for what costs nothing and keep what was found; raises nothing that the provider does."""
    findings = _Findings()
    if _has_usable_key(provider, findings) and _try_balance(provider, findings, priority):
        _try_services(provider, findings, priority)
        if provider.speaks.can(Action.products):
            _try_products(provider, findings, priority)
        _try_known_order(provider, findings, priority)
    _record_capabilities(provider, findings)
    check = ProviderCheck.objects.create(provider=provider, ok=findings.ok, lines=findings.lines)
    kept = ProviderCheck.objects.filter(provider=provider).order_by("-id").values_list("pk", flat=True)[:KEPT]
    ProviderCheck.objects.filter(provider=provider).exclude(pk__in=list(kept)).delete()
    return check


def has_working_key(lines: list[dict[str, str]] | None) -> bool:
    """Return whether the lines of a check say that the provider took the key: one of its answers was good."""
    return any(line.get("kind") == GOOD for line in lines or ())


def explain(error: BaseException) -> str:
    """Return what went wrong, in a sentence about what to do and the provider's or the wire's own words."""
    if isinstance(error, BudgetExhausted):
        again = timezone.localtime(timezone.now() + timedelta(seconds=error.seconds)).strftime("%H:%M:%S")
        when = {"time": again, "seconds": math.ceil(error.seconds)}
        if error.held:
            return _("The provider requested a pause. Next call at %(time)s (in %(seconds)s s).") % when
        return _("Rate limit: next call at %(time)s (in %(seconds)s s).") % when
    advice = ADVICE.get(_cause(error), "")
    words = str(error).strip()
    return " ".join(part for part in (_(advice) if advice else "", words if words != advice else "") if part)


def _cause(error: BaseException) -> str:
    if isinstance(error, NotSent):
        return str(error.reason)
    if isinstance(error, AccountRefused):
        return str(error.kind)
    if isinstance(error, RateLimited):
        return "rate_limit"
    if isinstance(error, Unknown):
        excerpt = error.evidence.excerpt.lstrip() if error.evidence else ""
        return "html" if excerpt.startswith("<") and str(error.reason) == "unreadable" else str(error.reason)
    return ""


def _attempt(findings: _Findings, what: str, ask: Callable[[], str]) -> Exception | None:
    """Do one step: its result as a good line, its failure as a bad one, which is returned."""
    try:
        findings.add(GOOD, ask())
    except (ProviderError, BudgetExhausted) as error:
        findings.add(BAD, f"{what}: {explain(error)}")
        return error
    return None


def _has_usable_key(provider: Provider, findings: _Findings) -> bool:
    try:
        key = provider.api_key
    except SecretUnreadable as error:
        findings.add(BAD, str(error))
        return False
    if not key:
        findings.add(BAD, _("No key is set."))
        return False
    if twins := accounts_services.accounts_with_key(key, but=provider):
        text = _("%(names)s uses the same key, so both share one balance.")
        findings.add(NOTE, text % {"names": ", ".join(twins)})
    return True


def _try_balance(provider: Provider, findings: _Findings, priority: CallPriority) -> bool:
    """Return whether further requests make sense."""

    def ask() -> str:
        sync_balance(provider, priority=priority)
        balance = plain(provider.balance) if provider.balance is not None else "?"
        return _("The key works. Balance: %(balance)s %(currency)s") % {
            "balance": balance,
            "currency": provider.currency,
        }

    if not provider.speaks.can(Action.balance):
        findings.add(NOTE, provider.speaks.why_not(Action.balance))
        return True
    failure = _attempt(findings, _("Balance"), ask)
    return not isinstance(failure, NotSent | AccountRefused | RateLimited | BudgetExhausted)


def _try_services(provider: Provider, findings: _Findings, priority: CallPriority) -> None:
    def ask() -> str:
        with calling(provider, Action.services, priority=priority) as client:
            reply = client.services_raw()
            listed, skipped = len(reply.rows), reply.skipped
        if skipped:
            text = _("Services: %(listed)d listed, %(skipped)d skipped without an ID or price.")
            return text % {"listed": listed, "skipped": skipped}
        return _("Services: %(listed)d listed.") % {"listed": listed}

    _attempt(findings, _("Services"), ask)


def _try_products(provider: Provider, findings: _Findings, priority: CallPriority) -> None:
    def ask() -> str:
        with calling(provider, Action.products, priority=priority) as client:
            return _("Products: %(listed)d listed.") % {"listed": len(client.products())}

    _attempt(findings, _("Products"), ask)


def _try_known_order(provider: Provider, findings: _Findings, priority: CallPriority) -> None:
    """Request the status of an order that this account has placed: a key of another account does not know it."""
    orders = accounts_services.known_orders(provider)
    is_new_key = provider.pause_kind == Provider.Pause.NEW_KEY
    if not orders or not provider.speaks.can(Action.status):
        if is_new_key:
            circuit_breaker.resume(provider)
        return
    doubt: Exception | None = None
    for order in orders:
        try:
            with calling(provider, Action.status, priority=priority) as client:
                client.status(order)
        except OrderRefused:
            continue
        except (ProviderError, BudgetExhausted) as error:
            doubt = error
            continue
        findings.add(GOOD, _("The key knows order %(order)s.") % {"order": order})
        if is_new_key:
            circuit_breaker.resume(provider)
        return
    if doubt is not None:
        findings.add(BAD, f"{_('Order status')}: {explain(doubt)}")
        return
    text = _("Earlier orders (%(orders)s) can’t be found with this key. It belongs to another account.")
    sentence = text % {"orders": ", ".join(orders)}
    findings.add(BAD, sentence)
    if is_new_key:
        Provider.objects.filter(pk=provider.pk, pause_kind=Provider.Pause.NEW_KEY).update(
            pause_text=sentence[: circuit_breaker.TEXT_LENGTH]
        )


def _record_capabilities(provider: Provider, findings: _Findings) -> None:
    lines = capabilities(provider.speaks)
    can = ", ".join(line.label for line in lines if line.can)
    cannot = ", ".join(line.label for line in lines if not line.can)
    findings.add(NOTE, _("Supported: %(actions)s.") % {"actions": can})
    if cannot:
        findings.add(NOTE, _("Not supported: %(actions)s.") % {"actions": cannot})
    findings.add(NOTE, _("Requests per minute: %(rate)d") % {"rate": provider.rate_limit})

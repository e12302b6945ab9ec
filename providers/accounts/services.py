"""Rules about accounts: what may change once one is in use, whose key is whose, how one is paused and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from panelhub.audit.services import record
from panelhub.background.dispatch import notify_worker
from panelhub.encryption.rotation import rebind_secrets
from panelhub.encryption.vault import SecretUnreadable
from panelhub.models import AuditEvent
from panelhub.schedule import CLICKS
from providers import dialects
from providers.calls import circuit_breaker
from providers.client.address import AddressRefused, check_url
from providers.hooks import type_labels
from providers.models import Product, Provider, Service, ServiceChange

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.http import HttpRequest

    from panelhub.launcher.startup import Startup

FIXED_IN_USE: Final = ("dialect", "api_url")
"""What stays as it is once there are orders: their ids mean nothing at another panel."""
REMOVED: Final = "provider.removed"
MOST_KNOWN_ORDERS: Final = 3
_CHUNK: Final = 1000

_known_orders: list[Callable[[Provider], Sequence[str]]] = []


def register_known_orders(find: Callable[[Provider], Sequence[str]]) -> None:
    """Have ``find`` name a few of the orders that an account has placed, newest first, by the provider's ids.

    A new key must answer for one of them. The app of orders registers itself, as this one knows none.
    """
    if find not in _known_orders:
        _known_orders.append(find)


def known_orders(provider: Provider) -> list[str]:
    """Return the provider's ids of a few orders that this account has placed; empty when there are none."""
    return [order for find in _known_orders for order in find(provider)][:MOST_KNOWN_ORDERS]


def is_in_use(provider: Provider) -> bool:
    """Return whether anything outside of this app depends on the account, orders first of all."""
    if provider._state.adding:
        return False
    return any(
        relation.related_model._base_manager.filter(**{relation.field.name: provider}).exists()
        for relation in Provider._meta.related_objects
        if relation.on_delete is models.PROTECT and relation.related_model._meta.app_label != Provider._meta.app_label
    )


def find_fault_with_url(url: str, *, is_sandbox: bool) -> str:
    """Return why a provider may not have this address, as a sentence; "" when it may. Resolves no name."""
    try:
        check_url(
            url,
            allow_private=settings.PANELHUB_ALLOW_PRIVATE_PROVIDERS,
            exempt_origin=settings.PANELHUB_SANDBOX_ORIGIN if is_sandbox else "",
        )
    except AddressRefused as refusal:
        return refusal.sentence
    return ""


def find_fault_with_overrides(dialect: str, overrides: Any) -> str:
    """Return why these overrides do not fit the dialect, as a sentence; "" when they do."""
    try:
        check_overrides(dialect, overrides)
    except ValueError as error:
        return str(error)
    return ""


def check_overrides(dialect: str, overrides: Any) -> None:
    """Raise ValueError, with a sentence for a person, when these overrides do not fit the dialect or the hub."""
    dialects.resolve(dialect, overrides)
    known = type_labels()
    if not set((overrides or {}).get("types", {}).values()) <= known.keys():
        raise ValueError(f"An order type is one of: {', '.join(sorted(known))}.")


def find_forbidden_changes(provider: Provider, changed: Mapping[str, Any]) -> dict[str, str]:
    """Return which of the ``changed`` fields may not change any more, each with a sentence."""
    fixed = [name for name in FIXED_IN_USE if name in changed and changed[name] != getattr(provider, name)]
    if not fixed or not is_in_use(provider):
        return {}
    sentences = {
        "dialect": _("The dialect can’t be changed because there are orders. Add another provider instead."),
        "api_url": _("The URL can’t be changed because there are orders. Add another provider instead."),
    }
    return {name: sentences[name] for name in fixed}


def needs_key_again(provider: Provider, api_url: str) -> bool:
    """Return whether the account's key was entered for another scheme, host or port than this address has."""
    return bool(provider.__dict__.get("api_key")) and Provider(api_url=api_url).origin != provider.origin


def rebind_keys(startup: Startup) -> None:
    """Bind keys of earlier versions to the addresses they are for, and name the accounts whose key is unreadable."""
    bound, unreadable = rebind_secrets()
    if bound:
        startup.say(f"Keys bound to their addresses: {bound}.")
    for row in unreadable:
        startup.say(f"The key of {row} cannot be read with PANELHUB_KEYS and this address. Enter it again.")


def accounts_with_key(key: str, *, but: Provider | None = None) -> list[str]:
    """Return the names of the other accounts that use the same key."""
    if not key:
        return []
    names = []
    for other in Provider.objects.all():
        try:
            if other != but and other.api_key == key:
                names.append(other.name)
        except SecretUnreadable:
            continue
    return names


def put_key(provider: Provider, key: str) -> None:
    """Give an account another key, on the instance alone: save it afterwards.

    Where there are orders, paid calls wait until a check has shown that the key answers for one of them.
    """
    provider.api_key = key
    if not provider._state.adding and known_orders(provider):
        provider.pause_kind = Provider.Pause.NEW_KEY
        provider.pause_text = _("The new key has not been checked yet.")
        provider.paused_at = timezone.now()
        provider.pause_balance = None
    elif provider.pause_kind in (Provider.Pause.BAD_KEY, Provider.Pause.NEW_KEY):
        provider.pause_kind = provider.pause_text = ""


def ask_for_check(provider: Provider) -> None:
    """Have a worker look at the account as soon as this transaction is committed."""
    notify_worker("providers.tasks.check_provider", provider.pk, queue=CLICKS)


def page_of_check(provider: Provider) -> str:
    """Return the address of the account's page that waits for the next check and then shows it."""
    newest = provider.checks.values_list("pk", flat=True).first() or 0
    return f"{reverse('providers:detail', args=[provider.pk])}?checking={newest}"


def ask_for_sync(provider: Provider) -> None:
    """Have a worker read the account's balance and lists as soon as this transaction is committed."""
    for task in ("sync_balance", "sync_services", "sync_products"):
        notify_worker(f"providers.tasks.{task}", provider.pk)


def pause_by_hand(provider: Provider, *, by: Any, request: HttpRequest | None = None) -> None:
    """Stop paid calls until a person lets them out again."""
    with transaction.atomic():
        Provider.objects.filter(pk=provider.pk).update(
            pause_kind=Provider.Pause.BY_HAND, pause_text="", paused_at=timezone.now(), pause_balance=None
        )
        record(by, "provider.paused", provider, _("Paused %(name)s.") % {"name": provider.name}, request=request)


def resume_by_hand(provider: Provider, *, by: Any, request: HttpRequest | None = None) -> bool:
    """Let paid calls out again, whatever stopped them; whether anything did."""
    with transaction.atomic():
        news = circuit_breaker.resume(provider)
        if news:
            summary = _("Resumed %(name)s.") % {"name": provider.name}
            record(by, "provider.resumed", provider, summary, request=request, was=provider.pause_kind)
    return news


def remove_provider(provider: Provider, *, by: Any, request: HttpRequest | None = None) -> bool:
    """Remove an account with its lists. One in use is switched off instead, and False returned."""
    if is_in_use(provider):
        Provider.objects.filter(pk=provider.pk).update(is_active=False)
        summary = _("Disabled %(name)s because it has orders.") % {"name": provider.name}
        record(by, "provider.switched_off", provider, summary, request=request)
        return False
    while keys := list(Service.objects.filter(provider=provider).order_by().values_list("pk", flat=True)[:_CHUNK]):
        with transaction.atomic():
            ServiceChange.objects.filter(service_id__in=keys).delete()
            Service.objects.filter(pk__in=keys).delete()
    with transaction.atomic():
        Product.objects.filter(provider=provider).delete()
        summary = _("Removed %(name)s.") % {"name": provider.name}
        sandbox = provider.dialect if provider.is_sandbox else ""
        record(by, REMOVED, provider, summary, request=request, sandbox=sandbox)
        provider.delete()
    return True


def was_sandbox_removed(dialect: str) -> bool:
    """Return whether someone removed the sandbox account of this dialect: it is not made again at the next start."""
    return AuditEvent.objects.filter(action=REMOVED, data__sandbox=dialect).exists()

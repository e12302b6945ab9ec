"""Save an account from its form, with its key, record, warnings and check; for admin and the hub's own pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from panelhub.audit.services import record
from providers.accounts import services as accounts_services
from providers.models import Provider
from providers.permissions import grant_to

if TYPE_CHECKING:
    from django.http import HttpRequest

RECHECKED_FIELDS: Final = frozenset({"new_key", "dialect", "api_url", "overrides", "decimal_comma"})
"""Fields after whose change an account is looked at again."""


@dataclass(frozen=True, slots=True)
class SavedAccount:
    """An account that was saved: whether a check was requested, and sentences its editor should read.

    ``newest_check`` is the key of the newest check before that, 0 where there is none.
    """

    provider: Provider
    is_checked: bool
    newest_check: int
    warnings: list[str] = field(default_factory=list)


@transaction.atomic
@sensitive_variables("key")
def save_account(form: Any, *, by: Any, request: HttpRequest) -> SavedAccount:
    """Save the account of a valid form, with its record; a worker checks it where that may give another result."""
    provider: Provider = form.instance
    is_new = provider._state.adding
    key = form.cleaned_data["new_key"]
    changed = set(form.changed_data) - ({"new_key"} if not key else set())
    if key:
        accounts_services.put_key(provider, key)
    provider.save()
    # Names and values of what changed; of the key, that it did.
    data = {
        name: [str(form.initial.get(name, "")), str(form.cleaned_data[name])] for name in sorted(changed - {"new_key"})
    }
    action = "provider.added" if is_new else "provider.changed"
    record(by, action, provider, ", ".join(sorted(changed)), request=request, **data)
    if is_new:
        grant_to(provider, by, request)
    newest = provider.checks.values_list("pk", flat=True).first() or 0
    warnings = []
    if twins := accounts_services.accounts_with_key(key, but=provider):
        text = _("%(names)s uses the same key, so both share one balance.")
        warnings.append(text % {"names": ", ".join(twins)})
    is_checked = is_new or bool(changed & RECHECKED_FIELDS)
    if is_checked:
        accounts_services.ask_for_check(provider)
    if provider.pause_kind == Provider.Pause.NEW_KEY and key:
        warnings.append(_("No orders are sent until the new key is confirmed with an earlier order."))
    return SavedAccount(provider, is_checked, newest, warnings)

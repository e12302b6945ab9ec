"""Provider accounts on the sandbox that runs next to the hub."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panelhub.launcher.startup import Startup
from providers.accounts.services import was_sandbox_removed
from providers.models import Provider

if TYPE_CHECKING:
    from providers.sandbox.accounts import SandboxAccount


def ensure_sandbox_accounts(startup: Startup) -> None:
    """Have an account on each of the sandbox's panels, at the address it listens on today; nothing without a sandbox.

    Accounts that are there keep all that people changed in them; only their address follows the sandbox. One that
    someone removed stays away.
    """
    if not startup.sandbox_origin:
        return
    # Not above: only a hub that is asked for a sandbox loads it.
    from providers.sandbox.accounts import ACCOUNTS

    for account in ACCOUNTS:
        _ensure_account(account, api_url=f"{startup.sandbox_origin}{account.path}")


def _ensure_account(account: SandboxAccount, *, api_url: str) -> None:
    known = Provider.objects.filter(is_sandbox=True, dialect=account.dialect)
    if known.exists():
        for provider in known.exclude(api_url=api_url):
            # A key belongs to its address; this sandbox's is known.
            provider.api_url, provider.api_key = api_url, account.key
            provider.save(update_fields=["api_url", "api_key"])
    elif not (Provider.objects.filter(name=account.name).exists() or was_sandbox_removed(account.dialect)):
        Provider.objects.create(
            name=account.name,
            dialect=account.dialect,
            api_url=api_url,
            api_key=account.key,
            currency=account.currency,
            requests_per_minute=account.requests_per_minute,
            is_sandbox=True,
        )

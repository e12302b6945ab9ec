"""The sandbox's accounts, as someone who wants to buy there would write them down."""

from __future__ import annotations

from dataclasses import dataclass, field

from providers.sandbox.documents import DOCUMENTS, Document


@dataclass(frozen=True, slots=True)
class SandboxAccount:
    """One account: `path` goes behind the sandbox's own address, `currency` is an ISO 4217 code."""

    name: str
    dialect: str
    path: str
    key: str = field(repr=False)
    currency: str
    requests_per_minute: int | None  # stated by the document; None where it states nothing


def key_of(slug: str) -> str:
    """Return the key a panel accepts; it opens nothing but the sandbox."""
    return f"sandbox-{slug}-key"


def path_of(slug: str) -> str:
    """Return where a panel answers, below the sandbox's address."""
    return f"/{slug}/api/v2"


def _account(document: Document) -> SandboxAccount:
    return SandboxAccount(
        name=f"{document.title} (sandbox)",
        dialect=document.slug,
        path=path_of(document.slug),
        key=key_of(document.slug),
        currency=document.currency,
        requests_per_minute=document.requests_per_minute,
    )


# The panels that have a document of their own; `standard` is there for whoever wants to try the rest.
ACCOUNTS: tuple[SandboxAccount, ...] = tuple(
    _account(document) for slug, document in DOCUMENTS.items() if slug != "standard"
)

"""Look at what a sync of a catalogue left behind."""

from __future__ import annotations

from providers.models import Provider


def kinds(provider: Provider) -> list[str]:
    return sorted(provider.service_changes.values_list("kind", flat=True))


def available(provider: Provider) -> set[str]:
    return set(provider.services.filter(is_available=True).values_list("external_id", flat=True))

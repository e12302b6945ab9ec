"""The entries of the side that lead to pages of providers."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from panelhub.navigation import CATALOGUE, SYSTEM, Entry

ENTRIES: Final = (
    Entry("services", _("Services"), "providers:services", "squares-2x2", "providers.view_service", 10, CATALOGUE),
    Entry("changes", _("Changes"), "providers:changes", "arrow-trending-up", "providers.view_service", 20, CATALOGUE),
    Entry(
        *("providers", _("Providers"), "providers:list", "server-stack", "providers.view_provider"),
        *(30, CATALOGUE, "held", "warn"),
    ),
    Entry("jobs", _("Jobs"), "jobs", "bolt", "providers.run_jobs", 30, SYSTEM),
)

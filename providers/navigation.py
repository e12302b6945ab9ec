"""The entries of the side that lead to pages of providers."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from panelhub.navigation import Entry

ENTRIES: Final = (
    Entry("services", _("Services"), "providers:services", "squares-2x2", "providers.view_service", place=40),
    Entry("providers", _("Providers"), "providers:list", "server-stack", "providers.view_provider", place=70),
    Entry("jobs", _("Jobs"), "jobs", "bolt", "providers.run_jobs", place=90),
)

"""The app of provider accounts, their dialects and their catalogues."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ProvidersConfig(AppConfig):
    name = "providers"
    verbose_name = _("Providers")

    def ready(self) -> None:
        from panelhub.startup import at_startup
        from providers.background import enter_jobs
        from providers.sandbox_accounts import ensure_sandbox_accounts
        from providers.search_index import ensure_search_index

        enter_jobs()
        at_startup(ensure_sandbox_accounts, order=30)
        post_migrate.connect(ensure_search_index, sender=self, dispatch_uid="providers.search_index")

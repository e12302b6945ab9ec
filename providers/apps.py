"""The app of provider accounts, their dialects and their catalogues."""

from __future__ import annotations

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate, post_save
from django.utils.translation import gettext_lazy as _


class ProvidersConfig(AppConfig):
    name = "providers"
    verbose_name = _("Providers")

    def ready(self) -> None:
        from panelhub.audit.redaction import register_reader
        from panelhub.launcher.startup import at_startup
        from panelhub.monitoring.metrics import enter_metrics
        from panelhub.monitoring.retention import Retention, delete_step, register_retention
        from providers.accounts.sandbox import ensure_sandbox_accounts
        from providers.accounts.services import rebind_keys
        from providers.catalogue.facts.rereading import reread_services
        from providers.catalogue.hub_rates import refresh_after_save
        from providers.catalogue.search.index import ensure_search_index
        from providers.client.transport import Limits, keep_within
        from providers.jobs import enter_jobs
        from providers.metrics import read_provider_metrics
        from providers.models import CallCount, CallRecord, Provider, ServiceChange
        from providers.permissions import reader_of_audit

        keep_within(Limits.within(paid=settings.PANELHUB_PAID_SECONDS, read=settings.PANELHUB_READ_SECONDS))
        enter_jobs()
        register_reader(reader_of_audit)
        register_retention(
            Retention("call_records", _("Call log"), "PANELHUB_CALL_RECORDS_DAYS", (CallRecord, CallCount))
        )
        register_retention(
            Retention(
                "catalogue_changes",
                _("Price & service changes"),
                "PANELHUB_CATALOGUE_CHANGES_DAYS",
                (ServiceChange,),
                lambda before, most: delete_step(ServiceChange.objects.filter(at__lt=before), most),
            )
        )
        enter_metrics(read_provider_metrics)
        at_startup(rebind_keys, order=25)
        at_startup(reread_services, order=28)
        at_startup(ensure_sandbox_accounts, order=30)
        post_save.connect(refresh_after_save, sender=Provider, dispatch_uid="providers.hub_rates")
        post_migrate.connect(ensure_search_index, sender=self, dispatch_uid="providers.catalogue.search_index")

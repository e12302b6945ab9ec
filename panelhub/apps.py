"""The project's own app: signs of life, job runs, the audit record, and the commands that run the hub."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PanelHubConfig(AppConfig):
    name = "panelhub"
    verbose_name = _("Hub")

    def ready(self) -> None:
        from axes.models import AccessAttempt, AccessFailureLog, AccessLog
        from django.conf import settings
        from django.contrib.auth.signals import user_logged_in

        from panelhub.audit.retention import remove_old_events
        from panelhub.launcher.first_admin import make_first_administrator
        from panelhub.launcher.private_files import make_all_private
        from panelhub.launcher.startup import at_startup
        from panelhub.models import AuditEvent
        from panelhub.monitoring.metrics import enter_metrics, read_hub_metrics
        from panelhub.monitoring.retention import Retention, register_retention, remove_logins
        from panelhub.security import handed_passwords, sessions
        from panelhub.security.second_factor import note_login
        from panelhub.tasks import enter_jobs

        register_retention(
            Retention(
                "audit",
                _("Audit log"),
                "PANELHUB_AUDIT_DAYS",
                (AuditEvent,),
                lambda before, most: remove_old_events(before, most=20 * most),
            )
        )
        register_retention(
            Retention(
                "logins",
                _("Login log"),
                "PANELHUB_DIAGNOSTICS_DAYS",
                (AccessLog, AccessAttempt, AccessFailureLog),
                remove_logins,
            )
        )
        enter_metrics(read_hub_metrics)
        enter_jobs()
        if settings.SENTRY_DSN:
            # Imported only where it is wanted: it takes hold of much.
            from panelhub.monitoring.sentry import watch_errors

            watch_errors(settings.SENTRY_DSN, environment=settings.SENTRY_ENVIRONMENT)
        user_logged_in.connect(handed_passwords.note_login, dispatch_uid="panelhub.security.handed_passwords")
        user_logged_in.connect(note_login, dispatch_uid="panelhub.security.second_factor")
        user_logged_in.connect(sessions.note_login, dispatch_uid="panelhub.security.sessions")
        at_startup(lambda _startup: make_all_private(settings.PANELHUB_VAR), order=0)
        at_startup(make_first_administrator, order=20)

"""The project's own app: signs of life, job runs, the audit record, and the commands that run the hub."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PanelHubConfig(AppConfig):
    name = "panelhub"
    verbose_name = _("Hub")

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from panelhub.first_person import make_first_administrator
        from panelhub.second_factor import note_login
        from panelhub.startup import at_startup

        user_logged_in.connect(note_login, dispatch_uid="panelhub.second_factor")
        at_startup(make_first_administrator, order=20)

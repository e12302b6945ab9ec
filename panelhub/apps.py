"""The project's own app: heartbeats, job runs, the audit record, and the commands that run the hub."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PanelHubConfig(AppConfig):
    name = "panelhub"
    verbose_name = _("Hub")

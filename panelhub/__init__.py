"""PanelHub: one desk for the panels a team orders from."""

from __future__ import annotations

from panelhub.celery import app as celery_app

__all__ = ["celery_app"]

"""The app of orders and of what follows them: refills, cancellations, products."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from orders.api.handover import note_waiting_tokens
        from orders.hooks import register_hooks

        register_hooks()
        user_logged_in.connect(note_waiting_tokens, dispatch_uid="orders.waiting_tokens")

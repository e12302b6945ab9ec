"""The app of orders and of what follows them: refills, cancellations, products."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from orders.api.handover import note_waiting_tokens
        from orders.currency.exchange import price_columns
        from orders.hooks import subjects_of, workload_of
        from orders.jobs import enter_jobs
        from orders.known_hooks import newest_order_ids
        from orders.metrics import read_order_metrics
        from orders.notifications.alarm import tell_of_dead_parts, tell_of_handed_password
        from orders.open_order_hooks import open_orders_of
        from orders.permissions import sees_beyond
        from orders.roles import ensure_roles, extend_roles
        from panelhub.launcher.startup import at_startup
        from panelhub.monitoring.alarm import at_alarm
        from panelhub.monitoring.metrics import enter_metrics
        from panelhub.security.handed_passwords import password_handed
        from panelhub.security.reach import register_comparison
        from providers.accounts.services import register_known_orders
        from providers.catalogue.service_contexts import register_open_orders
        from providers.hooks import register_subjects, register_workload
        from providers.hub_prices import register_hub_prices

        enter_jobs()
        register_comparison(sees_beyond)
        enter_metrics(read_order_metrics)
        at_startup(ensure_roles, order=10)
        password_handed.connect(tell_of_handed_password, dispatch_uid="orders.handed_passwords")
        user_logged_in.connect(note_waiting_tokens, dispatch_uid="orders.waiting_tokens")
        post_migrate.connect(extend_roles, dispatch_uid="orders.roles")
        register_known_orders(newest_order_ids)
        register_hub_prices(price_columns())
        register_open_orders(open_orders_of)
        register_workload(workload_of)
        register_subjects(subjects_of)
        at_alarm(tell_of_dead_parts)

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

        # Celery looks for modules called `tasks` only.
        from orders import tasks_mass, tasks_notices, tasks_products, tasks_rates, tasks_settling, tasks_totals  # noqa: F401
        from orders.access import sees_beyond
        from orders.api.handover import note_waiting_tokens
        from orders.background import enter_jobs
        from orders.exchange import price_columns
        from orders.known import newest_order_ids
        from orders.metrics import read_order_metrics
        from orders.notices.alarm import tell_of_dead_parts
        from orders.open_orders import open_orders_of
        from orders.outside import subjects_of, workload_of
        from orders.roles import ensure_roles, extend_roles
        from panelhub.alarm import at_alarm
        from panelhub.metrics import enter_metrics
        from panelhub.reach import register_comparison
        from panelhub.startup import at_startup
        from providers.accounts import register_known_orders
        from providers.outside import register_subjects, register_workload
        from providers.service_page import register_open_orders
        from providers.worth import register_hub_prices

        enter_jobs()
        register_comparison(sees_beyond)
        enter_metrics(read_order_metrics)
        at_startup(ensure_roles, order=10)
        user_logged_in.connect(note_waiting_tokens, dispatch_uid="orders.waiting_tokens")
        post_migrate.connect(extend_roles, dispatch_uid="orders.roles")
        register_known_orders(newest_order_ids)
        register_hub_prices(price_columns())
        register_open_orders(open_orders_of)
        register_workload(workload_of)
        register_subjects(subjects_of)
        at_alarm(tell_of_dead_parts)

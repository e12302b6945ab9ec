"""The app of orders and of what follows them: refills, cancellations, products."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")

    def ready(self) -> None:
        # Celery looks for modules called `tasks` only.
        from orders import tasks_mass, tasks_products, tasks_settling, tasks_totals  # noqa: F401
        from orders.background import enter_jobs
        from orders.known import newest_order_ids
        from orders.roles import ensure_roles
        from panelhub.startup import at_startup
        from providers.accounts import register_known_orders

        enter_jobs()
        at_startup(ensure_roles, order=10)
        register_known_orders(newest_order_ids)

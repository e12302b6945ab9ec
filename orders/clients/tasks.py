"""Background work of clients: a thin door that looks in the database for clients whose orders need rewriting."""

from __future__ import annotations

from celery import shared_task


@shared_task
def rewrite_clients() -> None:
    """Write new names of clients on their orders, and remove what orders say of anonymised ones."""
    from orders.clients.rewriting import rewrite_stale
    from panelhub.background.jobs import job

    with job("rewrite_clients") as run:
        if run is not None:
            run.count(**rewrite_stale())

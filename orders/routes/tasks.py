"""Background work of routes: thin doors to the steps of chains."""

from __future__ import annotations

from celery import shared_task

from orders.routes import steps, sweeper
from panelhub.background.jobs import job


@shared_task
def step(chain_id: int) -> None:
    """Take one chain a step on, if that is due."""
    steps.step_chain(chain_id)


@shared_task
def sweep_chains() -> None:
    """Take every step that is due."""
    with job("sweep_chains") as run:
        if run is not None:
            run.count(**sweeper.sweep_chains())

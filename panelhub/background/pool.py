"""A worker's threads in two lanes, so that what a person waits for never queues behind background jobs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from celery.concurrency.base import apply_target
from celery.concurrency.thread import ApplyResult  # type: ignore[attr-defined]
from celery.concurrency.thread import TaskPool as ThreadPool
from django.conf import settings

from panelhub.schedule import CLICKS

# Where Celery puts the request among the arguments of the function that a pool is given to run
# (celery.worker.request, Request.execute_using_pool).
REQUEST_ARGUMENT = 2


class TaskPool(ThreadPool):
    """Half of the threads (at least one) for the queue of clicks, the others for everything else.

    The lanes must not block each other before the pool either: run it with --prefetch-multiplier 0, so that the
    worker takes in messages without regard to how many wait for a thread.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for_clicks = max(1, self.limit // 2)
        self.clicks_executor = ThreadPoolExecutor(max_workers=for_clicks, thread_name_prefix="clicks")
        self.executor = ThreadPoolExecutor(max_workers=max(1, self.limit - for_clicks), thread_name_prefix="background")

    def on_stop(self) -> None:
        self.executor.shutdown(wait=False, cancel_futures=True)
        self.clicks_executor.shutdown(cancel_futures=True)
        super().on_stop()

    def on_apply(
        self,
        target: Callable[..., Any],
        args: tuple[Any, ...] | None = None,
        kwargs: dict[str, Any] | None = None,
        callback: Callable[..., Any] | None = None,
        accept_callback: Callable[..., Any] | None = None,
        **_: Any,
    ) -> ApplyResult:
        lane = self.clicks_executor if _is_click(args or ()) else self.executor
        return ApplyResult(lane.submit(apply_target, target, args, kwargs, callback, accept_callback))


def _is_click(args: tuple[Any, ...]) -> bool:
    request = args[REQUEST_ARGUMENT] if len(args) > REQUEST_ARGUMENT else {}
    delivery = request.get("delivery_info") or {}
    return bool(delivery.get("routing_key") == f"{settings.PANELHUB_QUEUE_PREFIX}{CLICKS}")

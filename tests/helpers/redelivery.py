"""A worker whose Redis hands out again, every ten seconds, what is still being worked on.

Started with `--include` of this module, a worker acknowledges late and its messages become visible again long before
they are done: what Celery does to a task that takes longer than the visibility timeout, without waiting for hours.
"""

from __future__ import annotations

import sys
from typing import Any, Final

from celery import current_app
from kombu.transport.redis import QoS

VISIBLE_AGAIN_SECONDS: Final = 10
MARK: Final = "a message was handed out again"

_restore = QoS.restore_by_tag


def restore_by_tag(self: Any, *args: Any, **kwargs: Any) -> Any:
    """As ever, with a word about it."""
    print(MARK, file=sys.stderr, flush=True)
    return _restore(self, *args, **kwargs)


QoS.restore_by_tag = restore_by_tag  # type: ignore[method-assign]
current_app.conf.task_acks_late = True
current_app.conf.broker_transport_options = {
    **current_app.conf.broker_transport_options,
    "visibility_timeout": VISIBLE_AGAIN_SECONDS,
    # Else only every tenth look restores anything.
    "unacked_restore_throttle": 1,
}

"""Redis as a broker, the way kombu speaks to it, but for one thing: a worker outlives a Redis that goes away.

When its connection breaks, kombu wants to give back the messages that were not acknowledged yet, and after it is back
a task that has ended wants to acknowledge its message on the connection of before. Neither can be done, and both fail
in a way that ends the worker (``'NoneType' object has no attribute 'hostname'`` and ``'client'``, seen with kombu 5.7).
Messages are doorbells here: those that cannot be given back are let go, and the schedule's next look at the rows finds
the work.
"""

from __future__ import annotations

import logging
from typing import Any

from kombu.transport import redis

logger = logging.getLogger(__name__)


class QoS(redis.QoS):
    """What keeps the messages that are not acknowledged yet."""

    def restore_unacked(self, client: Any = None) -> None:
        """Give them back if that is possible; never a reason to end."""
        try:
            super().restore_unacked(client)
        except Exception as error:
            kept: dict[str, Any] = self._delivered or {}
            logger.warning("%s messages could not be given back to the broker: %s", len(kept), error)
            kept.clear()

    def ack(self, delivery_tag: str) -> None:
        """Acknowledge a message, unless the connection that brought it is gone."""
        try:
            super().ack(delivery_tag)
        except AttributeError:
            if self._is_connected():
                raise

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:  # noqa: FBT001, FBT002 - kombu's signature
        """Refuse a message, unless the connection that brought it is gone."""
        try:
            super().reject(delivery_tag, requeue)
        except AttributeError:
            if self._is_connected():
                raise

    def _is_connected(self) -> bool:
        transport = self.channel.connection
        return transport is not None and transport.client is not None


class Channel(redis.Channel):
    """A channel with such a keeper."""

    QoS = QoS


class Transport(redis.Transport):
    """kombu's transport with such channels."""

    Channel = Channel

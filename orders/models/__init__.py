"""Orders and what follows them. Rows are the queue: a row that says ``queued`` will be sent."""

from __future__ import annotations

from orders.models.aftercare import Cancellation, Refill
from orders.models.api import ApiCall, ApiOrder, ApiToken, Markup, OpenService, WrongToken
from orders.models.base import HAS_ID, PaidCall, PaidCallQuerySet
from orders.models.mass import MassLine, MassOrder
from orders.models.money import ChargeDelta, DailyTotal, LedgerEntry
from orders.models.notices import Channel, Delivery, Notice, NoticeChoice
from orders.models.order import Order, link_key
from orders.models.people import ExchangeRate, HubRules, Person, SavedView
from orders.models.product_order import ProductOrder
from orders.models.quality import ProviderQuality, RollupMark, ServiceQuality
from orders.models.roles import RoleMemory
from orders.models.settling import Settlement, WindowSearch
from orders.models.trace import Attempt, OrderEvent
from orders.models.walk import Walk, WalkLeg

__all__ = [
    "HAS_ID",
    "ApiCall",
    "ApiOrder",
    "ApiToken",
    "Attempt",
    "Cancellation",
    "Channel",
    "ChargeDelta",
    "DailyTotal",
    "Delivery",
    "ExchangeRate",
    "HubRules",
    "LedgerEntry",
    "Markup",
    "MassLine",
    "MassOrder",
    "Notice",
    "NoticeChoice",
    "OpenService",
    "Order",
    "OrderEvent",
    "PaidCall",
    "PaidCallQuerySet",
    "Person",
    "ProductOrder",
    "ProviderQuality",
    "Refill",
    "RoleMemory",
    "RollupMark",
    "SavedView",
    "ServiceQuality",
    "Settlement",
    "Walk",
    "WalkLeg",
    "WindowSearch",
    "WrongToken",
    "link_key",
]

"""Orders and what follows them. Rows are the queue: a row that says ``queued`` will be sent."""

from __future__ import annotations

from orders.models.aftercare import Cancellation, Refill
from orders.models.api import ApiCall, ApiOrder, ApiToken, Markup, OpenService, WrongToken
from orders.models.base import HAS_ID, PaidCall, PaidCallQuerySet
from orders.models.bundle import Bundle, BundlePart
from orders.models.client import BilledOrder, Client, ForClient, key_of_name
from orders.models.history import Attempt, OrderEvent
from orders.models.mass_order import MassLine, MassOrder
from orders.models.money import ChargeDelta, DailyTotal, LedgerEntry, PersonDay, ProviderDay
from orders.models.notifications import Channel, Delivery, Notice, NoticeChoice
from orders.models.order import Order, opens_same
from orders.models.people import ExchangeRate, HubRules, Person, RoleMemory, SavedView
from orders.models.polling import PollRound
from orders.models.product_order import ProductOrder
from orders.models.refill_care import RefillMark, RefillWindow
from orders.models.routes import Chain, ChainStep, Route, RouteService
from orders.models.schedules import Schedule, ScheduledRun
from orders.models.settlement import BalanceCheck, RefillSearch, Settlement, WindowSearch
from orders.models.statistics import (
    Expectation,
    ProviderQuality,
    RollupMark,
    ServiceQuality,
    expected_quality,
)
from orders.models.tickets import SlowOrder, Ticket, TicketOrder

__all__ = [
    "HAS_ID",
    "ApiCall",
    "ApiOrder",
    "ApiToken",
    "Attempt",
    "BalanceCheck",
    "BilledOrder",
    "Bundle",
    "BundlePart",
    "Cancellation",
    "Chain",
    "ChainStep",
    "Channel",
    "ChargeDelta",
    "Client",
    "DailyTotal",
    "Delivery",
    "ExchangeRate",
    "Expectation",
    "ForClient",
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
    "PersonDay",
    "PollRound",
    "ProductOrder",
    "ProviderDay",
    "ProviderQuality",
    "Refill",
    "RefillMark",
    "RefillSearch",
    "RefillWindow",
    "RoleMemory",
    "RollupMark",
    "Route",
    "RouteService",
    "SavedView",
    "Schedule",
    "ScheduledRun",
    "ServiceQuality",
    "Settlement",
    "SlowOrder",
    "Ticket",
    "TicketOrder",
    "WindowSearch",
    "WrongToken",
    "expected_quality",
    "key_of_name",
    "opens_same",
]

"""What is known of providers: accounts, catalogues, products, calls and their budget."""

from __future__ import annotations

from providers.models.base import MONEY
from providers.models.budget import CallSlot, RequestBudget
from providers.models.call import CallCount, CallRecord
from providers.models.catalogue import CatalogueHold
from providers.models.product import Product
from providers.models.provider import DIALECT_CHOICES, BalanceReading, Provider, ProviderCheck, ProviderQuerySet
from providers.models.service import Favourite, Service, ServiceChange, ServiceQuerySet

__all__ = [
    "DIALECT_CHOICES",
    "MONEY",
    "BalanceReading",
    "CallCount",
    "CallRecord",
    "CallSlot",
    "CatalogueHold",
    "Favourite",
    "Product",
    "Provider",
    "ProviderCheck",
    "ProviderQuerySet",
    "RequestBudget",
    "Service",
    "ServiceChange",
    "ServiceQuerySet",
]

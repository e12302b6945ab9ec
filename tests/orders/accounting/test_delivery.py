from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from orders.accounting.delivery import outcome_of
from orders.models import Order
from tests.helpers.makers import make_provider, make_service


def outcome(**fields: Any) -> Any:
    provider = make_provider("smmvna", currency="VND")
    plain: dict[str, Any] = {
        "provider": provider,
        "service": make_service(provider, type=fields.pop("type", "default")),
        "quantity": 1000,
        "billed_quantity": 1000,
        "expected_charge": Decimal("0.90"),
    }
    return outcome_of(Order(**(plain | fields)))


@pytest.mark.django_db
def test_a_partial_order_owes_what_it_did_not_deliver() -> None:
    found = outcome(status="partial", remains=250, charge=Decimal("0.90"))

    assert (found.ordered, found.delivered, found.surplus) == (1000, 750, 0)
    assert (found.back, found.owed) == (Decimal("0.225"), Decimal("0.225"))


@pytest.mark.django_db
def test_a_charge_that_was_lowered_already_is_not_expected_back_twice() -> None:
    found = outcome(status="partial", remains=250, charge=Decimal("0.675"))

    assert (found.charged, found.back, found.owed) == (Decimal("0.675"), Decimal("0.225"), Decimal(0))


@pytest.mark.django_db
def test_remains_below_zero_is_a_surplus_and_never_a_refund() -> None:
    found = outcome(status="completed", remains=-2, charge=Decimal("0.90"))
    assert (found.delivered, found.surplus, found.back, found.owed) == (1002, 2, Decimal(0), Decimal(0))

    found = outcome(status="partial", remains=-2, charge=Decimal("0.90"))
    assert (found.surplus, found.back) == (2, Decimal(0))


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["canceled", "refunded", "failed"])
def test_all_is_expected_back_of_an_order_that_came_to_nothing(status: str) -> None:
    found = outcome(status=status, remains=1000, charge=Decimal(0))

    assert (found.back, found.owed) == (Decimal("0.90"), Decimal(0))


@pytest.mark.django_db
def test_a_status_without_currency_is_in_the_providers() -> None:
    assert outcome(status="completed", currency="").currency == "VND"
    assert outcome(status="completed", currency="TRY").currency == "TRY"


@pytest.mark.django_db
def test_what_was_not_said_is_not_guessed() -> None:
    found = outcome(status="partial", remains=None, charge=None)
    assert (found.delivered, found.back, found.owed) == (None, None, None)

    found = outcome(status="partial", remains=10, quantity=None, billed_quantity=None, expected_charge=None)
    assert (found.ordered, found.full, found.back) == (None, None, None)

    assert outcome(type="package", quantity=None, billed_quantity=1, remains=0).ordered is None


@pytest.mark.django_db
def test_runs_multiply_what_was_ordered() -> None:
    found = outcome(quantity=100, billed_quantity=None, parameters={"runs": "5", "interval": "60"}, remains=100)

    assert (found.ordered, found.delivered) == (500, 400)

"""A reseller's panel that buys from its own supplier and then fails to save: whatever it answers, it was bought.

The panel answers over a real socket in words of its own, with any status; none of it may be recorded as refused, sent
again, or take the account down.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from orders.models import Order, ProductOrder
from orders.settlement import balance_checks
from orders.submission import services as submission_services
from providers.accounts.balances import sync_balance
from providers.calls import circuit_breaker
from providers.models import Provider
from tests.helpers.at_sandbox import queue_order
from tests.helpers.makers import make_product, make_service
from tests.helpers.time_passing import pass_time
from tests.providers.panels import PlainPanel

pytestmark = pytest.mark.django_db

SENTENCES = [
    "Order placed with our supplier, but it could not be saved here",
    "Your order was sent to the provider; we could not save it locally",
    "Order could not be saved",
    "Purchase completed upstream but the order could not be stored in the database",
    "Could not save order after it was submitted to the API",
    "The order has been created at the source panel. Saving it failed.",
    "Failed to save the order (provider id received)",
    "Insert into orders failed after provider accepted the order",
    "El pedido se envió al proveedor pero no se pudo guardar",
    "Pedido realizado no fornecedor, mas não foi possível salvar",
    "La commande a été passée chez le fournisseur mais n'a pas pu être enregistrée",
    "Sipariş sağlayıcıya iletildi ancak kaydedilemedi",
    "Заказ отправлен поставщику, но не сохранён",
    "تم إرسال الطلب إلى المزود ولكن تعذر حفظه",
    "Đơn hàng đã được gửi tới nhà cung cấp nhưng không lưu được",
    "Pesanan sudah dikirim ke provider tetapi gagal disimpan",
    "订单已提交给供应商，但保存失败",
]
STATUSES = [200, 201, 400, 402, 409, 422, 500, 503]


class Reseller(PlainPanel):
    """Buys first and saves afterwards, in vain."""

    def __init__(self, server: HTTPServer) -> None:
        super().__init__(server)
        self.words, self.status, self.money, self.bought = "", 200, 10_000, 0
        self.answers |= {"add": self.add, "add_product_order": self.add, "balance": self.balance}

    def balance(self, _asked: Mapping[str, str]) -> Any:
        return {"balance": f"{self.money}.00", "currency": "USD"}

    def add(self, _asked: Mapping[str, str]) -> Response:
        self.bought += 1
        self.money -= 3
        return Response(json.dumps({"error": self.words}), status=self.status, content_type="application/json")


@pytest.fixture
def reseller(httpserver: HTTPServer) -> Reseller:
    return Reseller(httpserver)


@pytest.fixture
def provider(reseller: Reseller) -> Provider:
    made = reseller.make_provider(currency="USD")
    sync_balance(made)
    return made


@pytest.mark.parametrize("words", SENTENCES)
def test_a_purchase_that_could_not_be_saved_is_never_recorded_as_refused(
    reseller: Reseller, provider: Provider, words: str
) -> None:
    service = make_service(provider, rate=3000)
    for number, status in enumerate(STATUSES):
        reseller.words, reseller.status = words, status
        queue_order(service, number=number)
        circuit_breaker.resume(provider)
        submission_services.send_due(provider)

    for minutes in (1, 10, 11, 60):
        pass_time(minutes)
        balance_checks.run_checks(provider)
        circuit_breaker.resume(provider)
        submission_services.send_due(provider)

    assert set(Order.objects.values_list("status", flat=True)) == {"unconfirmed"}
    assert reseller.bought == len(STATUSES)


@pytest.mark.parametrize("words", SENTENCES)
def test_the_same_goes_for_products(reseller: Reseller, provider: Provider, words: str) -> None:
    reseller.words = words
    Provider.objects.filter(pk=provider.pk).update(dialect="smmvna")
    provider.refresh_from_db()
    product = make_product(provider, rate=3)
    ProductOrder.objects.create(provider=provider, product=product, quantity=1, expected_charge=3)

    submission_services.send_due(provider)
    for minutes in (1, 10, 11):
        pass_time(minutes)
        balance_checks.run_checks(provider)

    assert ProductOrder.objects.get().status == "unconfirmed"
    assert reseller.bought == 1


def test_words_about_what_was_made_are_shown_and_pause_nothing(reseller: Reseller, provider: Provider) -> None:
    reseller.words = SENTENCES[0]
    for number in range(3):
        queue_order(make_service(provider, name=f"Likes {number}", rate=3000), number=number)

    for _ in range(3):
        circuit_breaker.resume(provider)
        submission_services.send_due(provider)

    provider.refresh_from_db()
    assert provider.pause_kind == ""
    assert all(SENTENCES[0] in order.error for order in Order.objects.all())

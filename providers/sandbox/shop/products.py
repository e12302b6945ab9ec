"""smmvna's second trade: digital products, from stock or by hand, delivered as lines of credentials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

from providers.sandbox.api.replies import refuse, whole_number
from providers.sandbox.books.records import Fate, Product, ProductOrder
from providers.sandbox.documents import Text
from providers.sandbox.shop.plans import draw_fate
from providers.sandbox.shop.progress import Status

if TYPE_CHECKING:
    from providers.sandbox.shop.state import PanelState

_LOGIN = "Nhập tài khoản của bạn"
_MAIL = "Input your email"

_ROWS: tuple[tuple[str, str, str, str, int, int, int | None], ...] = (
    # name, what the buyer must hand over, category, price of one, min, max, in stock (None: by hand)
    ("Netflix Premium 1 month", "", "Netflix", "2.5", 1, 10, 40),
    ("Netflix Premium 1 month, on your account", "Input your account", "Netflix", "3.2", 1, 1, None),
    ("YouTube Premium 1 month", "Input your account", "YouTube", "5", 1, 1, 0),
    ("YouTube Premium 6 months", _MAIL, "YouTube", "19.5", 1, 3, None),
    ("Facebook account, 5,000 friends", "", "Facebook", "0.5", 1, 200, 312),
    ("Facebook fanpage, 10,000 likes", _LOGIN, "Facebook", "14", 1, 2, None),
    ("Gmail, 2 years old, phone verified 📧", "", "Mail", "0.35", 1, 500, 1_204),
    ("Hotmail / Outlook, IMAP on", "", "Mail", "0.04", 10, 5_000, 18_340),
    ("Telegram account, tdata", "", "Telegram", "0.9", 1, 100, 64),
    ("Telegram Premium 3 months", "Input your username", "Telegram", "12.75", 1, 5, None),
    ("TikTok account, 1,000 followers", "", "TikTok", "3.8", 1, 20, 7),
    ("X account, 2015, verified mail", "", "X", "1.6", 1, 50, 0),
    ("Spotify Premium 12 months, on your account", _LOGIN, "Spotify", "16", 1, 1, None),
    ("Canva Pro 1 năm (mời vào nhóm)", _MAIL, "Canva", "4.2", 1, 10, None),
    ("ChatGPT account, trial", "", "AI", "1.1", 1, 20, 23),
    ("Key Windows 11 Pro 🪟", "", "Microsoft", "2.9", 1, 10, 88),
)


class Shop:
    """The products of one panel; prices are of one piece, and JSON numbers on the wire."""

    def __init__(self, panel: PanelState) -> None:
        self._panel = panel
        self.products: dict[int, Product] = {}

    def open(self) -> None:
        """Fill the shelves; what is left in stock comes from the books when they know."""
        for number, row in enumerate(_ROWS, start=1):
            name, require, category, rate, minimum, maximum, stock = row
            inventory = None if stock is None else self._panel.books.stock.get(number, stock)
            self.products[number] = Product(number, name, require, Decimal(rate), minimum, maximum, category, inventory)

    def set_stock(self, number: int, inventory: int) -> None:
        """Put that many pieces on the shelf; none means out of stock."""
        self.products[number] = replace(self.products[number], inventory=inventory)
        self._panel.books.stock[number] = inventory

    def accept(self, params: Mapping[str, str]) -> ProductOrder:
        """Return the accepted order, charged and written; raises Refusal and changes nothing."""
        panel = self._panel
        product = self._find(params)
        if not product.is_available:
            raise refuse(panel, Text.out_of_stock)
        if product.require and not params.get("require", "").strip():
            raise refuse(panel, Text.missing, name="require")
        quantity = self._quantity(product, params.get("quantity", "").strip())
        charge = product.rate * quantity
        if panel.books.balance < charge:
            raise refuse(panel, Text.no_funds)
        number = panel.books.take_id("product_order")
        random = Random(f"{panel.slug}:product:{number}")  # noqa: S311 - repeatable, not secret
        by_hand = product.inventory is None
        fate, share = draw_fate(random, panel.fates) if by_hand else (Fate.completed, 1.0)
        order = ProductOrder(
            id=number,
            product=product.id,
            quantity=quantity,
            require=params.get("require", ""),
            charge=charge,
            accepted_at=panel.clock.real(),
            since=panel.clock.simulated(),
            takes=random.uniform(900, 2_400) if by_hand else random.uniform(120, 420),
            fate=fate,
            share=share,
        )
        panel.books.keep_product_order(order)
        panel.books.move("charge", f"product_order:{number}", -charge, at=panel.clock.real())
        panel.agenda.enter_product_order(order)
        self._let_others_buy(random, panel.let_others_order("product_order", number), besides=product.id)
        return order

    def grant(self, order: ProductOrder) -> int:
        """Take the pieces from the shelf; how many there were."""
        product = self.products[order.product]
        if order.fate == Fate.canceled:
            return 0
        wanted = int(order.quantity * order.share) if order.fate == Fate.partial else order.quantity
        if product.inventory is None:
            return wanted
        granted = min(wanted, product.inventory)
        self.set_stock(order.product, product.inventory - granted)
        return granted

    def price(self, charge: Decimal, quantity: int, pieces: int) -> Decimal:
        """Return the part of a charge that falls on some of its pieces."""
        return charge / quantity * pieces

    def status_of(self, order: ProductOrder, now: float) -> Status:
        """Return the word for a product order; there is no `Processing` in this trade."""
        if order.granted is None:
            return Status.pending if now < order.since + order.takes / 3 else Status.in_progress
        if order.granted == order.quantity:
            return Status.completed
        return Status.partial if order.granted else Status.canceled

    def result_id(self, order: ProductOrder) -> str:
        """Return the name of a delivery, which says nothing about what was delivered."""
        random = Random(f"{self._panel.slug}:result:{order.id}")  # noqa: S311
        return str(UUID(int=random.getrandbits(128), version=4))

    def goods_of(self, order: ProductOrder) -> list[str]:
        """Return the delivered goods, a line of credentials for each piece."""
        random = Random(f"{self._panel.slug}:goods:{order.id}")  # noqa: S311
        return [_credentials(random) for _ in range(order.granted or 0)]

    def _let_others_buy(self, random: Random, orders: int, *, besides: int) -> None:
        for _ in range(orders):
            product = random.choice(list(self.products.values()))
            if product.inventory and product.id != besides:
                self.set_stock(product.id, product.inventory - 1)

    def _find(self, params: Mapping[str, str]) -> Product:
        number = params.get("product", "").strip()
        if not number:
            raise refuse(self._panel, Text.missing, name="product")
        product = self.products.get(int(number)) if whole_number(number) else None
        if product is None:
            raise refuse(self._panel, Text.bad_product)
        return product

    def _quantity(self, product: Product, text: str) -> int:
        if not text:
            raise refuse(self._panel, Text.missing, name="quantity")
        if not whole_number(text):
            raise refuse(self._panel, Text.bad_quantity)
        quantity = int(text)
        if quantity < product.minimum:
            raise refuse(self._panel, Text.below_minimum, limit=product.minimum)
        if quantity > product.maximum:
            raise refuse(self._panel, Text.above_maximum, limit=product.maximum)
        return quantity


def _credentials(random: Random) -> str:
    login, password, code = random.randint(10_000, 99_999), random.getrandbits(48), random.getrandbits(32)
    return f"user{login}@example.com | {password:x} | {code:08x}"

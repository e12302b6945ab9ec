"""What people type about orders of products: the form of one, and the filters of their list."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from orders.listing.queries import TABS, Tab
from orders.models import ProductOrder
from orders.placement.forms import ShownForm, describe_limits
from orders.products.services import LONGEST_REQUIRE
from orders.statuses import ProductOrderStatus
from panelhub.http.request_id import is_id
from panelhub.ui.filters import ListFilter
from panelhub.ui.widgets import PlainInput, PlainSelect
from providers.catalogue.search import search_products
from providers.models import Product
from providers.permissions import VisibleProviders

ME: Final = "me"
# What is bought cannot be refilled.
PRODUCT_TABS: Final[tuple[Tab, ...]] = tuple(tab for tab in TABS if tab.slug != "refillable")


class ProductForm(ShownForm):
    """The fields of one product's order; what is typed is checked by `orders.products.services`."""

    quantity = forms.CharField(
        label=lazy("Quantity"),
        widget=PlainInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "numeric", "class": "number"}
        ),
    )
    require = forms.CharField(
        help_text=lazy("Stored encrypted and not shown again after you order."),
        widget=forms.Textarea(
            attrs={"rows": 4, "maxlength": LONGEST_REQUIRE, "spellcheck": "false", "autocomplete": "off"}
        ),
    )

    def __init__(self, data: Any = None, *, product: Product, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["quantity"].help_text = describe_limits(product.min_quantity, product.max_quantity)
        if product.require:
            self.fields["require"].label = _("The provider asks for: “%(words)s”") % {"words": product.require}
        else:
            del self.fields["require"]

    @property
    def asked(self) -> list[forms.BoundField]:
        """The fields of the product, in their order."""
        return [self[name] for name in ("quantity", "require") if name in self.fields]


class ProductOrderFilter(ListFilter):
    """The filters of the list of product orders."""

    chip_fields: ClassVar[tuple[str, ...]] = ("q", "status", "provider", "person", "product", "client")

    tab = forms.ChoiceField(
        required=False, widget=forms.HiddenInput, choices=[(tab.slug, tab.label) for tab in PRODUCT_TABS]
    )
    q = forms.CharField(required=False, max_length=200, label=lazy("Search"))
    status = forms.ChoiceField(
        required=False,
        label=lazy("Status"),
        choices=[("", lazy("Any status")), *ProductOrderStatus.choices],
        widget=PlainSelect,
    )
    provider = forms.TypedChoiceField(
        required=False, label=lazy("Provider"), coerce=int, empty_value=None, widget=PlainSelect
    )
    person = forms.ChoiceField(
        required=False, label=lazy("Person"), choices=[("", lazy("Anyone")), (ME, lazy("Me"))], widget=PlainSelect
    )
    product = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, label=lazy("Product"))
    client = forms.CharField(required=False, max_length=100, label=lazy("Client"))

    def __init__(self, data: Any, *, visible: VisibleProviders, user: Any) -> None:
        super().__init__(data)
        self.user = user
        fields: dict[str, Any] = self.fields
        fields["provider"].choices = [
            ("", _("Any provider")),
            *((str(pk), seen.name) for pk, seen in visible.providers.items()),
        ]
        self.is_valid()

    @property
    def tab_slug(self) -> str:
        """The tab that is open."""
        return self.cleaned_data.get("tab") or ""

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Filters that have no field on the page but must outlive a change of those that have."""
        return [(name, self.data[name]) for name in ("product", "client") if self.data.get(name)]

    def find(self, visible: QuerySet[ProductOrder]) -> QuerySet[ProductOrder]:
        """Return the orders among ``visible`` that are requested, as far as the filters make sense."""
        given = self.cleaned_data
        wanted = Q()
        if given.get("status"):
            wanted &= Q(status=given["status"])
        else:
            statuses = next((tab.statuses for tab in PRODUCT_TABS if tab.slug == self.tab_slug), ())
            wanted &= Q(status__in=statuses) if statuses else Q()
        for name, column in (("provider", "provider_id"), ("product", "product_id"), ("client", "client__name")):
            if given.get(name):
                wanted &= Q(**{column: given[name]})
        if given.get("person") == ME:
            wanted &= Q(created_by=self.user)
        if given.get("q"):
            wanted &= _by_text(given["q"])
        return visible.filter(wanted)


def _by_text(text: str) -> Q:
    """Return an order by our number (``#12`` or ``12``), the provider's, the id of the click that made it, or words
    of its product's name.
    """
    wanted = Q(external_id=text[:100]) | Q(product__in=search_products(Product.objects.order_by(), text))
    if is_id(text):
        wanted |= Q(request_id=text)
    digits = text.removeprefix("#")
    return wanted | Q(pk=int(digits)) if digits.isascii() and digits.isdigit() and len(digits) < 19 else wanted

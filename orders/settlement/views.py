"""Pages of what is unconfirmed: the list, the panel that settles one row, adopting an order placed elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from orders.models import Settlement
from orders.permissions import granted_client_ids, orders_for, providers_for, seen_by
from orders.placement.forms import client_field
from orders.settlement import adoption as settlement_adoption
from orders.settlement import id_confirmation, search_jobs
from orders.settlement import services as settlement_services
from orders.settlement.contexts import KIND_OF, build_panel, load_row
from orders.settlement.services import CannotSettle
from orders.settlement.unconfirmed_contexts import late_tries_for, list_unconfirmed, second_purchases
from orders.submission.call_types import CALL_TYPES, ORDERS, PRODUCT_ORDERS, home_of
from panelhub.audit.services import record
from panelhub.http.htmx import is_partial
from providers.models import Product

Decide = Callable[..., Settlement]

# Each way out as the form names it: what is done, and the sentence that says so.
WAYS: Final[Mapping[str, tuple[Decide, Any]]] = {
    "send_again": (settlement_services.send_again, lazy("Queued again. It will be sent as a new attempt.")),
    "not_placed": (settlement_services.mark_not_placed, lazy("Marked as not placed. Nothing was bought.")),
    "give_up": (settlement_services.close_as_unknown, lazy("Closed as unknown.")),
    "accepted": (
        settlement_services.accept_without_id,
        lazy("Marked as accepted. Without an ID it can’t be tracked."),
    ),
}


@require_safe
@permission_required("orders.view_order", raise_exception=True)
def list_all(request: HttpRequest) -> HttpResponse:
    """Show everything whose outcome is not known, and what may have been bought twice."""
    return render(
        request, "orders/settlement/unconfirmed.html", {**list_unconfirmed(request.user), "nav": "unconfirmed"}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("orders.view_order", raise_exception=True)
def settle(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Show the panel of one row, as a page or as the part that refreshes by itself; a POST decides."""
    if kind not in KIND_OF:
        raise Http404
    row = get_object_or_404(load_row(request.user, kind, pk))
    if request.method == "POST":
        return _decide(request, row)
    panel = build_panel(row, user=request.user)
    if is_partial(request):
        if request.GET.get("mark") == panel["mark"]:
            return HttpResponse(status=204)
        return render(request, "orders/settlement/_settle.html", panel)
    return render(request, "orders/settlement/settle.html", {**panel, "nav": "unconfirmed"})


@permission_required("orders.settle_order", raise_exception=True)
def _decide(request: HttpRequest, row: Any) -> HttpResponse:
    way, reason = request.POST.get("way", ""), request.POST.get("reason", "")
    try:
        if way == "adopt":
            made = settlement_adoption.adopt(
                row, external_id=request.POST.get("external_id", ""), by=request.user, reason=reason, request=request
            )
            messages.success(request, _adoption_words(made))
        elif way in WAYS:
            decide, sentence = WAYS[way]
            decide(row, by=request.user, reason=reason, request=request)
            messages.success(request, str(sentence))
        else:
            messages.error(request, _("Choose an action."))
    except CannotSettle as refusal:
        messages.error(request, str(refusal))
    return redirect(_next(request, home_of(row)))


def _adoption_words(made: Settlement) -> str:
    if made.state == Settlement.State.DONE:
        return _("Adopted as %(id)s.") % {"id": made.external_id}
    return _("Checking %(id)s with the provider. The order is adopted once it confirms.") % {"id": made.external_id}


def _next(request: HttpRequest, otherwise: str) -> str:
    wanted = request.POST.get("next", "")
    # Anything that is no path would be looked up as the name of a page.
    safe = wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else otherwise


@require_POST
@permission_required("orders.settle_order", raise_exception=True)
def search(request: HttpRequest, pk: int) -> HttpResponse:
    """Search among the neighbouring ids again, further than before."""
    order = get_object_or_404(orders_for(request.user).filter(status="unconfirmed"), pk=pk)
    search_jobs.ask_for_search(order, by=request.user)
    record(request.user, "order.searched", order, request=request)
    messages.info(request, _("Searching in the background. The result will appear here."))
    return redirect(home_of(order))


@require_POST
@permission_required("orders.settle_order", raise_exception=True)
def second_seen(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the late id for the order that is held since, or note that someone dealt with a second purchase."""
    attempt = get_object_or_404(late_tries_for(request.user), pk=pk)
    try:
        if request.POST.get("way") == "adopt":
            messages.success(
                request, _adoption_words(settlement_services.adopt_late_id(attempt, by=request.user, request=request))
            )
        else:
            reason = request.POST.get("reason", "")
            settlement_services.dismiss_second_purchase(attempt, by=request.user, reason=reason, request=request)
            messages.success(request, _("Saved."))
    except CannotSettle as refusal:
        messages.error(request, str(refusal))
    return redirect("orders:unconfirmed")


# --- An order that was placed elsewhere -----------------------------------------------------------------------------


class AdoptForm(forms.Form):
    """Provider and id in; of a product order also what the provider does not say of it."""

    kind = forms.ChoiceField(
        required=False,
        label=lazy("Type"),
        choices=[("", lazy("Service order")), (PRODUCT_ORDERS.slug, lazy("Product order"))],
    )
    provider: Any = forms.ModelChoiceField(queryset=None, label=lazy("Provider"), empty_label=lazy("Choose a provider"))
    external_id = forms.CharField(
        max_length=101, label=lazy("Provider ID"), help_text=lazy("The order ID on the provider’s site.")
    )
    product = forms.CharField(
        max_length=100,
        required=False,
        label=lazy("Product ID"),
        help_text=lazy("For a product order: the provider’s product ID."),
    )
    quantity = forms.IntegerField(
        min_value=1,
        max_value=2**31 - 1,
        required=False,
        label=lazy("Items"),
        help_text=lazy("For a product order: how many were bought."),
    )
    client_label = client_field()
    note = forms.CharField(
        max_length=2_000, required=False, label=lazy("Note"), widget=forms.Textarea(attrs={"rows": 2, "class": "short"})
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["provider"]
        choice.queryset = providers_for(user).filter(is_active=True).defer("api_key").order_by("name")
        if not user.has_perm("orders.view_productorder"):
            for name in ("kind", "product", "quantity"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().clean() or {}
        if not fields.get("kind"):
            return fields
        if not fields.get("quantity") and "quantity" not in self.errors:
            self.add_error("quantity", _("Enter how many items were bought. The provider doesn’t say."))
        typed = fields.get("product", "").strip()
        fields["product"] = Product.objects.filter(provider=fields.get("provider"), external_id=typed).first()
        if typed and fields["product"] is None and fields.get("provider"):
            self.add_error("product", _("This provider doesn’t list that product."))
        return fields


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("orders.adopt_order", raise_exception=True)
def adopt(request: HttpRequest) -> HttpResponse:
    """Take over an order that was placed elsewhere: provider and id in, its state out."""
    given = {name: request.GET.get(name, "") for name in ("provider", "external_id", "kind")}
    form = AdoptForm(request.POST or None, user=request.user, initial=given)
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        of_product = {name: fields[name] for name in ("product", "quantity")} if fields.get("kind") else {}
        try:
            made = settlement_adoption.adopt_elsewhere(
                fields["provider"],
                external_id=fields["external_id"],
                by=request.user,
                kind=PRODUCT_ORDERS if of_product else ORDERS,
                **of_product,
                note=fields["note"],
                client_label=fields["client_label"],
                request=request,
            )
        except CannotSettle as refusal:
            form.add_error("external_id", str(refusal))
        else:
            return redirect("orders:adoption", pk=made.pk)
    status = 422 if form.is_bound else 200
    return render(request, "orders/settlement/adopt.html", {"form": form, "nav": "orders"}, status=status)


@require_GET
@permission_required("orders.view_order", raise_exception=True)
def adoption(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how an adoption stands; leads to the order once it is there."""
    made = get_object_or_404(_adoptions(request), pk=pk)
    row = id_confirmation.subject(made)
    if made.state == Settlement.State.DONE and row is not None:
        messages.success(request, _adoption_words(made))
        return redirect(home_of(row))
    if is_partial(request) and made.state == Settlement.State.WAITING:
        return HttpResponse(status=204)
    again = reverse("orders:adopt")
    context = {"made": made, "nav": "orders", "again": again}
    return render(
        request,
        "orders/settlement/adoption.html#state" if is_partial(request) else "orders/settlement/adoption.html",
        context,
    )


@require_POST
@permission_required("orders.view_order", raise_exception=True)
def stop_adoption(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop an adoption that still waits for the provider."""
    made = get_object_or_404(_adoptions(request), pk=pk)
    row = id_confirmation.subject(made)
    needed = "orders.adopt_order" if row is None else "orders.settle_order"
    if not request.user.has_perm(needed):
        raise Http404
    if settlement_adoption.stop_adoption(made, by=request.user, request=request):
        messages.success(request, _("Stopped. Nothing was adopted."))
    else:
        messages.error(request, _("Too late to stop it."))
    return redirect("orders:adopt") if row is None else redirect(home_of(row))


def _adoptions(request: HttpRequest) -> Any:
    adoptions = Settlement.objects.filter(way=Settlement.Way.ADOPT).select_related("by", "order", "provider")
    visible = seen_by(adoptions.defer("provider__api_key"), request.user)
    if granted_client_ids(request.user) is None:
        return visible
    # One that waits is for no order yet: whoever began it sees it.
    mine = Q(by=request.user, **{kind.subject: None for kind in CALL_TYPES})
    return adoptions.defer("provider__api_key").filter(Q(pk__in=visible.values("pk")) | mine)


__all__ = [
    "adopt",
    "adoption",
    "list_all",
    "search",
    "second_purchases",
    "second_seen",
    "settle",
    "stop_adoption",
]

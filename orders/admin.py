"""What administrators set about people: what each sees and spends, the hub's rules, exchange rates.

Orders are not edited here: every change of an order has its own way, with its own record.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from orders.admin_forms import ExchangeRateForm, HubRulesForm, PersonForm, VisibleRawId, may_set_limits
from orders.currency.exchange import forget_fetched_rates
from orders.models import ApiToken, ExchangeRate, HubRules, Markup, OpenService, Person
from orders.permissions import clients_for, open_services_for
from orders.placement.reserved_amounts import spent_columns
from panelhub.audit.admin import AuditedAdmin
from panelhub.security.admin import PeopleAdmin
from panelhub.security.reach import reaches_beyond
from panelhub.ui.formatting import plain_money
from providers.models import Provider
from providers.permissions import CostBlindAdmin, visible_providers

if TYPE_CHECKING:
    from django.forms import ModelForm
    from django.http import HttpRequest

    PersonInlineBase = admin.StackedInline[Person, Any]
else:
    PersonInlineBase = admin.StackedInline


def _gives_all_clients(request: HttpRequest) -> bool:
    return visible_providers(request).clients is None


class GrantsProviders:
    """Admin of what someone sees: no one grants a provider, or a client, that they do not see themselves."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = super().get_readonly_fields(request, obj)  # type: ignore[misc]
        shown = (*shown, "all_providers") if visible_providers(request).limited else shown
        return shown if _gives_all_clients(request) else (*shown, "all_clients")

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]
        if db_field.name == "providers" and field is not None:
            field.queryset = visible_providers(request).narrow(field.queryset, "pk")
        if db_field.name == "clients" and field is not None:
            field.queryset = clients_for(request.user)
        return field


@admin.register(Person)
class PersonAdmin(CostBlindAdmin, GrantsProviders, AuditedAdmin):
    """What a person may see and spend. Their own page shows the same."""

    # What someone's orders take of their limit is what they cost.
    costs = frozenset({"spent"})
    form = PersonForm
    audited = Person.AUDITED
    list_display = ("user", "sees", "limit", "second_person_above", "spent")
    list_select_related = ("user",)
    autocomplete_fields = ("user", "clients")
    filter_horizontal = ("providers",)
    search_fields = ("user__username",)

    def get_queryset(self, request: HttpRequest) -> Any:
        visible = visible_providers(request).narrow(Provider.objects.only("name"), "pk")
        names = Prefetch("providers", visible)
        return super().get_queryset(request).prefetch_related(names).annotate(**spent_columns("user"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = super().get_readonly_fields(request, obj)
        # Whose limits they are never changes.
        return (*shown, "user") if obj else shown

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or may_set_limits(request.user, obj.user))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or may_set_limits(request.user, obj.user))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        form: Any = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"actor": request.user, "gives_all_clients": _gives_all_clients(request)})

    @admin.display(description=_("sees"))
    def sees(self, obj: Person) -> str:
        if obj.all_providers or obj.user.is_superuser:
            seen = str(_("all providers"))
        else:
            seen = ", ".join(provider.name for provider in obj.providers.all()) or str(_("no provider"))
        clients = _("selected clients")
        return seen if obj.all_clients or obj.user.is_superuser else f"{seen}; {clients}"

    @admin.display(description=_("daily spending limit"), ordering="daily_limit", empty_value="")
    def limit(self, obj: Person) -> str:
        if obj.daily_limit is not None:
            return plain_money(obj.daily_limit)
        if obj.no_limit or obj.user.is_superuser:
            return str(_("no limit"))
        return "–" if obj.has_limit_set else str(_("not set: can't order"))

    @admin.display(description=_("reserved today"))
    def spent(self, obj: Any) -> str:
        sums = (getattr(obj, name) for name in spent_columns("user"))
        return plain_money(sum((one for one in sums if one), Decimal(0)).quantize(Decimal("0.01")))


class PersonInline(GrantsProviders, PersonInlineBase):
    """What a person may see and spend, on the page of the person."""

    model = Person
    form = PersonForm
    autocomplete_fields = ("clients",)
    filter_horizontal = ("providers",)
    verbose_name = _("what this person sees and spends")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        form = type("PersonForm", (self.form,), {"gives_all_clients": _gives_all_clients(request)})
        return super().get_formset(request, obj, **(kwargs | {"form": form}))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or may_set_limits(request.user, obj))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and (obj is None or may_set_limits(request.user, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or may_set_limits(request.user, obj))


# People live in a module that knows nothing of orders; here orders add what they know of them.
PeopleAdmin.inlines = (*PeopleAdmin.inlines, PersonInline)


@admin.register(HubRules)
class HubRulesAdmin(AuditedAdmin):
    """The one row of rules for everybody."""

    form = HubRulesForm
    audited = ("currency", "second_person_above", "charge_without_ceiling", "undo_seconds")
    list_display = ("__str__", "currency", "second_person_above", "undo_seconds")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not HubRules.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:  # noqa: FBT001
        obj.pk = 1
        super().save_model(request, obj, form, change)
        if "currency" in form.changed_data and (dropped := forget_fetched_rates()):
            # The rates on record are in the old currency.
            self.message_user(
                request,
                _("%(n)s fetched exchange rates were for the old currency and have been removed.") % {"n": dropped},
            )
        if "currency" in form.changed_data and ExchangeRate.objects.exists():
            self.message_user(
                request,
                _("Exchange rates entered by hand are still for the old currency. Check them."),
                messages.WARNING,
            )


@admin.register(ExchangeRate)
class ExchangeRateAdmin(AuditedAdmin):
    """What one unit of a currency is worth in the hub's."""

    form = ExchangeRateForm
    audited = ("currency", "day", "rate", "source")
    date_hierarchy = "day"

    list_display = ("currency", "day", "rate", "source", "is_fetched")
    list_filter = ("currency", "is_fetched")

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:  # noqa: FBT001
        # What a person saved is theirs from then on: no sheet overwrites it.
        obj.is_fetched = False
        super().save_model(request, obj, form, change)


@admin.register(ApiToken)
class ApiTokenAdmin(AuditedAdmin):
    """Tokens of programs. They are made on their own page, where a new one is shown once; here none is."""

    audited = (
        *("name", "person", "made_by", "is_active", "addresses", "all_services", "services"),
        *("requests_per_minute", "refuse_duplicates"),
    )
    list_display = ("name", "person", "ends_in", "is_active", "requests_per_minute", "last_used_at")
    list_filter = ("is_active",)
    search_fields = ("name", "person__username")
    list_select_related = ("person",)
    raw_id_fields = ("services",)
    readonly_fields = ("person", "made_by", "ends_in", "created_at", "last_used_at")
    fields = (
        "name",
        "person",
        "made_by",
        "ends_in",
        "is_active",
        "addresses",
        "all_services",
        "services",
        "requests_per_minute",
        "refuse_duplicates",
        "created_at",
        "last_used_at",
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or not reaches_beyond(obj.person, request.user))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or not reaches_beyond(obj.person, request.user))

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "services":
            kwargs["queryset"] = open_services_for(request.user)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    @admin.display(description=_("ends in"))
    def ends_in(self, obj: ApiToken) -> str:
        return f"…{obj.tail}"


@admin.register(OpenService)
class OpenServiceAdmin(AuditedAdmin):
    """What programs may order, under which number."""

    audited = ("service", "product", "is_open", "name", "share", "addition")
    list_display = ("id", "name", "service", "product", "is_open", "share", "addition")
    list_filter = ("is_open",)
    search_fields = ("name", "service__name", "product__name")
    list_select_related = ("service", "product")
    raw_id_fields = ("service", "product")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(pk__in=open_services_for(request.user).values("pk"))

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name in self.raw_id_fields:
            visible = visible_providers(request).narrow(db_field.related_model._default_manager.all())
            kwargs |= {"queryset": visible, "widget": VisibleRawId(db_field.remote_field, self.admin_site, visible)}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # What a number that programs have seen refers to never changes.
        return ("service", "product") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # A number that programs have seen is closed, never assigned again.
        return False


@admin.register(Markup)
class MarkupAdmin(AuditedAdmin):
    """What is put on a provider's prices for programs."""

    audited = ("provider", "share", "addition")
    list_display = ("provider", "share", "addition")
    list_select_related = ("provider",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return visible_providers(request).narrow(super().get_queryset(request))

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "provider":
            kwargs["queryset"] = visible_providers(request).narrow(Provider.objects.order_by("name"), "pk")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


# Django looks for modules called `admin` only; this one builds on what stands above.
from orders.aftercare import admin as aftercare_admin  # noqa: E402, F401
from orders.clients import admin as clients_admin  # noqa: E402, F401
from orders.notifications import admin as notifications_admin  # noqa: E402, F401
from orders.routes import admin as routes_admin  # noqa: E402, F401

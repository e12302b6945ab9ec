"""What administrators do about providers: accounts and their keys, held lists, held prices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_post_parameters

from providers.accounts import services as accounts_services
from providers.accounts.edits import save_account
from providers.accounts.forms import ProviderForm, has_key_tail
from providers.accounts.health_labels import health_of
from providers.catalogue.decisions import accept_list, discard_list
from providers.catalogue.search import search_services
from providers.models import CatalogueHold, Provider, Service
from providers.permissions import CostBlindAdmin, visible_providers

if TYPE_CHECKING:
    ProviderModelAdmin = admin.ModelAdmin[Provider]
    ServiceModelAdmin = admin.ModelAdmin[Service]
    HoldModelAdmin = admin.ModelAdmin[CatalogueHold]
else:
    ProviderModelAdmin = ServiceModelAdmin = HoldModelAdmin = admin.ModelAdmin

RUN_JOBS: Final = "providers.run_jobs"
ACCEPT: Final = "providers.accept_catalogue"
MARKS: Final = {"good": "✓", "bad": "✗"}


@admin.register(Provider)
class ProviderAdmin(CostBlindAdmin, ProviderModelAdmin):
    """Accounts. A key is entered once and never shown; everything slow runs as a job."""

    costs = frozenset({"balance", "balance_at", "low_balance", "last_check", "pause_balance"})
    form = ProviderForm
    list_display = ("name", "dialect", "is_active", "is_sandbox", "health", "balance", "currency", "key_state")
    list_filter = ("is_active", "dialect", "is_sandbox")
    search_fields = ("name",)
    actions = ("check_accounts", "sync_accounts", "pause_accounts", "resume_accounts", "remove_sandbox")
    readonly_fields = ("health", "key_state", "balance", "balance_at", "catalogue_at", "products_at", "last_check")
    fieldsets = (
        (None, {"fields": ("name", "dialect", "api_url", "new_key", "is_active")}),
        (
            gettext_lazy("Limits and money"),
            {"fields": ("requests_per_minute", "currency", "low_balance", "price_jump_percent", "package_billing")},
        ),
        (
            gettext_lazy("Where this account differs"),
            {"fields": ("overrides", "decimal_comma", "rate_limit_is_unknown", "refill_pause_hours")},
        ),
        (gettext_lazy("Status"), {"fields": readonly_fields}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Provider]:
        return visible_providers(request).narrow(super().get_queryset(request), "pk")  # type: ignore[no-any-return]

    def get_fieldsets(self, request: HttpRequest, obj: Provider | None = None) -> Any:
        shown = super().get_fieldsets(request, obj)
        return shown if obj else shown[:-1]

    def get_actions(self, request: HttpRequest) -> Any:
        actions = super().get_actions(request)
        # Removing is done one by one, where it can be said what goes with an account.
        actions.pop("delete_selected", None)
        return actions

    @method_decorator(sensitive_post_parameters("new_key"))
    def changeform_view(self, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().changeform_view(*args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Provider, form: Any, change: bool) -> None:  # noqa: FBT001
        saved = save_account(form, by=request.user, request=request)
        for text in saved.warnings:
            messages.warning(request, text)
        if saved.is_checked:
            request.checked_provider = obj  # type: ignore[attr-defined]

    def response_post_save_add(self, request: HttpRequest, obj: Provider) -> HttpResponseRedirect:
        return self._show_check(request) or super().response_post_save_add(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj: Provider) -> HttpResponseRedirect:
        return self._show_check(request) or super().response_post_save_change(request, obj)

    def _show_check(self, request: HttpRequest) -> HttpResponseRedirect | None:
        """Lead to the account's page, which shows at once what the provider says of the key."""
        provider = getattr(request, "checked_provider", None)
        if provider is None or not request.user.has_perm("providers.view_provider"):
            return None
        return HttpResponseRedirect(accounts_services.page_of_check(provider))

    def has_delete_permission(self, request: HttpRequest, obj: Provider | None = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or not accounts_services.is_in_use(obj))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        rows = list(objs)
        services = Service.objects.filter(provider__in=rows).count()
        lines = [str(provider) for provider in rows]
        return [*lines, ngettext("%d service", "%d services", services) % services], {}, set(), []

    def delete_model(self, request: HttpRequest, obj: Provider) -> None:
        accounts_services.remove_provider(obj, by=request.user, request=request)

    # What is shown

    @admin.display(description=gettext_lazy("health"))
    def health(self, provider: Provider) -> str:
        found = health_of(provider, timezone.now(), sees_cost=False)
        return " ".join(part for part in (found.sentence, found.words) if part) or _("Working")

    @admin.display(description=gettext_lazy("key"))
    def key_state(self, provider: Provider) -> str:
        return f"…{provider.key_tail}" if has_key_tail(provider) else "…"

    @admin.display(description=gettext_lazy("last check"))
    def last_check(self, provider: Provider) -> str:
        check = provider.checks.first()
        if check is None:
            return _("Not checked yet.")
        lines = format_html_join(
            "", "<li>{} {}</li>", ((MARKS.get(line["kind"], "·"), line["text"]) for line in check.lines)
        )
        return format_html("{}<ul>{}</ul>", timezone.localtime(check.at).strftime("%F %T"), lines)

    # What is done

    def has_run_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(RUN_JOBS)

    @admin.action(description=gettext_lazy("Check"), permissions=["run"])
    def check_accounts(self, request: HttpRequest, queryset: QuerySet[Provider]) -> None:
        for provider in queryset:
            accounts_services.ask_for_check(provider)
        self.message_user(request, _("Checking the accounts."))

    @admin.action(description=gettext_lazy("Sync now"), permissions=["run"])
    def sync_accounts(self, request: HttpRequest, queryset: QuerySet[Provider]) -> None:
        for provider in queryset:
            accounts_services.ask_for_sync(provider)
        self.message_user(request, _("Syncing balances, services and products."))

    @admin.action(description=gettext_lazy("Pause"), permissions=["change"])
    def pause_accounts(self, request: HttpRequest, queryset: QuerySet[Provider]) -> None:
        for provider in queryset:
            accounts_services.pause_by_hand(provider, by=request.user, request=request)
        self.message_user(request, _("Paused. No orders are sent until someone resumes it."))

    @admin.action(description=gettext_lazy("Resume"), permissions=["change"])
    def resume_accounts(self, request: HttpRequest, queryset: QuerySet[Provider]) -> None:
        for provider in queryset:
            accounts_services.resume_by_hand(provider, by=request.user, request=request)
        self.message_user(request, _("Resumed. Orders are sent again."))

    @admin.action(description=gettext_lazy("Remove sandbox providers"), permissions=["delete"])
    def remove_sandbox(self, request: HttpRequest, queryset: QuerySet[Provider]) -> None:
        gone = kept = 0
        for provider in queryset.filter(is_sandbox=True):
            if accounts_services.remove_provider(provider, by=request.user, request=request):
                gone += 1
            else:
                kept += 1
        self.message_user(
            request,
            _("Removed: %(gone)d. Disabled because they have orders: %(kept)d.") % {"gone": gone, "kept": kept},
        )


class VisibleProviderFilter(admin.RelatedFieldListFilter):
    """The filter of providers, which names those alone that the reader sees."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        return [(pk, seen.name) for pk, seen in visible_providers(request).providers.items()]


class ReadOnly:
    """Rows that come from providers are never typed in; a person sees those of the providers they are granted."""

    def get_queryset(self, request: HttpRequest) -> Any:
        return visible_providers(request).narrow(super().get_queryset(request))  # type: ignore[misc]

    def has_add_permission(self, *args: Any) -> bool:
        return False

    def has_change_permission(self, *args: Any) -> bool:
        return False

    def has_delete_permission(self, *args: Any) -> bool:
        return False

    def has_accept_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(ACCEPT)


@admin.register(Service)
class ServiceAdmin(ReadOnly, CostBlindAdmin, ServiceModelAdmin):
    """Services as they were listed. Prices that wait are accepted on the hub's page, beside the old ones."""

    costs = frozenset({"rate", "accepted_rate"})
    list_display = (
        *("external_id", "name", "provider", "type", "rate", "accepted_rate", "is_available", "hold_reason"),
    )
    list_filter = ("hold_reason", "is_available", ("provider", VisibleProviderFilter))
    list_select_related = ("provider",)
    list_per_page = 50
    ordering = ("-id",)
    search_fields = ("search_text",)
    show_full_result_count = False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Service], search_term: str
    ) -> tuple[QuerySet[Service], bool]:
        return search_services(queryset, search_term), False


@admin.register(CatalogueHold)
class CatalogueHoldAdmin(ReadOnly, HoldModelAdmin):
    """Lists that looked wrong: accept one, or throw it away."""

    list_display = ("provider", "kind", "reason", "listed", "known", "at", "last_seen_at", "state")
    list_filter = ("outcome", ("provider", VisibleProviderFilter))
    list_select_related = ("provider", "accepted_by")
    actions = ("accept", "discard")

    def has_view_permission(self, request: HttpRequest, obj: CatalogueHold | None = None) -> bool:
        return request.user.has_perm(ACCEPT) or super().has_view_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(ACCEPT) or super().has_module_permission(request)

    @admin.display(description=gettext_lazy("state"))
    def state(self, hold: CatalogueHold) -> str:
        if hold.closed_at is None and hold.accepted_by:
            return _("accepted by %(name)s, applied at the next sync") % {"name": hold.accepted_by}
        return hold.get_outcome_display()

    @admin.action(description=gettext_lazy("Accept list"), permissions=["accept"])
    def accept(self, request: HttpRequest, queryset: QuerySet[CatalogueHold]) -> None:
        self._decide(request, queryset, accept_list)

    @admin.action(description=gettext_lazy("Discard list"), permissions=["accept"])
    def discard(self, request: HttpRequest, queryset: QuerySet[CatalogueHold]) -> None:
        self._decide(request, queryset, discard_list)

    def _decide(self, request: HttpRequest, queryset: QuerySet[CatalogueHold], decide: Any) -> None:
        decided = sum(decide(hold, by=request.user, request=request) for hold in queryset.select_related("provider"))
        self.message_user(request, _("Decided: %(count)d.") % {"count": decided})

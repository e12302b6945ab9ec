"""People and their second factors in admin: no one gives away more than they have, and all of it is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from panelhub import audit
from panelhub.audit.admin import AuditedAdmin, changes_of, values_of
from panelhub.models import Authenticator
from panelhub.security.handed_passwords import note_handed_password, note_handed_way
from panelhub.security.people import AUDITED, end_sessions, roles_within_reach
from panelhub.security.reach import permissions_beyond, reaches_beyond, role_reaches_beyond
from panelhub.security.second_factor import forget_second_factor
from panelhub.security.sessions import end_tokens

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    AuthenticatorAdminBase = admin.ModelAdmin[Authenticator]
else:
    AuthenticatorAdminBase = admin.ModelAdmin


def change_own_password(request: HttpRequest, extra_context: Any = None) -> HttpResponse:
    """Stand in for admin's own page, which counts no guesses: there is one page for one's own password."""
    return redirect("password_change")


admin.site.password_change = change_own_password  # type: ignore[assignment,method-assign]
admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class PeopleAdmin(UserAdmin):
    """Django's own page of people, for administrators who are no superusers as well.

    Without the limits here, whoever may change people could make themselves a superuser, or set the password of one.
    """

    list_display = ("username", "email", "is_active", "is_staff", "last_login")
    actions = ("log_out", "log_out_with_tokens")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or not reaches_beyond(obj, request.user))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or not reaches_beyond(obj, request.user))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = super().get_readonly_fields(request, obj)
        return shown if request.user.is_superuser else (*shown, "is_superuser", "user_permissions")

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "groups" and not request.user.is_superuser:
            kwargs["queryset"] = roles_within_reach(request.user)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:  # noqa: FBT001, FBT002
        request.person_changes = changes_of(form, AUDITED)  # type: ignore[attr-defined]
        if "password1" in form.fields:
            person = form.instance if add else form.user
            if person.has_usable_password():
                note_handed_password(person, by=request.user, request=request)
        elif "email" in form.changed_data and form.instance.pk != request.user.pk:
            note_handed_way(form.instance, by=request.user)
        return super().construct_change_message(request, form, formsets, add)

    def save_formset(self, request: Any, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001
        super().save_formset(request, form, formset, change)
        names = getattr(formset.model, "AUDITED", ())
        for one in formset.forms:
            if one.has_changed() and one.instance.pk and one not in formset.deleted_forms:
                action = f"{one.instance._meta.model_name}.changed"
                changed = changes_of(one, names)
                audit.record(request.user, action, one.instance, ", ".join(changed), request=request, **changed)

    # Every way of changing a person, that of a password included, ends in one of these.

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        changed = getattr(request, "person_changes", {})
        audit.record(request.user, "person.added", obj, str(obj), request=request, **changed)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        changed = getattr(request, "person_changes", {})
        audit.record(request.user, "person.changed", obj, f"{obj}: {_fields_of(message)}", request=request, **changed)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for person in queryset:
            values = {name: [value, None] for name, value in values_of(person, AUDITED).items()}
            audit.record(request.user, "person.removed", person, str(person), request=request, **values)
        return super().log_deletions(request, queryset)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:  # noqa: A002 - Django's name
        """Show the form for another person's password; one's own is changed where the current one is asked."""
        if id == str(request.user.pk):
            return redirect("password_change")
        return super().user_change_password(request, id, form_url)

    def get_actions(self, request: HttpRequest) -> Any:
        actions = super().get_actions(request)
        # Of many at once no one could be left out.
        actions.pop("delete_selected", None)
        return actions

    @admin.action(description=gettext_lazy("Log out everywhere"), permissions=["change"])
    def log_out(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """End the sessions of the chosen people, those with rights beyond one's own aside."""
        self._log_out(request, queryset, tokens=False)

    @admin.action(description=gettext_lazy("Log out everywhere and revoke API tokens"), permissions=["change"])
    def log_out_with_tokens(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """End the sessions of the chosen people and the tokens of their programs, as above."""
        self._log_out(request, queryset, tokens=True)

    def _log_out(self, request: HttpRequest, queryset: QuerySet[User], *, tokens: bool) -> None:
        chosen = list(queryset)
        within = [person for person in chosen if not reaches_beyond(person, request.user)]
        ended = end_sessions(queryset.filter(pk__in=[person.pk for person in within]))
        stopped = 0
        for person in within:
            audit.record(request.user, "person.logged_out", person, str(person), request=request)
            stopped += end_tokens(person, request=request, by=request.user) if tokens else 0
        self.message_user(request, _("Sessions ended: %(count)d.") % {"count": ended})
        if tokens:
            self.message_user(request, _("API tokens revoked: %(count)d.") % {"count": stopped})
        if len(within) < len(chosen):
            names = ", ".join(sorted(str(person) for person in set(chosen) - set(within)))
            sentence = _("You can’t log out people with permissions you don’t have: %(names)s.") % {"names": names}
            self.message_user(request, sentence, messages.ERROR)


def _fields_of(message: Any) -> str:
    if not isinstance(message, list):
        return str(message)
    return ", ".join(str(name) for part in message for detail in part.values() for name in detail.get("fields", ()))


@admin.register(Group)
class RoleAdmin(AuditedAdmin, GroupAdmin):
    """Roles: whoever may change them gives and takes no permission that they lack themselves."""

    audited = ("name", "permissions")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or not role_reaches_beyond(obj, request.user))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or not role_reaches_beyond(obj, request.user))

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        field: Any = super().formfield_for_manytomany(db_field, request, **kwargs)
        if db_field.name == "permissions" and field is not None and not request.user.is_superuser:
            field.queryset = field.queryset.exclude(pk__in=permissions_beyond(request.user))
        return field


@admin.register(Authenticator)
class AuthenticatorAdmin(AuthenticatorAdminBase):
    """Who has set up a second factor. Taking one away lets a person who lost theirs set up another."""

    list_display = ("user", "confirmed", "made_at")
    list_select_related = ("user",)
    search_fields = ("user__username",)
    fields = ("user", "confirmed", "made_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or not reaches_beyond(obj.user, request.user))

    def get_actions(self, request: HttpRequest) -> Any:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def delete_model(self, request: HttpRequest, obj: Authenticator) -> None:
        forget_second_factor(obj.user)
        audit.record(request.user, "second_factor.taken_away", obj.user, str(obj.user), request=request)
        messages.info(request, _("%(person)s must set up two-factor authentication again.") % {"person": obj.user})

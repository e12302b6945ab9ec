"""Forms of a person: their account with its role, and what they see and spend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from orders.admin_forms import PersonForm
from orders.models import Client, Person, key_of_name
from orders.people.abilities import ORDERS
from panelhub.security.people import roles_within_reach
from panelhub.security.reach import names_of
from providers.models import Provider
from providers.permissions import VisibleProviders

MOST_CLIENTS = 1_000

if TYPE_CHECKING:
    AccountBase = forms.ModelForm[User]
else:
    AccountBase = forms.ModelForm


class AccountForm(AccountBase):
    """Who someone is and what they may do; roles that ``actor`` could not give are not offered."""

    role = forms.ModelChoiceField(queryset=Group.objects.none(), label=lazy("Role"), widget=forms.RadioSelect)

    class Meta:
        model = User
        fields = ("username", "email", "is_active")
        field_classes = {"username": UsernameField}
        labels = {"username": lazy("Username"), "email": lazy("Email"), "is_active": lazy("May log in")}
        help_texts = {"username": "", "is_active": ""}

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role: Any = self.fields["role"]
        role.queryset = roles_within_reach(actor)
        role.empty_label = None
        if self.instance._state.adding:
            del self.fields["is_active"]
            return
        given = list(self.instance.groups.all())
        self.initial["role"] = given[0].pk if given else None
        role.required = False
        if len(given) > 1:
            # Several roles at once are given in admin alone.
            del self.fields["role"]

    def clean_username(self) -> str:
        """Return a name that no one has, in whatever letters."""
        name = str(self.cleaned_data["username"])
        if User.objects.filter(username__iexact=name).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("This username is already taken."))
        return name

    def clean_email(self) -> str:
        """Return an address that no other account has: a link for a new password goes to one person."""
        email = str(self.cleaned_data["email"])
        others = User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk)
        if email and "email" in self.changed_data and others.exists():
            raise ValidationError(_("This email address is already in use."))
        return email


class ClientNamesField(forms.ModelMultipleChoiceField):
    """Clients by their names, one per line: there may be thousands to choose from."""

    widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})

    def prepare_value(self, value: Any) -> str:
        """Return what stands in the field: the names of the clients chosen, or what was typed."""
        if isinstance(value, str) or not value:
            return value or ""
        keys = [getattr(one, "pk", one) for one in value]
        return "\n".join(self._visible().filter(pk__in=keys).values_list("name", flat=True))

    def _visible(self) -> QuerySet[Client]:
        visible: Any = self.queryset
        return visible  # type: ignore[no-any-return]

    def clean(self, value: Any) -> QuerySet[Client]:
        """Return the clients of these names, in any spelling; one that is hidden does not exist."""
        names = [name.strip() for name in str(value or "").splitlines() if name.strip()]
        if len(names) > MOST_CLIENTS:
            raise ValidationError(_("Enter at most %(n)s clients.") % {"n": MOST_CLIENTS})
        keys = {key_of_name(name): name for name in names}
        found = dict(self._visible().filter(key__in=keys).values_list("pk", "key"))
        missing = [name for key, name in keys.items() if key not in found.values()]
        if missing:
            raise ValidationError(_("There is no client named “%(name)s”.") % {"name": missing[0][:100]})
        return Client.objects.filter(pk__in=found)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether other names stand in the field than before."""
        before = {key_of_name(name) for name in self.prepare_value(initial).splitlines()}
        return before != {key_of_name(name) for name in str(data or "").splitlines() if name.strip()}


class LimitsForm(PersonForm):
    """What a person sees and spends, filled in by someone who sees ``visible``."""

    class Meta(PersonForm.Meta):
        fields: Any = tuple(name for name in Person.AUDITED if name != "user")
        labels = {
            "all_providers": lazy("All providers, including ones added later"),
            "providers": lazy("Only these providers"),
            "all_clients": lazy("Orders of all clients, and those without a client"),
            "clients": lazy("Only of these clients"),
            "daily_limit": lazy("Daily spending limit"),
            "no_limit": lazy("No spending limit"),
            "second_person_above": lazy("Second person above"),
        }
        help_texts = {
            "daily_limit": lazy("For all orders made in a day. 0 allows no orders."),
            "second_person_above": lazy("Larger orders wait for approval. Leave empty to use the hub’s rule."),
            "clients": lazy("One name per line. Counts while the box above is off."),
        }
        widgets = {"providers": forms.CheckboxSelectMultiple}
        field_classes = {"clients": ClientNamesField}

    def __init__(self, *args: Any, visible: VisibleProviders, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        clients: Any = self.fields["clients"]
        clients.required = False
        clients.queryset = Client.objects.all()
        if visible.clients is not None:
            clients.queryset = Client.objects.filter(pk__in=visible.clients)
            del self.fields["all_clients"]
            if self.instance._state.adding:
                # Whoever is limited to clients gives no one more.
                self.instance.all_clients = False
        providers: Any = self.fields["providers"]
        providers.queryset = visible.narrow(Provider.objects.only("name").order_by("name"), "pk")
        if visible.limited:
            del self.fields["all_providers"]
        elif self.instance._state.adding:
            self.initial["all_providers"] = True

    def require_decision(self, role: Group | None) -> bool:
        """Refuse a new person who may order by ``role`` without a decided limit; returns whether all is well."""
        if role is None or ORDERS not in names_of(role.permissions):
            return True
        decided = self.cleaned_data.get("no_limit") or any(
            self.cleaned_data.get(name) is not None for name in ("daily_limit", "second_person_above")
        )
        if not decided and "daily_limit" not in self.errors:
            self.add_error("daily_limit", _("Enter an amount, or select “No spending limit”."))
        return bool(decided)

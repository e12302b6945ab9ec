"""Facts of a service that a person sets by hand, because its name does not say them or was misread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django import forms
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as lazy

from panelhub.audit.services import record
from panelhub.ui.widgets import PlainSelect
from providers.catalogue.facts.labels import WORDS
from providers.catalogue.filters import COUNTRY_CHOICES
from providers.models import Service
from providers.models.platforms import TITLES
from providers.models.service_kinds import KIND_TITLES, OTHER
from providers.models.service_names.facts import STORED, read_service_name
from providers.models.service_names.refill import LIFETIME

MAY_SET: Final = "providers.change_service"
_UNKNOWN: Final = ("", lazy("not stated"))
_EMPTY: Final[Mapping[str, Any]] = {"platform": "", "kind": OTHER, "country": "", "quality": "", "gender": ""}


if TYPE_CHECKING:
    ServiceForm = forms.ModelForm[Service]
else:
    ServiceForm = forms.ModelForm


class FactsForm(ServiceForm):
    """What is known of a service apart from what its provider's list states in figures."""

    use_required_attribute = False

    platform = forms.ChoiceField(
        required=False,
        widget=PlainSelect,
        label=lazy("Platform"),
        choices=[_UNKNOWN, *sorted(TITLES.items(), key=lambda pair: pair[1].casefold())],
    )
    kind = forms.ChoiceField(
        widget=PlainSelect,
        label=lazy("Kind"),
        choices=lambda: sorted(KIND_TITLES.items(), key=lambda pair: (pair[0] != OTHER, str(pair[1]))),
    )
    country = forms.ChoiceField(
        required=False, widget=PlainSelect, label=lazy("Country"), choices=[_UNKNOWN, *COUNTRY_CHOICES]
    )
    quality = forms.ChoiceField(
        required=False, widget=PlainSelect, label=lazy("Quality"), choices=[_UNKNOWN, *Service.Quality.choices]
    )
    gender = forms.ChoiceField(
        required=False, widget=PlainSelect, label=lazy("Gender"), choices=[_UNKNOWN, *Service.Gender.choices]
    )
    refill_days = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=LIFETIME,
        label=lazy("Refill, days"),
        help_text=lazy("0 means no refill, 36500 means lifetime refill."),
    )
    speed_per_day = forms.IntegerField(required=False, min_value=1, max_value=10**12, label=lazy("Speed, per day"))
    start_minutes = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=10**6,
        label=lazy("Start time, minutes"),
        help_text=lazy("0 means instant."),
    )
    drop_percent = forms.IntegerField(
        required=False, min_value=0, max_value=100, label=lazy("Drop, %"), help_text=lazy("0 means non-drop.")
    )

    class Meta:
        model = Service
        fields: ClassVar = list(STORED)


def set_facts(service: Service, wanted: Mapping[str, Any], *, by: Any, request: HttpRequest | None = None) -> list[str]:
    """Set facts of ``service`` by hand; the names of those that differ from what its name says.

    What agrees with the name follows the name again.
    """
    with transaction.atomic():
        locked = Service.objects.select_for_update().get(pk=service.pk)
        read = read_service_name(locked.name, locked.category, locked.description)
        values = {field: _EMPTY.get(field) if wanted[field] in ("", None) else wanted[field] for field in STORED}
        by_hand = {field: value for field, value in values.items() if value != getattr(read, field)}
        Service.objects.filter(pk=locked.pk).update(**values, by_hand=by_hand)
        record(
            by, "service.facts_set", locked, ", ".join(f"{field}={value}" for field, value in by_hand.items()), request
        )
    return list(by_hand)


def follow_name(service: Service, *, by: Any, request: HttpRequest | None = None) -> None:
    """Have all facts of ``service`` follow its name again."""
    read = read_service_name(service.name, service.category, service.description)
    set_facts(service, {field: getattr(read, field) for field in STORED}, by=by, request=request)


def describe_known(service: Service) -> list[tuple[Any, Any, bool]]:
    """Return each fact that is known: its title, its value in words, and whether a person set it."""
    fields: Any = FactsForm.base_fields
    rows = ((field, WORDS[field](getattr(service, field)), field in service.by_hand) for field in STORED)
    return [
        (fields[field].label, text or lazy("not stated"), by_hand) for field, text, by_hand in rows if text or by_hand
    ]

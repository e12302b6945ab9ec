"""Filters of a list that stand in its address: read leniently, and shown as chips that can be removed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms
from django.utils.http import urlencode
from django.utils.translation import gettext as _


def canonical_query(form: forms.Form) -> str:
    """Return a filter as a query string that is always written in one way; "" when no filter is set."""
    form.is_valid()
    typed = ((name, str(form.data.get(name, "")).strip()) for name in form.fields if name not in form.errors)
    return urlencode([(name, text) for name, text in typed if text])


class ListFilter(forms.Form):
    """What makes no sense is reported and left out, never an error page.

    ``chip_fields`` names what becomes a chip, in order.
    """

    use_required_attribute = False
    chip_fields: ClassVar[tuple[str, ...]] = ()

    def clean_q(self) -> str:
        return "".join(mark if mark.isprintable() else " " for mark in str(self.cleaned_data["q"])).strip()

    def canonical(self) -> str:
        """Return this filter as a query string that is always written in one way; "" when no filter is set."""
        return canonical_query(self)

    def described(self) -> Iterator[tuple[str, str, str]]:
        """Yield each filter that is on: its parameter, its name and its value in words."""
        for name in self.chip_fields:
            value: Any = self.cleaned_data.get(name)
            if value is None or value in ("", False):
                continue
            field: Any = self.fields[name]
            if value is True:
                text = _("yes")
            elif isinstance(field, forms.ChoiceField):
                choices: Any = field.choices
                words = {str(key): str(word) for key, word in choices}
                text = words.get(str(value), str(value))
            else:
                text = str(value)
            yield name, str(field.label), text

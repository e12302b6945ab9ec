"""What people type to begin a mass order."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from orders import order_types
from orders.mass.reader.encoding import ENCODINGS
from orders.mass.reader.lines import COLUMNS
from orders.order_types import ParameterKind
from orders.placement.forms import client_field

_ENCODING_NAMES = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "cp1250": lazy("Windows-1250 (Central European)"),
    "cp1251": lazy("Windows-1251 (Cyrillic)"),
    "cp1252": lazy("Windows-1252 (Western European)"),
    "cp1253": lazy("Windows-1253 (Greek)"),
    "cp1254": lazy("Windows-1254 (Turkish)"),
    "cp1255": lazy("Windows-1255 (Hebrew)"),
    "cp1256": lazy("Windows-1256 (Arabic)"),
    "cp1257": lazy("Windows-1257 (Baltic)"),
    "cp1258": lazy("Windows-1258 (Vietnamese)"),
    "cp874": lazy("Windows-874 (Thai)"),
    "koi8-r": lazy("KOI8-R (Cyrillic)"),
    "cp866": lazy("DOS 866 (Cyrillic)"),
    "iso8859-2": lazy("ISO 8859-2 (Central European)"),
    "gb18030": lazy("GB18030 (Chinese)"),
    "big5": lazy("Big5 (Chinese)"),
    "shift_jis": lazy("Shift JIS (Japanese)"),
    "euc_kr": lazy("EUC-KR (Korean)"),
}


class MassForm(forms.Form):
    """Pasted lines or a file, and what holds for all of them. What the lines say is read elsewhere."""

    use_required_attribute = False

    lines = forms.CharField(
        required=False,
        label=lazy("Lines"),
        help_text=lazy("One order per line: service|link|quantity or provider|service|link|quantity."),
        widget=forms.Textarea(
            attrs={
                "rows": 12,
                "class": "lines",
                "spellcheck": "false",
                "autocomplete": "off",
                "placeholder": "1234|https://example.com/p/1|1000",
            }
        ),
        strip=False,
    )
    file = forms.FileField(
        required=False,
        label=lazy("Or a file"),
        help_text=lazy("CSV or XLSX, up to 10,000 lines, with a header."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,text/csv,text/plain"}),
        allow_empty_file=True,
    )
    provider = forms.TypedChoiceField(
        required=False, label=lazy("Provider"), coerce=int, empty_value=None,
        help_text=lazy("Used when a line names no provider."),
    )  # fmt: skip
    name = forms.CharField(
        required=False, max_length=200, label=lazy("Name"), help_text=lazy("Helps you find it later.")
    )
    client_label = client_field()
    encoding = forms.ChoiceField(
        required=False,
        label=lazy("Encoding of a CSV file"),
        choices=[("", lazy("Detect automatically")), *((name, _ENCODING_NAMES[name]) for name in ENCODINGS)],
    )
    sheet = forms.CharField(
        required=False,
        max_length=255,
        label=lazy("Sheet of a workbook"),
        help_text=lazy("Sheet name. If empty, we read the sheet with a header."),
    )
    form_token = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, files: Any = None, *, providers: list[tuple[int, str]], **more: Any) -> None:
        super().__init__(data, files, **more)
        per_line = [] if len(providers) == 1 else [("", _("Set per line"))]
        self.fields["provider"].choices = [*per_line, *((str(pk), name) for pk, name in providers)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        has_lines, has_file = bool(str(given.get("lines") or "").strip()), given.get("file") is not None
        if has_lines and has_file:
            raise forms.ValidationError(_("Paste lines or choose a file, not both."))
        if not has_lines and not has_file and "file" not in self.errors:
            raise forms.ValidationError(_("Paste lines or choose a file."))
        return given


def column_help() -> list[tuple[str, str, str]]:
    """Return what a table's columns may be called: name, what it is, and a remark."""
    meta = {"provider": _("Provider"), "service": _("Service")}
    remarks = {
        "provider": _("Provider name or dialect. Optional if you chose a provider above."),
        "service": _("The provider’s service ID."),
    }
    rows = []
    for name in COLUMNS:
        parameter = order_types.PARAMETERS.get(name)
        label = meta.get(name) or str(parameter.label if parameter else name)
        remark = remarks.get(name, "")
        if parameter is not None and parameter.kind is ParameterKind.LINES:
            remark = _("Put several lines in one cell, or separate them with \\n.")
        rows.append((name, label, remark))
    return rows

"""Channels of notices in the administration. An address goes in and never comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_variables

from orders.models import Channel
from orders.notifications import channels as notifications_channels
from panelhub.audit.admin import AuditedAdmin
from panelhub.background.dispatch import publish
from panelhub.schedule import CLICKS
from panelhub.ui.formatting import format_when

if TYPE_CHECKING:
    ChannelModelForm = forms.ModelForm[Channel]
else:
    ChannelModelForm = forms.ModelForm


class ChannelForm(ChannelModelForm):
    """A channel as administrators enter it."""

    new_url = forms.CharField(
        label=gettext_lazy("address"),
        max_length=notifications_channels.LONGEST_URL,
        required=False,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password", "class": "vTextField"}),
        help_text=gettext_lazy(
            "An Apprise URL, such as "
            "mailtos://user:password@smtp.example.com?from=hub@example.com&to={email} or "
            "tgram://token/chat. {email} stands for each person’s own address. Stored encrypted and "
            "never shown again."
        ),
    )

    class Meta:
        model = Channel
        fields: ClassVar = ["name", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_url"].required = self.instance._state.adding

    @sensitive_variables("url")
    def clean_new_url(self) -> str:
        """Return an address that leads somewhere by an encrypted way."""
        url = str(self.cleaned_data["new_url"]).strip()
        if url and (fault := notifications_channels.find_fault(url)):
            raise forms.ValidationError(fault)
        return url

    @sensitive_variables("url")
    def save(self, commit: bool = True) -> Channel:  # noqa: FBT001, FBT002 - Django's signature
        url = self.cleaned_data["new_url"]
        if url:
            self.instance.url = url
            self.instance.is_personal = notifications_channels.is_personal(url)
        return super().save(commit)


@admin.register(Channel)
class ChannelAdmin(AuditedAdmin):
    """Mail servers and chats that carry notices."""

    form = ChannelForm
    list_display = ("name", "is_active", "is_personal", "last_sent_at", "state")
    readonly_fields = ("is_personal", "last_sent_at", "state")
    fields = ("name", "new_url", "is_active", *readonly_fields)
    actions = ("try_channels",)

    @admin.display(description=gettext_lazy("last failure"))
    def state(self, channel: Channel) -> str:
        """Return why the last message did not leave, if it did not."""
        if not channel.last_failure_at:
            return "–"
        return format_html("{} · {}", channel.last_failure, format_when(channel.last_failure_at, timezone.now()).html)

    @admin.action(description=gettext_lazy("Send me a test"), permissions=["change"])
    def try_channels(self, request: HttpRequest, queryset: QuerySet[Channel]) -> None:
        """A worker sends it; how it went stands in the list."""
        email = getattr(request.user, "email", "")
        chosen = list(queryset)
        for channel in chosen:
            publish("orders.notifications.tasks.try_channel", channel.pk, email, queue=CLICKS)
        if not email and any(channel.is_personal for channel in chosen):
            messages.warning(request, _("Your account has no email address to send a test to."))
        messages.info(
            request,
            ngettext("Test notification sent.", "%(count)d test notifications sent.", len(chosen))
            % {"count": len(chosen)},
        )

"""Channels of notices in the administration. An address goes in and never comes out."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from orders.models import Channel
from orders.notifications.channel_services import ask_for_test
from orders.notifications.forms import ChannelForm
from panelhub.audit.admin import AuditedAdmin
from panelhub.ui.formatting import format_when


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
            ask_for_test(channel, email)
        if not email and any(channel.is_personal for channel in chosen):
            messages.warning(request, _("Your account has no email address to send a test to."))
        messages.info(
            request,
            ngettext("Test notification sent.", "%(count)d test notifications sent.", len(chosen))
            % {"count": len(chosen)},
        )

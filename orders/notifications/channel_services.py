"""Save channels with their records, and send a test over one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from orders.models import Channel, NoticeChoice
from orders.notifications.types import kinds_for
from panelhub import audit
from panelhub.background.dispatch import publish
from panelhub.schedule import CLICKS

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.http import HttpRequest

    from orders.notifications.forms import ChannelForm


@transaction.atomic
def save_channel(form: ChannelForm, *, by: Any, request: HttpRequest) -> Channel:
    """Save the channel of a valid form. Of its address, only that it changed is kept on record."""
    is_new = form.instance._state.adding
    channel = form.save()
    action = "channel.added" if is_new else "channel.changed"
    audit.record(by, action, channel, ", ".join(form.changed_data), request=request)
    return channel


@transaction.atomic
def remove_channel(channel: Channel, *, by: Any, request: HttpRequest) -> None:
    """Remove a channel; what was to go there is not sent any more."""
    audit.record(by, "channel.removed", channel, str(channel), request=request)
    channel.delete()


def choose_notices(channel: Channel, person: Any, kinds: Collection[str]) -> None:
    """Have these kinds of notices, of those that the person gets, go over the channel."""
    open_to_person = {kind.slug for kind in kinds_for(person)}
    NoticeChoice.objects.bulk_create(
        [NoticeChoice(person=person, kind=kind, channel=channel) for kind in sorted(open_to_person & set(kinds))],
        ignore_conflicts=True,
    )


def ask_for_test(channel: Channel, email: str) -> None:
    """Have a worker send a test message; ``email`` is where one to each person goes."""
    publish("orders.notifications.tasks.try_channel", channel.pk, email, queue=CLICKS)

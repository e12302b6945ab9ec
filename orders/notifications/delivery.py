"""Sends what is due over the channels: one message for all that came together, again when a channel failed."""

from __future__ import annotations

import logging
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orders.models import Channel, Delivery
from orders.notifications.channels import Message, NotSent, find_fault, send
from orders.notifications.types import BY_SLUG
from panelhub.background.fanout import for_each
from panelhub.encryption.vault import SecretUnreadable
from panelhub.monitoring.doctor import Finding, bad, good, note
from panelhub.redaction import scrub

logger = logging.getLogger(__name__)

# Longer than any single message takes: whoever holds one still after that is dead.
CLAIMED_FOR: Final = timedelta(minutes=5)
WAITS: Final = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
MOST_LINES: Final = 20
MOST_AT_ONCE: Final = 1000


def send_due() -> Counter[str]:
    """Send every delivery that is due; returns how many were sent and how many failed.

    Each is claimed first, so two workers never send one twice. A worker that dies in between leaves its claim,
    and what it held is sent again after ``CLAIMED_FOR``: a notice sent twice is better than none.
    """
    figures: Counter[str] = Counter()
    # Side by side, so that a chat server that hangs holds up its own notices alone.
    for _reader, sent in for_each(_by_reader(_claim()).items(), lambda one: _send_one(*one[0], one[1])):
        if isinstance(sent, Exception):
            raise sent
        figures += sent
    return figures


def try_channel(channel: Channel, *, email: str) -> str:
    """Send a test message over a channel, and save the result; returns the failure, or ""."""
    return _send(channel, Message(_("PanelHub: test"), _("PanelHub notifications will arrive here.")), email)


def check_channels() -> Iterator[Finding]:
    """Yield what is wrong with the channels that notifications leave by, for `manage.py doctor`."""
    channels = list(Channel.objects.filter(is_active=True))
    for channel in channels:
        try:
            fault = find_fault(channel.url)
        except SecretUnreadable:
            fault = "its address cannot be decrypted with the keys in PANELHUB_KEYS."
        if (
            not fault
            and channel.last_failure_at
            and (channel.last_sent_at or channel.last_failure_at) <= channel.last_failure_at
        ):
            fault = f"its last message did not leave: {channel.last_failure}"
        yield bad(f"Channel {channel.name}: {fault}") if fault else good(f"Channel {channel.name} can be used.")
    if not channels:
        yield note("No channel is set up: notifications are shown in the hub only.")


def _claim() -> list[Delivery]:
    now, token = timezone.now(), uuid.uuid4().hex
    due = Delivery.objects.filter(channel__isnull=False, done_at__isnull=True, due_at__lte=now)
    wanted = list(due.order_by("due_at").values_list("pk", flat=True)[:MOST_AT_ONCE])
    if not wanted:
        return []
    due.filter(pk__in=wanted).update(token=token, due_at=now + CLAIMED_FOR, tries=F("tries") + 1)
    rows = Delivery.objects.filter(token=token, done_at__isnull=True).select_related("notice", "channel", "person")
    return list(rows.order_by("notice_id"))


def _by_reader(deliveries: Sequence[Delivery]) -> dict[tuple[Channel, str], list[Delivery]]:
    together: dict[tuple[Channel, str], list[Delivery]] = defaultdict(list)
    for delivery in deliveries:
        if delivery.channel is not None:
            together[(delivery.channel, delivery.person.email if delivery.person else "")].append(delivery)
    return together


def _send_one(channel: Channel, email: str, deliveries: list[Delivery]) -> Counter[str]:
    rows = Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries], token=deliveries[0].token)
    # What was over before it could be sent is not news.
    news = [delivery for delivery in deliveries if delivery.notice.ended_at is None]
    failure = _send(channel, compose(news), email) if news else ""
    now = timezone.now()
    if not failure:
        rows.update(done_at=now, token="", failure="")
        return Counter(sent=len(news))
    tries = max(delivery.tries for delivery in deliveries)
    if tries > len(WAITS):
        rows.update(done_at=now, token="", failure=failure)
    else:
        rows.update(due_at=now + WAITS[tries - 1], token="", failure=failure)
    return Counter(failed=len(news))


def compose(deliveries: Sequence[Delivery]) -> Message:
    """Return one message for these notices, in the hub's own language, without markup."""
    see_cost: dict[int, bool] = {}
    with translation.override(settings.LANGUAGE_CODE):
        lines = []
        for delivery in deliveries[:MOST_LINES]:
            notice = delivery.notice
            kind = BY_SLUG.get(notice.kind)
            if kind is None:
                continue
            text = kind.describe(notice.params, sees_cost=_sees_cost(delivery.person, see_cost))
            address = kind.address(notice.params)
            lines.append(f"{text}{f' {settings.PANELHUB_ORIGIN}{address}' if _links(address) else ''}")
        more = len(deliveries) - MOST_LINES
        if more > 0:
            lines.append(ngettext("and %(count)d more", "and %(count)d more", more) % {"count": more})
        first = kind_label(deliveries[0])
        title = f"PanelHub: {first}" if len(deliveries) == 1 else f"PanelHub: {first} (+{len(deliveries) - 1})"
        return Message(title, "\n".join(lines))


def _sees_cost(person: Any, known: dict[int, bool]) -> bool:
    """Return whether a reader may see what things cost; no one knows who reads at a place of several people."""
    if person is None:
        return False
    if person.pk not in known:
        known[person.pk] = person.has_perm("orders.view_cost")
    return known[person.pk]


def kind_label(delivery: Delivery) -> str:
    """Return the name of a delivery's kind, or its slug when this version does not know it."""
    kind = BY_SLUG.get(delivery.notice.kind)
    return str(kind.label) if kind else delivery.notice.kind


def _links(address: str) -> bool:
    return bool(settings.PANELHUB_ORIGIN and address)


def _send(channel: Channel, message: Message, email: str) -> str:
    now = timezone.now()
    row = Channel.objects.filter(pk=channel.pk)
    try:
        send(channel.url, message, email=email)
    except (NotSent, SecretUnreadable) as error:
        failure = scrub(str(error))[:500]
        logger.warning("The channel %s did not take a notice: %s", channel.name, failure)
        row.update(last_failure=failure, last_failure_at=now)
        return failure
    row.filter(Q(last_sent_at__isnull=True) | Q(last_sent_at__lt=now)).update(
        last_sent_at=now, last_failure="", last_failure_at=None
    )
    return ""

"""Turns what is found into notices: one for each thing, from when it was first seen until it is over."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from orders.models import Channel, Delivery, Notice, NoticeChoice, Person
from orders.notifications import delivery
from orders.notifications import services as notifications_services
from orders.notifications.detectors import BACKEND, MOST, Finding
from orders.notifications.types import BY_SLUG, NOT_ALIVE, NOTICE_TYPES, NoticeType
from orders.permissions import clients_by_reader, granted_to

# What comes back so soon is the same problem, and no one is notified again.
SAME_TROUBLE: Final = timedelta(minutes=30)
KEPT: Final = timedelta(days=90)


def watch(kinds: Sequence[NoticeType] = NOTICE_TYPES) -> Counter[str]:
    """Run all detectors; return how many notices were raised and ended.

    Safe to run twice at once: the database lets one thing be raised once.
    """
    figures: Counter[str] = Counter()
    for kind in kinds:
        now = timezone.now()
        figures += _compare(kind, list(kind.find(now)), now)
    return figures


def forget_old(now: datetime) -> None:
    """Remove notices that were over long ago, with their deliveries."""
    Notice.objects.filter(ended_at__lt=now - KEPT).delete()


def _compare(kind: NoticeType, findings: list[Finding], now: datetime) -> Counter[str]:
    found = {finding.key: finding for finding in findings}
    with transaction.atomic():
        known = {notice.key: notice for notice in Notice.objects.filter(kind=kind.slug, ended_at__isnull=True)}
        # A look that was cut off cannot say what is over.
        gone = [] if len(findings) >= MOST else [notice.pk for key, notice in known.items() if key not in found]
        if gone:
            Notice.objects.filter(pk__in=gone).update(ended_at=now)
        changed = [notice for key, notice in known.items() if key in found and notice.params != found[key].params]
        for notice in changed:
            notice.params = found[notice.key].params
        if changed:
            Notice.objects.bulk_update(changed, ["params"], batch_size=MOST)
        new = [finding for key, finding in found.items() if key not in known]
        raised = _raise(kind, _without_returned(kind, new, now), now) if new else []
    return Counter(raised=len(raised), ended=len(gone))


def _without_returned(kind: NoticeType, findings: list[Finding], now: datetime) -> list[Finding]:
    """Open again what was over for a moment only; return the rest."""
    recent: dict[str, int] = dict(
        Notice.objects.filter(
            kind=kind.slug, key__in=[finding.key for finding in findings], ended_at__gte=now - SAME_TROUBLE
        )
        .order_by("pk")
        .values_list("key", "pk")
    )
    if recent:
        Notice.objects.filter(pk__in=recent.values()).update(ended_at=None)
    return [finding for finding in findings if finding.key not in recent]


def _raise(kind: NoticeType, findings: list[Finding], now: datetime) -> list[Notice]:
    if not findings:
        return []
    batch = uuid.uuid4()
    rows = [
        Notice(
            kind=kind.slug,
            key=found.key,
            provider_id=found.provider_id,
            params=found.params,
            raised_at=now,
            batch=batch,
        )
        for found in findings
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    # What another process raised a moment ago is not ours to send.
    raised = list(Notice.objects.filter(batch=batch))
    Delivery.objects.bulk_create(_address(kind, raised, now), ignore_conflicts=True)
    return raised


def _address(kind: NoticeType, notices: Iterable[Notice], now: datetime) -> list[Delivery]:
    """Return a delivery for each reader and channel; seven statements however many there are."""
    readers = list(
        get_user_model()._default_manager.with_perm(kind.permission, backend=BACKEND).values_list("pk", flat=True)
    )
    granted: dict[int, set[int]] = defaultdict(set)
    see_all = set(
        get_user_model()
        ._default_manager.filter(Q(is_superuser=True) | Q(person__all_providers=True), pk__in=readers)
        .values_list("pk", flat=True)
    )
    for user_id, provider_id in Person.providers.through.objects.filter(person__user__in=readers).values_list(
        "person__user_id", "provider_id"
    ):
        granted[user_id].add(provider_id)
    may_see_clients = clients_by_reader(readers)
    chosen: dict[int, list[tuple[int, bool]]] = defaultdict(list)
    for person_id, channel_id, is_personal in NoticeChoice.objects.filter(
        kind=kind.slug, person__in=readers, channel__in=Channel.objects.filter(is_active=True)
    ).values_list("person_id", "channel_id", "channel__is_personal"):
        chosen[person_id].append((channel_id, is_personal))
    made: dict[tuple[Any, ...], Delivery] = {}
    for notice in notices:
        for reader in readers:
            if notice.params.get("reader", reader) != reader:
                continue
            if not (notice.provider_id is None or reader in see_all or notice.provider_id in granted[reader]):
                continue
            if "client" in notice.params and not may_see_clients(reader, notice.params["client"]):
                continue
            made[(notice.pk, reader, None)] = Delivery(notice=notice, person_id=reader, done_at=now)
            for channel_id, is_personal in chosen[reader]:
                to = reader if is_personal else None
                made[(notice.pk, to, channel_id)] = Delivery(
                    notice=notice, person_id=to, channel_id=channel_id, due_at=now
                )
    return list(made.values())


def notify_of_handed_password(sender: Any, **signal: Any) -> None:
    """Raise the notice for a person whose password someone else set; a worker sends it out."""
    watch([BY_SLUG["password_set"]])


def notify_of_dead_parts() -> None:
    """Raise what is dead and send what is due, from whichever process noticed."""
    notifications_services.watch([NOT_ALIVE])
    delivery.send_due()


def deliveries_to(reader: int, kinds: Collection[str]) -> QuerySet[Delivery]:
    """Return the notices that the person with this key got and may still see: of ``kinds``, at providers they are
    granted.
    """
    visible = Q(notice__provider__isnull=True) | granted_to(reader, "notice__provider_id")
    return Delivery.objects.filter(visible, person=reader, channel__isnull=True, notice__kind__in=list(kinds))

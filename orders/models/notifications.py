"""Notification models: notices, each person's settings, channels, deliveries."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from panelhub.encryption.fields import EncryptedTextField
from providers.models import Provider


class Channel(models.Model):
    """A way out of the hub, defined by administrators: a mail server or a chat, as an Apprise address.

    A personal channel has ``{email}`` in its address and reaches each person apart; any other reaches a place
    that several people read, and gets each notice once.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=60, unique=True)
    # Addresses of mail servers and chats hold passwords and tokens.
    url = EncryptedTextField(_("address"))
    is_personal = models.BooleanField(_("to each person’s own address"), default=False, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    last_sent_at = models.DateTimeField(_("last sent"), null=True, blank=True, editable=False)
    last_failure = models.CharField(_("last failure"), max_length=500, blank=True, default="", editable=False)
    last_failure_at = models.DateTimeField(_("failed"), null=True, blank=True, editable=False)

    class Meta:
        ordering: ClassVar = ["name"]
        verbose_name = _("notification channel")
        verbose_name_plural = _("notification channels")

    def __str__(self) -> str:
        return self.name


class NoticeChoice(models.Model):
    """One person wants notices of one kind over one channel."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_choices")
    kind = models.SlugField(max_length=30)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="choices")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "kind", "channel"], name="notice_choice_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.kind} {self.channel_id}"


class Notice(models.Model):
    """One thing that happened: from when it was seen until it was over. ``key`` identifies it within its kind."""

    kind = models.SlugField(max_length=30)
    key = models.CharField(max_length=80)
    provider = models.ForeignKey(Provider, null=True, blank=True, on_delete=models.CASCADE, related_name="notices")
    params = models.JSONField(default=dict)
    raised_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    batch = models.UUIDField(default=uuid.uuid4, editable=False)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "key"], condition=Q(ended_at__isnull=True), name="notice_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["ended_at"], condition=Q(ended_at__isnull=False), name="notice_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Delivery(models.Model):
    """One notice for one reader. Without a channel it is the hub's own list, where ``seen_at`` says when it was read.

    ``person`` is empty for a channel that several people read. ``token`` and ``due_at`` are those of the worker
    that is sending it: whoever dies meanwhile leaves it due again.
    """

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="notices"
    )
    channel = models.ForeignKey(Channel, null=True, blank=True, on_delete=models.CASCADE, related_name="deliveries")
    due_at = models.DateTimeField(default=timezone.now)
    token = models.CharField(max_length=32, blank=True, default="")
    tries = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=500, blank=True, default="")
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["notice", "person"],
                condition=Q(channel__isnull=True, person__isnull=False),
                name="delivery_once_in_the_hub",
            ),
            models.UniqueConstraint(
                fields=["notice", "channel", "person"],
                condition=Q(channel__isnull=False, person__isnull=False),
                name="delivery_once_to_a_person",
            ),
            models.UniqueConstraint(
                fields=["notice", "channel"],
                condition=Q(channel__isnull=False, person__isnull=True),
                name="delivery_once_to_a_place",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False) | Q(channel__isnull=False), name="delivery_has_a_reader"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"], condition=Q(channel__isnull=False, done_at__isnull=True), name="delivery_due"
            ),
            models.Index(fields=["person", "-notice"], condition=Q(channel__isnull=True), name="delivery_in_the_hub"),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} → {self.person_id or self.channel_id}"

"""What the hub knows of itself: signs of life, runs of its jobs, and who did what."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, ClassVar, Final, NoReturn

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Heartbeat(models.Model):
    """When a part of the hub last showed that it is alive."""

    name = models.CharField(_("name"), max_length=200, primary_key=True)
    at = models.DateTimeField(_("at"))
    detail = models.CharField(_("detail"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return f"{self.name} {self.at:%F %T}"

    @staticmethod
    def beat(name: str, *, detail: str = "") -> None:
        """Write that `name` is alive now, by the database's clock; one statement."""
        Heartbeat.objects.bulk_create(
            [Heartbeat(name=name, at=Now(), detail=detail)],
            update_conflicts=True,
            unique_fields=["name"],
            update_fields=["at", "detail"],
        )


class JobLease(models.Model):
    """Who runs a job for a provider right now. One row for each pair, kept for ever and taken again and again."""

    job = models.CharField(_("job"), max_length=60)
    provider_name = models.CharField(_("provider"), max_length=200, blank=True, default="")
    token = models.CharField(max_length=32, blank=True, default="")
    holder = models.CharField(_("process"), max_length=200, blank=True, default="")
    until = models.DateTimeField(_("until"))
    finished_at = models.DateTimeField(_("last finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("running job")
        verbose_name_plural = _("running jobs")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["job", "provider_name"], name="job_lease_once"),
        ]

    def __str__(self) -> str:
        return f"{self.job} {self.provider_name}".strip()


class JobRun(models.Model):
    """One run of a background job, with its figures. Runs that found nothing to do are not kept."""

    KEPT: ClassVar = timedelta(days=14)

    job = models.CharField(_("job"), max_length=60)
    provider_name = models.CharField(_("provider"), max_length=200, blank=True, default="")
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"))
    counts = models.JSONField(_("figures"), default=dict, blank=True)
    failure = models.CharField(_("failure"), max_length=500, blank=True, default="")
    expires_at = models.DateTimeField(_("retained until"), db_index=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name = _("job run")
        verbose_name_plural = _("job runs")
        indexes: ClassVar = [
            models.Index(fields=["job", "provider_name", "id"], name="job_run_history"),
        ]

    def __str__(self) -> str:
        return f"{self.job} {self.provider_name} {self.started_at:%F %T}"

    @property
    def duration(self) -> timedelta:
        """How long it took."""
        return self.finished_at - self.started_at


class AppendOnly(Exception):
    """Someone tried to change or remove what is only ever added to."""


class AuditQuerySet(models.QuerySet["AuditEvent"]):
    """Reads and adds; refuses the rest."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnly("The audit record is only ever added to.")

    def delete(self) -> NoReturn:
        raise AppendOnly("The audit record is only ever added to.")

    def bulk_update(self, objs: Iterable[AuditEvent], *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("The audit record is only ever added to.")


class AuditEvent(models.Model):
    """Who did what to what, when and from where. On PostgreSQL a trigger refuses changes made behind Django's back."""

    at = models.DateTimeField(_("at"), default=timezone.now)
    # Protected: an account with a history is switched off, never removed.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    actor_name = models.CharField(_("name at that time"), max_length=150, blank=True, default="")
    action = models.CharField(_("action"), max_length=60)
    target_type = models.CharField(_("object type"), max_length=60, blank=True, default="")
    target_id = models.CharField(_("object ID"), max_length=64, blank=True, default="")
    summary = models.CharField(_("description"), max_length=500, blank=True, default="")
    ip = models.GenericIPAddressField(_("address"), null=True, blank=True)
    data = models.JSONField(_("details"), default=dict, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name = _("audit event")
        verbose_name_plural = _("audit log")
        default_permissions = ("view",)
        indexes: ClassVar = [
            models.Index(fields=["target_type", "target_id", "id"], name="audit_by_target"),
            models.Index(fields=["actor", "id"], name="audit_by_actor"),
            models.Index(fields=["action", "id"], name="audit_by_action"),
            models.Index(fields=["at", "id"], name="audit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%F %T} {self.actor_name} {self.action} {self.target_type} {self.target_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("The audit record is only ever added to.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("The audit record is only ever added to.")


class SecondFactorRule(models.Model):
    """A role whose people must show a second factor at every login, on the hub's pages and in admin alike."""

    role = models.OneToOneField(
        "auth.Group", verbose_name=_("role"), on_delete=models.CASCADE, related_name="second_factor_rule"
    )

    class Meta:
        verbose_name = _("role that requires two-factor authentication")
        verbose_name_plural = _("roles that require two-factor authentication")

    def __str__(self) -> str:
        return str(self.role)


# Django looks for models here only.
from panelhub.models.handed_password import HandedPassword  # noqa: E402
from panelhub.models.list_columns import ListColumns  # noqa: E402
from panelhub.models.second_factor import Authenticator, RecoveryCodes  # noqa: E402

__all__ = [
    "AppendOnly",
    "AuditEvent",
    "Authenticator",
    "HandedPassword",
    "Heartbeat",
    "JobLease",
    "JobRun",
    "ListColumns",
    "RecoveryCodes",
    "SecondFactorRule",
]


WORKER_BEAT: Final = "worker:"


TASKS_BEAT: Final = "tasks"

"""Passwords that someone else set."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class HandedPassword(models.Model):
    """The last time someone else set a person's password; ``changed_at`` is when the person replaced it."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="handed_password")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    set_at = models.DateTimeField(_("set"), default=timezone.now)
    changed_at = models.DateTimeField(_("changed"), null=True, blank=True)

    class Meta:
        verbose_name = _("password changed by another person")
        verbose_name_plural = _("passwords changed by another person")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.user_id} by {self.set_by_id}"

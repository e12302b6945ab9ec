"""What the hub remembers of its roles."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class RoleMemory(models.Model):
    """The permissions that a role was given by the hub, each of them once; ``granted`` are ``app.codename`` names.

    What an administrator took away since stays remembered, so an upgrade does not bring it back.
    """

    role = models.CharField(_("role"), max_length=150, unique=True)
    granted = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar = ["role"]
        verbose_name = _("memory of a role")
        verbose_name_plural = _("memories of roles")
        default_permissions = ()

    def __str__(self) -> str:
        return self.role

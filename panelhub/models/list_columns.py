"""Which columns a person shows in a list."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ListColumns(models.Model):
    """A person's choice for one list; ``toggled`` are the slugs shown or hidden other than by default, with blanks
    between.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="list_columns", db_index=False
    )
    page = models.CharField(_("page"), max_length=40)
    toggled = models.CharField(_("columns"), max_length=400, blank=True, default="")

    class Meta:
        verbose_name = _("columns of a list")
        verbose_name_plural = _("columns of lists")
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "page"], name="list_columns_once"),
        ]

    def __str__(self) -> str:
        return f"{self.page}: {self.toggled}"

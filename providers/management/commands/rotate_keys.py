"""Encrypt every stored secret again under the first key of PANELHUB_KEYS."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from panelhub.encryption.rotation import encrypted_columns, rotate_column


class Command(BaseCommand):
    """`manage.py rotate_keys`: put the new key in front in PANELHUB_KEYS, run this, then drop the old one."""

    help = "Encrypt every stored secret again with the first key of PANELHUB_KEYS. The old keys can go afterwards."

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate column by column, then print figures."""
        figures: Counter[str] = Counter(rotated=0, current=0, unreadable=0)
        for model, column in encrypted_columns():
            done, unreadable = rotate_column(model, column)
            figures.update(done)
            figures["unreadable"] += len(unreadable)
            if unreadable:
                rows = ", ".join(map(str, unreadable[:20]))
                self.stderr.write(f"{model._meta.label}.{column}: no key of PANELHUB_KEYS opens row {rows}")
        self.stdout.write(", ".join(f"{name}: {figure}" for name, figure in figures.items()))
        if figures["unreadable"]:
            raise CommandError("Keep the old keys until every secret can be read.")

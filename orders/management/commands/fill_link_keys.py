"""`manage.py fill_link_keys`: gives orders the keys by which links of one target are known as one."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from orders.links.backfill import fill_link_keys
from orders.models import Order


class Command(BaseCommand):
    """An upgrade does it by itself; afterwards for what the version before wrote meanwhile, or when a rule changed."""

    help = "Write the keys of links that are missing, in small steps; with --all those of every order again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="every order, not only those without a key")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"keys written {fill_link_keys(Order, every=options['all'])}")

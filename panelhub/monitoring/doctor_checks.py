"""What the doctor checks of the hub itself; orders and providers register their own checks."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from celery import current_app
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import checks
from django.db import Error, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from packaging.requirements import Requirement

from panelhub.background.transports import SHORT_LIMITS, is_embedded, transport_scheme
from panelhub.encryption.fields import Opened
from panelhub.encryption.rotation import encrypted_columns
from panelhub.encryption.vault import SecretUnreadable, is_current, key_ring
from panelhub.http.static_files import is_prepared
from panelhub.models import Heartbeat
from panelhub.monitoring.doctor import Finding, bad, good, note, register_check
from panelhub.monitoring.health import read_background

OLDEST_PYTHON: Final = (3, 11)
OLDEST_SERVERS: Final = {"postgresql": (14,), "sqlite": (3, 31)}
OLDEST_REDIS: Final = 6
LEAST_FREE_BYTES: Final = 1_000_000_000
LARGEST_CLOCK_GAP: Final = timedelta(seconds=2)
MAIL_SECONDS: Final = 5
PRODUCTION: Final = "panelhub.settings.production"


def register_hub_checks() -> None:
    """Register the checks of the hub itself, before those of orders and providers when they are called first."""
    register_check("Versions", check_versions)
    register_check("Settings", check_settings)
    register_check("Permissions", check_permissions)
    register_check("Storage", check_storage)
    register_check("Database", check_database)
    register_check("Keys", check_keys, needs_database=True)
    register_check("Broker", check_broker)
    register_check("Clock", check_clock, needs_database=True)
    register_check("People", check_people, needs_database=True)
    register_check("Processes", check_processes, needs_database=True)
    register_check("Mail", check_mail_server)


def check_versions() -> Iterator[Finding]:
    """Python, the pinned packages and the database server."""
    python = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        yield bad(f"Python {python} is too old: install 3.11 or newer.")
    else:
        yield good(f"Python {python}.")
    wrong = list(_find_wrong_packages(settings.BASE_DIR / "requirements.txt"))
    if wrong:
        shown = ", ".join(wrong[:5]) + (f" and {len(wrong) - 5} more" if len(wrong) > 5 else "")
        yield bad(f"Packages differ from requirements.txt: {shown}. Install them again with pip.")
    else:
        yield good("All packages are those of requirements.txt.")


def _find_wrong_packages(lock: Path) -> Iterator[str]:
    for line in lock.read_text(encoding="utf-8").splitlines():
        if line[:1].isspace() or line.startswith(("#", "-")) or not line.strip():
            continue
        wanted = Requirement(line.rstrip("\\ "))
        if wanted.marker and not wanted.marker.evaluate():
            continue
        try:
            found = version(wanted.name)
        except PackageNotFoundError:
            yield f"{wanted.name} is missing"
        else:
            if not wanted.specifier.contains(found, prereleases=True):
                yield f"{wanted.name} is {found}, not {str(wanted.specifier).removeprefix('==')}"


def check_settings() -> Iterator[Finding]:
    """Django's checks of a deployment, and what they cannot know."""
    is_production = os.environ.get("DJANGO_SETTINGS_MODULE") == PRODUCTION
    if not is_production:
        yield note(f"DJANGO_SETTINGS_MODULE is not {PRODUCTION}: do not let others reach this hub.")
    found = [
        message
        for message in checks.run_checks(include_deployment_checks=is_production)
        if message.level >= checks.WARNING and not message.is_silenced()
    ]
    for message in found:
        # Warnings are about what someone chose to set; what must not be is refused at the start.
        yield Finding(False if message.level >= checks.ERROR else None, f"{message.msg} {message.hint or ''}")
    is_behind_proxy = bool(getattr(settings, "SECURE_PROXY_SSL_HEADER", None))
    if settings.PANELHUB_PROXIES and not is_behind_proxy:
        yield note("PANELHUB_PROXIES is set and PANELHUB_BEHIND_PROXY is not: requests count as unencrypted.")
    if is_behind_proxy and not settings.PANELHUB_PROXIES:
        yield note("PANELHUB_BEHIND_PROXY is on and PANELHUB_PROXIES is 0: everybody seems to come from the proxy.")
    if not settings.PANELHUB_ORIGIN:
        yield note("PANELHUB_ORIGIN is not set: notifications that leave the hub hold no links.")
    if not found:
        yield good("The settings pass all checks.")


def check_permissions() -> Iterator[Finding]:
    """Whose files these are, and who may read them."""
    if os.geteuid() == 0:
        yield note("This runs as root: give PanelHub its own user, and run prepare and doctor as that user.")
    folder: Path = settings.PANELHUB_VAR
    if folder.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield bad(f"Other users may enter {folder}: chmod 700 it.")
    others = [path for path in _iterate_paths(folder) if path.lstat().st_uid != os.geteuid()]
    if others:
        yield bad(f"{others[0]} belongs to another user ({len(others)} such in all): chown {folder} to this one.")
    for secret in (settings.BASE_DIR / ".env", folder / "secret_key", folder / "panelhub_key"):
        if secret.exists() and secret.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            yield bad(f"Other users may read {secret}: chmod 600 it.")
    if not others:
        yield good(f"All in {folder} belongs to this user.")


def _iterate_paths(folder: Path) -> Iterator[Path]:
    yield folder
    for parent, folders, files in os.walk(folder):
        yield from (Path(parent, name) for name in (*folders, *files))


def check_storage() -> Iterator[Finding]:
    """Yield whether there is room, and whether the static files were prepared."""
    folder: Path = settings.PANELHUB_VAR
    probe = folder / f".doctor-{os.getpid()}"
    try:
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        yield bad(f"{folder} cannot be written: {error.strerror}.")
    room = shutil.disk_usage(folder)
    if room.free < min(LEAST_FREE_BYTES, room.total // 10):
        yield bad(f"{room.free // 1_000_000:,} MB are free on the disk of {folder}: make room.")
    else:
        yield good(f"{room.free // 1_000_000:,} MB are free on the disk of {folder}.")
    if is_prepared():
        yield good("The static files are prepared.")
    else:
        yield bad("The static files are not prepared: run manage.py prepare, then restart the web.")


def check_database() -> Iterator[Finding]:
    """Yield whether it answers, takes rows, is new enough and up to date."""
    try:
        connection.ensure_connection()
        with transaction.atomic():
            Heartbeat.beat("doctor")
            transaction.set_rollback(True)
    except Error as error:
        yield bad(f"The database does not take rows: {error}. Check DATABASE_URL, and run manage.py prepare.")
        if connection.connection is None:
            return
    name, oldest = connection.display_name, OLDEST_SERVERS[connection.vendor]
    found = connection.get_database_version()
    shown = ".".join(map(str, found))
    yield good(f"{name} {shown}.") if found >= oldest else bad(f"{name} {shown} is too old: {oldest[0]} or newer.")
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        yield bad(f"{len(missing)} migrations are not applied: run manage.py prepare.")
    else:
        yield good("All migrations are applied.")


def check_keys() -> Iterator[Finding]:
    """Yield whether the keys in PANELHUB_KEYS open every stored secret."""
    key_ring()
    opened = old = 0
    for model, column in encrypted_columns():
        unreadable = []
        for row in model._base_manager.only("uid", column).iterator(chunk_size=500):
            try:
                secret = getattr(row, column)
            except SecretUnreadable:
                unreadable.append(row.pk)
                continue
            if isinstance(secret, Opened):
                opened += 1
                old += not is_current(secret.sealed)
        if unreadable:
            yield bad(
                f"{len(unreadable)} secrets in {model._meta.label}.{column} cannot be decrypted (row {unreadable[0]} "
                "first): put the key that encrypted them back into PANELHUB_KEYS."
            )
    yield good(f"{opened} stored secrets can be decrypted.")
    if old:
        yield note(f"{old} of them use an older key: run manage.py rotate_keys before you drop it.")


def check_broker() -> Iterator[Finding]:
    """Yield whether a message comes back, and whether Redis may lose messages."""
    url = settings.CELERY_BROKER_URL
    limits = {**SHORT_LIMITS.get(transport_scheme(url), {}), **({} if not is_embedded(url) else _embedded_options())}
    queue_name = f"{settings.PANELHUB_QUEUE_PREFIX}doctor-{os.getpid()}"
    try:
        with current_app.connection_for_write(url, connect_timeout=3, transport_options=limits) as broker:
            queue = broker.SimpleQueue(queue_name, serializer="json")
            queue.put({"doctor": os.getpid()})
            queue.get(timeout=5).ack()
            queue.queue.delete()
            queue.close()
            yield good("A message was sent to the broker and came back.")
            if transport_scheme(url) == "redis":
                yield from _check_redis(broker.default_channel.client)  # type: ignore[attr-defined]
    except Exception as error:
        yield bad(f"The broker does not answer: {error or type(error).__name__}. Check CELERY_BROKER_URL.")
    if is_embedded(url):
        yield note("The embedded broker is for one machine: set CELERY_BROKER_URL for Redis or RabbitMQ.")


def _embedded_options() -> dict[str, Any]:
    return dict(settings.CELERY_BROKER_TRANSPORT_OPTIONS)  # type: ignore[misc]


def _check_redis(client: Any) -> Iterator[Finding]:
    facts = client.info()
    if int(str(facts["redis_version"]).split(".")[0]) < OLDEST_REDIS:
        yield bad(f"Redis {facts['redis_version']} is too old: {OLDEST_REDIS} or newer.")
    if facts.get("maxmemory") and facts.get("maxmemory_policy") != "noeviction":
        yield bad("Redis may drop messages when memory is short: set maxmemory-policy noeviction.")
    if not facts.get("aof_enabled"):
        yield note("Redis forgets its messages when it restarts: set appendonly yes.")
    seconds, micros = client.time()
    yield from _compare_clocks("Redis", datetime.fromtimestamp(seconds + micros / 1e6, UTC))


def check_clock() -> Iterator[Finding]:
    """Yield whether this machine's clock and the database's agree."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT CURRENT_TIMESTAMP" if connection.vendor == "sqlite" else "SELECT clock_timestamp()")
        at = cursor.fetchone()[0]
    there = datetime.fromisoformat(at) if isinstance(at, str) else at
    yield from _compare_clocks("the database", there if there.tzinfo else there.replace(tzinfo=UTC))


def _compare_clocks(whose: str, there: datetime) -> Iterator[Finding]:
    gap = abs(timezone.now() - there)
    if gap > LARGEST_CLOCK_GAP:
        yield bad(f"The clocks of this machine and of {whose} are {gap.total_seconds():.0f} s apart: set them by NTP.")
    else:
        yield good(f"The clocks of this machine and of {whose} agree.")


def check_people() -> Iterator[Finding]:
    """Yield whether someone can administer the hub."""
    if get_user_model().objects.filter(is_superuser=True, is_active=True).exists():
        yield good("There is an administrator.")
    else:
        yield bad("There is no active administrator: run manage.py prepare, or manage.py createsuperuser.")


def check_processes() -> Iterator[Finding]:
    """Yield whether workers and the schedule show that they are alive; before the first start they need not."""
    for part, is_alive in read_background().items():
        name = "schedule" if part == "schedule" else f"worker for {part}"
        yield good(f"The {name} is alive.") if is_alive else note(f"The {name} is not running.")


def check_mail_server() -> Iterator[Finding]:
    """Yield whether the mail server of EMAIL_URL answers."""
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        yield note("EMAIL_URL names no mail server.")
        return
    try:
        with socket.create_connection((settings.EMAIL_HOST, settings.EMAIL_PORT), timeout=MAIL_SECONDS):
            yield good(f"The mail server {settings.EMAIL_HOST} answers.")
    except OSError as error:
        yield bad(f"The mail server {settings.EMAIL_HOST} does not answer: {error}. Check EMAIL_URL.")

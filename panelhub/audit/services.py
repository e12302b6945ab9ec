"""The record of who did what: the one function that writes to it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Model
from django.http import HttpRequest

from panelhub.http.client_ip import client_ip
from panelhub.models import AuditEvent
from panelhub.redaction import scrub


def record(
    actor: AbstractBaseUser | AnonymousUser | None,
    action: str,
    target: Model | str | None = None,
    summary: str = "",
    request: HttpRequest | None = None,
    **data: Any,
) -> AuditEvent:
    """Add one event and return it.

    `actor` is a person, or None when the hub did it by itself. `action` is a short slug such as
    "order.settled". `target` is the row it was done to, or a name for what is no row. `data` must fit into
    JSON and must hold no secrets; `summary` is scrubbed and cut. Belongs in the transaction of the action.
    """
    person = actor if isinstance(actor, AbstractBaseUser) else None
    target_type, target_id = _name_target(target)
    return AuditEvent.objects.create(
        actor_id=person.pk if person else None,
        actor_name=(person.get_username() if person else "")[:150],
        action=action,
        target_type=target_type,
        target_id=target_id,
        summary=_one_line(scrub(summary))[:500],
        ip=(client_ip(request) or None) if request else None,
        data=data,
    )


def _name_target(target: Model | str | None) -> tuple[str, str]:
    if isinstance(target, Model):
        return target._meta.label_lower[:60], str(target.pk)[:64]
    return (target or "")[:60], ""


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)

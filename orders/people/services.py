"""Save people: an account with its role, and what it sees and spends, in one transaction with its audit records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from orders.models import Person
from panelhub import audit
from panelhub.audit.admin import changes_of, plain
from panelhub.security.handed_passwords import note_handed_way
from panelhub.security.people import AUDITED, give_access

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.http import HttpRequest

    from orders.people.forms import AccountForm, LimitsForm


@transaction.atomic
def add_person(account: AccountForm, limits: LimitsForm, *, by: Any, request: HttpRequest) -> str:
    """Make an account from two valid forms; returns its first password, "" where a link is mailed instead."""
    person = account.instance
    person.set_unusable_password()
    account.save()
    _put_role(account)
    audit.record(by, "person.added", person, str(person), request=request, **_account_changes(account, None))
    limits.instance.user = person
    _save_limits(limits, by=by, request=request)
    return give_access(person, by=by, request=request)


@transaction.atomic
def change_person(account: AccountForm | None, limits: LimitsForm | None, *, by: Any, request: HttpRequest) -> None:
    """Save what was changed in either form, both of them valid; ``None`` is a form that may not be changed."""
    if account is not None and account.has_changed():
        before = list(account.instance.groups.all())
        account.save()
        _put_role(account)
        if "email" in account.changed_data:
            note_handed_way(account.instance, by=by)
        changed = _account_changes(account, before)
        words = f"{account.instance}: {', '.join(changed)}"
        audit.record(by, "person.changed", account.instance, words, request=request, **changed)
    if limits is not None and limits.has_changed():
        _save_limits(limits, by=by, request=request)


def limits_of(person: User) -> Person:
    """Return the row of what a person sees and spends; a new one, not saved, where there is none."""
    return Person.objects.filter(user=person).first() or Person(user=person)


def _save_limits(limits: LimitsForm, *, by: Any, request: HttpRequest) -> None:
    row = limits.save()
    changed = changes_of(limits, Person.AUDITED)
    audit.record(by, "person.changed", row, ", ".join(changed), request=request, **changed)


def _put_role(account: AccountForm) -> None:
    role = account.cleaned_data.get("role")
    if role is not None and "role" in account.changed_data:
        account.instance.groups.set([role])


def _account_changes(account: AccountForm, groups: Any) -> dict[str, list[Any]]:
    changed = changes_of(account, AUDITED)
    if "role" in account.changed_data and account.cleaned_data["role"]:
        changed["groups"] = [plain(groups), plain([account.cleaned_data["role"]])]
    return changed

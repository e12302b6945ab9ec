"""Save bundles, and order them: a bundle over several links is a mass order of its parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from orders.mass.bundles import expand_bundles
from orders.mass.catalogue import Catalogue
from orders.mass.reader import Reading, ReadLine
from orders.mass.services import create_mass_order
from orders.models import Bundle, BundlePart, MassOrder, key_of_name
from orders.models.bundle import MOST_PARTS
from panelhub import audit

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest

    from providers.models import Service

HIGHEST_SHARE: Final = Decimal(1_000)


@dataclass(frozen=True, slots=True)
class Part:
    """One part as it was typed: a service with a fixed quantity or a share."""

    service: Service
    quantity: int | None
    share: Decimal | None


def read_parts(text: str, user: Any) -> list[Part]:
    """Return the parts that were typed, one per line: ``provider|service|quantity``, or a share as ``20%``.

    Raises ``ValueError`` with a sentence about the first line that makes no sense.
    """
    catalogue = Catalogue(user=user)
    typed = [[cell.strip() for cell in line.split("|")] for line in text.splitlines() if line.strip()]
    if not typed:
        raise ValueError(_("Enter at least one service."))
    if len(typed) > MOST_PARTS:
        raise ValueError(_("A bundle has at most %(n)s services.") % {"n": MOST_PARTS})
    parts = []
    for number, cells in enumerate(typed, start=1):
        if len(cells) != 3:
            raise ValueError(_("Line %(n)s: use provider|service|quantity.") % {"n": number})
        try:
            provider = catalogue.find_provider(cells[0])
            catalogue.load([(provider.pk, cells[1])])
            service = catalogue.find_rules(provider, cells[1]).service
        except ValueError as fault:
            raise ValueError(_("Line %(n)s: %(fault)s") % {"n": number, "fault": fault}) from None
        parts.append(Part(service, *_read_amount(cells[2], number)))
    return parts


def _read_amount(text: str, number: int) -> tuple[int | None, Decimal | None]:
    plain = text.removesuffix("%").strip()
    if text.endswith("%"):
        try:
            share = Decimal(plain).quantize(Decimal("0.01"))
        except InvalidOperation:
            share = Decimal(0)
        if not (share.is_finite() and 0 < share <= HIGHEST_SHARE):
            raise ValueError(_("Line %(n)s: enter a share above 0%%.") % {"n": number})
        return None, share
    if not (plain.isascii() and plain.isdigit() and len(plain) < 16 and int(plain)):
        raise ValueError(_("Line %(n)s: enter a quantity, or a share such as 20%%.") % {"n": number})
    return int(plain), None


def write_parts(bundle: Bundle) -> str:
    """Return the parts of a bundle as they are typed."""
    return "\n".join(
        f"{part.service.provider.name}|{part.service.external_id}|{describe_amount(part)}"
        for part in bundle.parts.select_related("service__provider").defer("service__provider__api_key")
    )


def describe_amount(part: BundlePart) -> str:
    """Return a quantity, or a share with its sign."""
    return str(part.quantity) if part.share is None else f"{part.share.normalize():f}%"


@transaction.atomic
def save_bundle(
    bundle: Bundle, *, by: Any, fields: dict[str, Any], parts: Sequence[Part], request: HttpRequest | None = None
) -> Bundle:
    """Write a bundle and its parts, and record who did. A name that is taken raises ``IntegrityError``."""
    is_new = bundle._state.adding
    for name, value in fields.items():
        setattr(bundle, name, value)
    bundle.key = key_of_name(bundle.name)
    if is_new:
        bundle.created_by = by
    bundle.save()
    bundle.parts.all().delete()
    BundlePart.objects.bulk_create(
        BundlePart(bundle=bundle, position=place, service=part.service, quantity=part.quantity, share=part.share)
        for place, part in enumerate(parts)
    )
    audit.record(by, "bundle.made" if is_new else "bundle.changed", bundle, f"{bundle}: {len(parts)} parts", request)
    return bundle


def order_bundle(
    bundle: Bundle,
    *,
    user: Any,
    links: Sequence[str],
    quantity: str = "",
    client_label: str = "",
    form_token: uuid.UUID | None = None,
    request: HttpRequest | None = None,
) -> MassOrder:
    """Return a mass order of a bundle over ``links``, checked as a whole; nothing is ordered yet.

    Raises what :func:`orders.mass.services.create_mass_order` raises, and ``Unreadable`` for too many lines.
    """
    lines = [
        ReadLine(
            number,
            f"{bundle.name} | {link}"[:500],
            {
                name: value
                for name, value in (("service", bundle.name), ("link", link), ("quantity", quantity))
                if value
            },
        )
        for number, link in enumerate(links, start=1)
    ]
    return create_mass_order(
        user=user,
        reading=expand_bundles(Reading(lines), user),
        catalogue=Catalogue(user=user),
        name=bundle.name,
        client_label=client_label,
        form_token=form_token,
        request=request,
    )

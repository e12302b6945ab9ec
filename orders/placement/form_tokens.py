"""What makes a form, or a call with an idempotency key, one order however often it arrives."""

from __future__ import annotations

import uuid
from typing import Any, Final

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from orders.placement.validation import OrderInvalid

_SALT: Final = "orders.placement.form_tokens"
ORDER_FORM: Final = "desk"


class TokenReused(OrderInvalid):
    """The same token arrived with other content; whoever sent it learns nothing of the first."""

    def __init__(self) -> None:
        super().__init__(
            {
                "": [
                    _(
                        "This form was already submitted with different content. Check it and submit it again to place "
                        "a new order."
                    )
                ]
            }
        )


def scope_token(token: uuid.UUID, *, user: Any, source: str = ORDER_FORM, secret: str | None = None) -> uuid.UUID:
    """Return the token under which an order is stored: no one else, and no other source, can arrive at it.

    ``source`` is where it came from: the form, the shop, a mass order, or the API token of a program. ``secret`` is
    ``SECRET_KEY`` where none is given.
    """
    whose = "" if user is None else user.pk
    digest = salted_hmac(_SALT, f"{whose}:{source}:{token}", secret=secret, algorithm="sha256").digest()
    return uuid.UUID(bytes=digest[:16], version=4)


def tokens_of(token: uuid.UUID, *, user: Any, source: str = ORDER_FORM) -> list[uuid.UUID]:
    """Return every token under which an order of this form may be stored, today's first.

    A call that is repeated after ``SECRET_KEY`` changed is still the same order, and so is a form that was open when
    an earlier version, which scoped nothing, was replaced.
    """
    secrets = [None, *settings.SECRET_KEY_FALLBACKS]
    return [*(scope_token(token, user=user, source=source, secret=secret) for secret in secrets), token]

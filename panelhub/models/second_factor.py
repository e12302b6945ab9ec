"""Second factors as they are kept: the key of an app and the recovery codes, both encrypted at rest.

Whoever gets a copy of the database cannot show anybody's second factor. Codes are those of RFC 6238 with the
figures that every app takes: SHA-1, six digits, half a minute.
"""

from __future__ import annotations

import json
import secrets
import time
import uuid
from base64 import b32encode
from typing import ClassVar, Final
from urllib.parse import quote, urlencode

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device, ThrottlingMixin
from django_otp.oath import TOTP

from panelhub.encryption.fields import EncryptedTextField

ISSUER: Final = "PanelHub"
STEP_SECONDS: Final = 30
DIGITS: Final = 6
# How many steps a clock may be off, either way.
TOLERANCE: Final = 1
KEY_BYTES: Final = 20
# After the n-th wrong code in a row nothing is looked at for 2^(n-1) of these seconds, as far as this n.
WAIT_SECONDS: Final = 1
LONGEST_WAIT_AT: Final = 10


def make_key() -> str:
    """Return a new key, in hexadecimal digits."""
    return secrets.token_hex(KEY_BYTES)


class _Throttled(ThrottlingMixin):
    """A wait after wrong codes that ends within minutes, so that no one else's guesses lock a person out for long."""

    class Meta:
        abstract = True

    def throttle_increment(self, commit: bool = True) -> None:  # noqa: FBT001, FBT002 - django-otp's signature
        super().throttle_increment(commit=False)
        count: int = self.throttling_failure_count  # type: ignore[has-type]
        self.throttling_failure_count = min(count, LONGEST_WAIT_AT)
        if commit:
            self.save()

    def get_throttle_factor(self) -> int:
        return WAIT_SECONDS


class Authenticator(_Throttled, Device):
    """An app that shows a new code every half a minute."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = EncryptedTextField(default=make_key)
    # The step of the last code that was taken: neither it nor an older one is good again.
    last_step = models.BigIntegerField(default=-1)
    made_at = models.DateTimeField(_("made"), default=timezone.now)

    class Meta:
        verbose_name = _("two-factor authentication")
        verbose_name_plural = _("two-factor authentication")
        default_permissions = ("view", "delete")
        indexes: ClassVar = [models.Index(fields=["user", "confirmed"], name="authenticator_of")]

    @property
    def secret(self) -> bytes:
        """The key as the codes are made from it."""
        return bytes.fromhex(self.key)

    @property
    def address(self) -> str:
        """What the QR code says (the Key URI format that authenticator apps read)."""
        parameters = {
            "secret": self.spelled,
            "issuer": ISSUER,
            "algorithm": "SHA1",
            "digits": DIGITS,
            "period": STEP_SECONDS,
        }
        return f"otpauth://totp/{quote(f'{ISSUER}:{self.user.get_username()}')}?{urlencode(parameters)}"

    @property
    def spelled(self) -> str:
        """The key for typing it in."""
        return b32encode(self.secret).decode().rstrip("=")

    def verify_token(self, token: str) -> bool:
        """Return whether a code fits now and was not used before; a wrong one makes the next wait."""
        allowed, _why = self.verify_is_allowed()
        if not allowed:
            return False
        totp = TOTP(self.secret, STEP_SECONDS, digits=DIGITS)
        totp.time = time.time()
        fits = token.isascii() and token.isdigit() and totp.verify(int(token), TOLERANCE, self.last_step + 1)
        if not fits:
            self.throttle_increment()
            return False
        self.last_step = totp.t()
        self.throttle_reset()
        return True


class RecoveryCodes(_Throttled, Device):
    """A person's recovery codes, each good once."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    codes = EncryptedTextField(blank=True, default="")

    class Meta:
        verbose_name = _("recovery codes")
        verbose_name_plural = _("recovery codes")
        default_permissions = ()

    @property
    def left(self) -> list[str]:
        """The codes that are still good."""
        found: list[str] = json.loads(self.codes) if self.codes else []
        return found

    def verify_token(self, token: str) -> bool:
        """Return whether it is one of the codes, which it is no longer afterwards; a wrong one makes the next wait."""
        allowed, _why = self.verify_is_allowed()
        if not allowed:
            return False
        left = [code for code in self.left if not secrets.compare_digest(code.encode(), token.encode())]
        if len(left) == len(self.left):
            self.throttle_increment()
            return False
        self.codes = json.dumps(left)
        self.throttle_reset()
        return True

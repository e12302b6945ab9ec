"""The first administrator of a new hub."""

from __future__ import annotations

import secrets
from typing import Final

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from panelhub.launcher.startup import Startup

USERNAME: Final = "admin"


def make_first_administrator(startup: Startup) -> None:
    """Make an administrator with a random password, shown once, unless there is a user already."""
    people = get_user_model().objects
    if people.exists():
        return
    password = secrets.token_urlsafe(12)
    people.create_superuser(username=USERNAME, password=password)
    startup.say(
        _("First start. This is shown only once: log in as %(name)s with the password %(password)s")
        % {"name": USERNAME, "password": password}
    )

"""The hub's pages in a test: a browser that is logged in, and what an answer shows."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

# What htmx adds to the requests that it makes.
HTMX = {"HX-Request": "true"}


def log_in(person: Any) -> Client:
    """Return a browser in which someone is logged in."""
    client = Client()
    client.force_login(person, backend="panelhub.security.backends.RoleBackend")
    return client


def text_of(response: Any) -> str:
    """Return the HTML of an answer."""
    return str(response.content.decode())


def keys_on(response: Any) -> list[int]:
    """Return the primary keys of the rows of a list, from above."""
    return [int(key) for key in re.findall(r'<tr id="(?:order|service)-(\d+)"', text_of(response))]


def token_in(page: str) -> str:
    """Return the token of the form on a page."""
    found = re.search(r'name="form_token" value="([^"]+)"', page)
    assert found
    return found[1]


def messages_of(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]

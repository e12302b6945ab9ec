"""Report errors to a tracker that speaks Sentry's protocol: off unless a DSN is set, and never with a secret.

What is sent is the exception, where in the code it was, and the id of the request or task. No request bodies, no
cookies, no values of variables, no one's name or address; and every text goes through the same scrubbing as a log line.
"""

from __future__ import annotations

from typing import Any, Final

import sentry_sdk
from sentry_sdk.integrations.logging import ignore_logger
from sentry_sdk.types import Event, Hint

from panelhub.http.request_id import NAME, current_id
from panelhub.redaction import scrub_value

# What a request may say of itself: nothing that its person typed, and not who they are.
_REQUEST_FIELDS: Final = ("method", "url")
_NEVER_SENT: Final = ("user", "breadcrumbs", "extra", "modules", "server_name")


def watch_errors(dsn: str, *, environment: str = "production", **options: Any) -> None:
    """Start reporting errors to a tracker; nothing happens when ``dsn`` is "". ``options`` go to the SDK (tests)."""
    if not dsn:
        return
    # A host name that no one may ask for is the visitor's mistake, not ours.
    ignore_logger("django.security.DisallowedHost")
    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        traces_sample_rate=None,
        before_send=strike_secrets,
        **options,
    )


def strike_secrets(event: Event, _hint: Hint) -> Event | None:
    """Return the event as it may leave: a few facts, all texts without secrets."""
    reduced: dict[str, Any] = {name: value for name, value in event.items() if name not in _NEVER_SENT}
    if isinstance(request := reduced.get("request"), dict):
        reduced["request"] = {name: request[name] for name in _REQUEST_FIELDS if name in request}
        # A search text, a link or a token may stand behind the question mark.
        reduced["request"]["url"] = str(reduced["request"].get("url", "")).partition("?")[0]
    reduced["tags"] = {**(reduced.get("tags") or {}), NAME: current_id()}
    # Deep enough for exception → values → stacktrace → frames → frame.
    scrubbed: Event = scrub_value(reduced, deepest=12)
    return scrubbed

"""What a crash shows: in production a sentence and an id, with DEBUG the way through the code, and never a secret.

Django's own page for developers prints the variables of every frame and what was posted. Among them are keys and
goods in plain text, under names that no list foresees; so here it shows neither.
"""

from __future__ import annotations

import re
import sys
from collections.abc import ItemsView
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from panelhub.http.middleware import PROGRAMS
from panelhub.http.request_id import current_id
from panelhub.monitoring.outages import is_outage
from panelhub.redaction import STRUCK, scrub

RETRY_SECONDS: Final = "30"
# As the API's own error of this kind: it says nothing about what was done.
TROUBLE: Final = "Internal error"


class SecretsFilter(SafeExceptionReporterFilter):
    """Hides in debug mode too, and everything that was posted or stood in a variable."""

    cleansed_substitute = STRUCK
    hidden_settings = re.compile("API|AUTH|TOKEN|KEY|SECRET|PASS|SIGNATURE|COOKIE|BROKER|DSN|EMAIL|DATABASE", re.I)

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        return dict.fromkeys(request.POST, STRUCK) if request is not None else {}

    def get_safe_cookies(self, request: HttpRequest) -> dict[str, str]:
        return dict.fromkeys(request.COOKIES, STRUCK)

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: Any) -> ItemsView[str, Any]:
        return {}.items()


class ScrubbedReporter(ExceptionReporter):
    """The page for developers, every text of it scrubbed like a line of the log."""

    def get_traceback_data(self) -> dict[str, Any]:
        data: dict[str, Any] = super().get_traceback_data()
        for name in ("exception_value", "exception_notes", "unicode_hint"):
            if data.get(name):
                data[name] = scrub(str(data[name]))
        for frame in data.get("frames", []):
            for name in ("exc_cause", "exc_cause_explicit"):
                if frame.get(name) and not isinstance(frame[name], bool):
                    frame[name] = scrub(str(frame[name]))
        return data


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a request that failed: with the id under which it is in the log, and nothing of what went wrong.

    Programs get JSON. While the database is down the status is 503, with a page that says so: a caller may try again.
    """
    outage = is_outage(sys.exc_info()[1])
    status, headers = (503, {"Retry-After": RETRY_SECONDS}) if outage else (500, {})
    if request.path_info in PROGRAMS:
        return JsonResponse({"error": TROUBLE}, status=status, headers=headers)
    page = loader.get_template(f"{status}.html").render({"request_id": current_id()})
    return HttpResponse(page, status=status, headers=headers)

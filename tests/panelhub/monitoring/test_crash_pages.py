"""A crash shows no secret: not to strangers, not to developers."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from panelhub.redaction import hide_secret
from panelhub.urls import handler500
from panelhub.urls import urlpatterns as pages

CANARY = "canary-0c93b1f7-crash"


@csrf_exempt
def crash(request: HttpRequest) -> HttpResponse:
    """Fails with a secret in a variable, in what was posted, and in the words of the exception."""
    key = request.POST.get("anything", "")
    try:
        raise LookupError(f"inner {CANARY}")
    except LookupError as error:
        raise RuntimeError(f"no such key: {key or CANARY}") from error


crash.login_required = False  # type: ignore[attr-defined]
urlpatterns = [path("crash/", crash), *pages]
__all__ = ["handler500"]


@pytest.fixture(autouse=True)
def _here(settings: Any, db: None) -> None:
    settings.ROOT_URLCONF = __name__
    hide_secret(CANARY)


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}, {"Accept": "text/plain"}])
def test_no_secret_is_shown(settings: Any, debug: bool, headers: dict[str, str]) -> None:
    settings.DEBUG = debug
    client = Client(raise_request_exception=False)
    answer = client.post("/crash/?q=1", {"anything": CANARY}, headers={"Cookie": f"kept={CANARY}", **headers})

    assert answer.status_code == 500
    body = answer.content.decode()
    assert CANARY not in body
    if debug:
        assert "RuntimeError" in body
    else:
        assert "RuntimeError" not in body
        assert "Traceback" not in body
        assert ".py" not in body
        assert answer["X-Request-ID"] in body


def test_the_settings_that_hold_secrets_are_not_shown(settings: Any) -> None:
    settings.DEBUG = True
    settings.CELERY_BROKER_URL = f"redis://:{CANARY}@h/0"
    settings.PANELHUB_KEYS = [CANARY]
    settings.SECRET_KEY = CANARY
    body = Client(raise_request_exception=False).get("/crash/").content.decode()

    assert "PANELHUB_KEYS" in body
    assert CANARY not in body

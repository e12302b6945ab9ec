"""The endpoint for programs: one address, one POST, answers as the field gives them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.db import Error
from django.http import JsonResponse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from orders.api.actions import BY_NAME
from orders.api.authentication import find_token, note_call, spend_call
from orders.api.request import (
    BAD_ACTION,
    POST_ONLY,
    TROUBLE,
    ApiRefused,
    Call,
    read_fields,
    read_idempotency_key,
)
from orders.api.suppliers import hide_suppliers, without_suppliers
from panelhub.http.client_ip import client_ip
from panelhub.monitoring.outages import is_outage

if TYPE_CHECKING:
    from typing import Any

    from django.http import HttpRequest

    from orders.models import ApiToken

logger = logging.getLogger(__name__)


@csrf_exempt
@login_not_required
@never_cache
def endpoint(request: HttpRequest) -> JsonResponse:
    """Answer one call. Refusals have HTTP 200 as clients of the field expect; 429 past a limit."""
    if request.method != "POST":
        return JsonResponse({"error": POST_ONLY}, status=405, headers={"Allow": "POST"})
    # Clients match on the words, so they are the same whatever language the caller's library asks for.
    with translation.override("en"):
        return _answer(request)


def _answer(request: HttpRequest) -> JsonResponse:
    ip, name = client_ip(request), ""
    try:
        fields = read_fields(request)
        token = find_token(fields.get("key", "").strip(), ip=ip)
        spend_call(token)
        name = fields.get("action", "").strip()
        try:
            body = hide_suppliers(_run(request, token, name, fields))
        except ApiRefused as refused:
            shown = ApiRefused(without_suppliers(str(refused)), status=refused.status, retry_after=refused.retry_after)
            _note(token, name, ip, str(shown))
            raise shown from None
        _note(token, name, ip, "")
    except ApiRefused as refused:
        return _refusal(refused)
    except Exception as error:
        # A page of HTML would tell a program nothing, not even that its order may have been made.
        logger.exception("The API failed at %s", name[:40])
        return JsonResponse({"error": TROUBLE}, status=503 if is_outage(error) else 500)
    return JsonResponse(body, safe=False)


def _note(token: ApiToken, name: str, ip: str, answer: str) -> None:
    try:
        note_call(token, action=name, ip=ip, answer=answer)
    except Error as error:
        # What was done is done: its caller must still get the id.
        logger.warning("A call of the API was not noted: %s", error)


def _run(request: HttpRequest, token: ApiToken, name: str, fields: dict[str, str]) -> Any:
    action = BY_NAME.get(name)
    if action is None:
        raise ApiRefused(BAD_ACTION)
    call = Call(token, fields, idempotency_key=read_idempotency_key(request, fields), request=request)
    call.need(action.permission)
    return action.run(call)


def _refusal(refused: ApiRefused) -> JsonResponse:
    headers = {"Retry-After": str(refused.retry_after)} if refused.retry_after else {}
    return JsonResponse({"error": str(refused)}, status=refused.status, headers=headers)

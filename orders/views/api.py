"""The endpoint for programs: one address, one POST, answers as the field gives them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth.decorators import login_not_required
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from orders.api.actions import Call
from orders.api.errors import BAD_ACTION, ApiRefused
from orders.api.table import BY_NAME
from orders.api.tokens import find_token, spend_call
from orders.models import ApiCall
from panelhub.client_ip import client_ip

if TYPE_CHECKING:
    from django.http import HttpRequest

    from orders.models import ApiToken

MOST_FIELDS: Final = 60
MOST_TEXT: Final = 200_000


@csrf_exempt
@login_not_required
@never_cache
def endpoint(request: HttpRequest) -> JsonResponse:
    """Answer one call. Refusals have HTTP 200 as clients of the field expect; 429 past a limit."""
    if request.method != "POST":
        return JsonResponse({"error": BAD_ACTION}, status=405, headers={"Allow": "POST"})
    ip = client_ip(request)
    token: ApiToken | None = None
    name, answer = "", ""
    try:
        fields = _read_fields(request)
        name = fields.get("action", "").strip()
        token = find_token(fields.get("key", "").strip(), ip=ip)
        spend_call(token)
        action = BY_NAME.get(name)
        if action is None:
            raise ApiRefused(BAD_ACTION)
        call = Call(token, fields, idempotency_key=request.headers.get("Idempotency-Key", ""))
        body = action.run(call)
    except ApiRefused as refused:
        answer = str(refused)
        headers = {"Retry-After": str(refused.retry_after)} if refused.retry_after else {}
        return JsonResponse({"error": answer}, status=refused.status, headers=headers)
    finally:
        if token is not None:
            ApiCall.objects.create(token=token, action=name[:40], ip=ip, answer=answer[:300])
    return JsonResponse(body, safe=False)


def _read_fields(request: HttpRequest) -> dict[str, str]:
    """The parameters of a call, from a form or a JSON object, as text."""
    if request.content_type == "application/json":
        if len(request.body) > MOST_TEXT:
            raise ApiRefused(BAD_ACTION)
        try:
            given = json.loads(request.body)
        except (ValueError, RecursionError):
            raise ApiRefused(BAD_ACTION) from None
        if not isinstance(given, dict):
            raise ApiRefused(BAD_ACTION)
        fields = {str(name): _as_text(value) for name, value in given.items()}
    else:
        fields = {name: str(value) for name, value in request.POST.items()}
    if len(fields) > MOST_FIELDS:
        raise ApiRefused(BAD_ACTION)
    return {name: value.replace("\x00", "") for name, value in fields.items()}


def _as_text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(_as_text(part) for part in value)
    if value is None or isinstance(value, dict):
        return ""
    return str(value)

"""The page of one's own account: password, sessions, second factor."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from panelhub.security.second_factor import has_one, must_have
from panelhub.security.sessions import end_other_sessions, end_session, has_tokens, list_sessions
from panelhub.ui.formatting import format_when


@require_safe
def show_profile(request: HttpRequest) -> HttpResponse:
    """Show what belongs to one's own account."""
    person: Any = request.user
    now = timezone.now()
    sessions = [
        {"session": one, "seen": format_when(one.seen_at, now).html, "started": format_when(one.started_at, now).html}
        for one in list_sessions(request)
    ]
    context = {
        "nav": "profile",
        "sessions": sessions,
        "has_second_factor": has_one(person),
        "must_have_second_factor": must_have(person),
        "has_tokens": has_tokens(person),
    }
    return render(request, "panelhub/security/profile.html", context)


@require_POST
def end(request: HttpRequest, slug: str) -> HttpResponse:
    """End one session of one's own."""
    if end_session(request, slug):
        messages.success(request, _("Session ended."))
    else:
        messages.info(request, _("That session has already ended."))
    return redirect("profile")


@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """Log out everywhere else, and stop one's own programs where that is wanted."""
    ended, stopped = end_other_sessions(request, tokens=request.POST.get("tokens") == "on")
    messages.success(
        request, ngettext("%(count)d session ended.", "%(count)d sessions ended.", ended) % {"count": ended}
    )
    if stopped:
        text = ngettext("%(count)d API token revoked.", "%(count)d API tokens revoked.", stopped)
        messages.success(request, text % {"count": stopped})
    return redirect("profile")

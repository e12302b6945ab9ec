"""What runs by itself: when it last ran, its result, and a button to run it now."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from panelhub import audit
from panelhub.audit.redaction import Reader, reader_of
from panelhub.background.job_registry import JobState, LastRun, find_job, read_states
from panelhub.http.htmx import is_partial
from panelhub.monitoring.health import look_at_parts
from panelhub.monitoring.retention import Size, read_database_bytes, read_sizes
from panelhub.ui.formatting import describe_span, format_number, format_when

PARTS: Final = {
    "web": gettext_lazy("web server"),
    "database": gettext_lazy("database"),
    "disk": gettext_lazy("disk"),
    "broker": gettext_lazy("message broker"),
    "clicks": gettext_lazy("order worker"),
    "background": gettext_lazy("background worker"),
    "schedule": gettext_lazy("scheduler"),
}


@require_safe
@permission_required("providers.run_jobs", raise_exception=True)
def list_jobs(request: HttpRequest) -> HttpResponse:
    """Show every job with its newest runs, and whether each part of the hub is alive."""
    now = timezone.now()
    reader = reader_of(request)
    context = {
        "nav": "jobs",
        "jobs": [_row(state, now, reader) for state in read_states()],
        "parts": [(PARTS[part], alive) for part, alive in look_at_parts().items()],
    }
    if not is_partial(request):
        context |= {"sizes": [_size(size) for size in read_sizes()], "total": filesizeformat(read_database_bytes())}
    template = (
        "panelhub/monitoring/jobs.html#jobs" if getattr(request, "htmx", False) else "panelhub/monitoring/jobs.html"
    )
    return render(request, template, context)


def _size(size: Size) -> dict[str, Any]:
    """Return what a kind of rows takes, and how long it is stored."""
    return {
        "label": size.label,
        "rows": format_number(size.rows),
        "bytes": "–" if size.bytes is None else filesizeformat(size.bytes),
        "kept": _("forever")
        if size.days is None
        else ngettext("%(n)s day", "%(n)s days", size.days) % {"n": size.days},
    }


def _row(state: JobState, now: Any, reader: Reader) -> dict[str, Any]:
    """Return a job as ``reader`` may see it: runs for providers that are hidden from them are left out."""
    return {
        "slug": state.job.slug,
        "label": state.job.label,
        "about": state.job.about,
        "every": describe_span(state.job.every.total_seconds()),
        "running": bool(state.running_for),
        "running_for": ", ".join(name for name in state.running_for if name and reader.sees_provider(name)),
        "looked": format_when(state.looked_at, now).html,
        "next": format_when(max(now, state.looked_at + state.job.every), now).html if state.looked_at else "",
        "runs": [_run(run, now, reader) for run in state.runs if reader.sees_provider(run.provider_name)],
    }


def _run(run: LastRun, now: Any, reader: Reader) -> dict[str, Any]:
    return {
        "provider": run.provider_name,
        "when": format_when(run.started_at, now).html,
        "took": f"{run.seconds:.1f} s",
        "figures": ", ".join(f"{name.replace('_', ' ')} {format_number(count)}" for name, count in run.counts.items()),
        "failure": reader.clean(run.failure),
    }


@require_POST
@permission_required("providers.run_jobs", raise_exception=True)
def run_now(request: HttpRequest, slug: str) -> HttpResponse:
    """Start a job: a worker does it; a job that runs already is not started twice."""
    job = find_job(slug)
    if job is None:
        raise Http404
    job.run_now()
    audit.record(request.user, "job.started", slug, request=request)
    messages.info(request, _("%(job)s is queued to run now.") % {"job": job.label})
    return redirect("jobs")

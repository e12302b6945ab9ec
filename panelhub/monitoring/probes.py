"""Answer load balancers and Prometheus that ask by address: no name that ALLOWED_HOSTS would know, and no TLS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from django.http import HttpRequest, HttpResponseBase

from panelhub.http.client_ip import is_from_probe
from panelhub.monitoring.health import healthz
from panelhub.monitoring.metrics import show_metrics

GetResponse = Callable[[HttpRequest], HttpResponseBase]
PROBED: Final[Mapping[str, GetResponse]] = {"/healthz": healthz, "/metrics": show_metrics}


class ProbeMiddleware:
    """Answers the two addresses for requests from PANELHUB_PROBE_NETWORKS before the host's name is looked at.

    Everybody else gets them as any other page: under a name of ALLOWED_HOSTS, and the figures with their token.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        view = PROBED.get(request.path_info)
        if view is not None and is_from_probe(request):
            return view(request)
        return self.get_response(request)

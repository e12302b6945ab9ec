"""A second hub in a process of its own: ``second_hub.py FOLDER`` with JSON on stdin, a database of its own.

The first line of stdin says where its provider is and which of its services to open; the answer on stdout says where
the hub's API is. Each further line names management commands to run, answered with a line when they are done.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from decimal import Decimal
from typing import Any


def main() -> None:
    """Set up, serve, and run what is requested until stdin ends."""
    from django.core.management import call_command
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.core.wsgi import get_wsgi_application

    class Quiet(WSGIRequestHandler):
        """Answers without a line in the log for each."""

        def log_message(self, *args: Any) -> None:
            pass

    facts = json.loads(sys.stdin.readline())
    call_command("migrate", verbosity=0)
    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.set_app(get_wsgi_application())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # What commands print is no answer of this process.
    answers, sys.stdout = sys.stdout, sys.stderr
    print(
        json.dumps({"url": f"http://127.0.0.1:{server.server_port}/api/v2", **_stock(facts)}), file=answers, flush=True
    )
    for line in sys.stdin:
        try:
            for command in line.split():
                call_command(command)
            reported = "done"
        except BaseException as error:
            reported = f"{type(error).__name__}: {error}"
        print(json.dumps(reported), file=answers, flush=True)
    server.shutdown()


def _stock(facts: dict[str, Any]) -> dict[str, Any]:
    """Return a provider, its catalogue, one open service with its markup, and a token of someone with a limit."""
    from django.contrib.auth.models import User
    from django.core.management import call_command

    from orders.api.authentication import make_token
    from orders.models import Markup, OpenService, Person
    from providers.models import Provider, Service

    provider = Provider.objects.create(name="sandbox", requests_per_minute=60_000, **facts["provider"])
    call_command("sync_services")
    service = Service.objects.get(provider=provider, external_id=facts["service"])
    Markup.objects.create(provider=provider, share=Decimal(facts["share"]))
    person = User.objects.create_superuser("shop", password="no password is used here")
    Person.objects.create(user=person, daily_limit=Decimal(1_000))
    _row, key = make_token(person, "first hub", requests_per_minute=60_000)
    return {"key": key, "number": OpenService.objects.create(service=service).pk}


if __name__ == "__main__":
    folder = sys.argv[1]
    os.environ.update(
        PANELHUB_TEST_VAR=folder,
        PANELHUB_QUEUE_PREFIX="second-hub-",
        DATABASE_URL=f"sqlite:///{folder}/second.sqlite3",
        CELERY_BROKER_URL="",
        DJANGO_SETTINGS_MODULE="tests.settings",
    )
    import django

    django.setup()
    main()

"""Secrets with names of their own go through everything the hub does, failures first, and are looked for afterwards.

Looked for in: every table, the file of the database and its backup, the log in both its forms, messages to workers,
every page, exports, what the API answers, and what is sent to people and to a tracker of errors.
"""

from __future__ import annotations

import io
import json
import logging
import re
import subprocess
from base64 import b32encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from orders.api.authentication import make_token
from orders.models import Channel, OpenService, ProductOrder
from orders.notifications import services as notifications_services
from orders.notifications.delivery import send_due as send_notices
from orders.polling import services as polling_services
from orders.polling.subjects import PRODUCT_ORDERS
from orders.products import goods
from orders.roles import ensure_roles
from orders.submission import services as submission_services
from panelhub.background import dispatch
from panelhub.models import Authenticator, RecoveryCodes
from panelhub.monitoring.sentry import strike_secrets
from panelhub.settings.logging import JsonFormatter, PlainFormatter
from providers.accounts.connection_test import check_provider
from providers.catalogue.product_sync import sync_products
from providers.models import Product, Provider
from providers.sandbox import Fault, Sandbox
from tests.helpers.at_sandbox import LONG, join
from tests.helpers.makers import make_product, make_service
from tests.security.crawling import crawl
from tests.security.world import body_of

pytestmark = pytest.mark.long

KEY = "canary0key5f1c9d7e3b"
REQUIRE = "canary-require-1b77 / mailbox password"
ADDRESS = "canary-chat-password-77aa"
PASSWORD = "canary-password-of-a-person"


# The pages of the side, of admin's tables, and of the rows they lead to.
MOST_PAGES = 150


@dataclass(slots=True)
class Net:
    """What left the hub: texts by the place where they were found."""

    caught: list[tuple[str, str]] = field(default_factory=list)

    def add(self, place: str, text: str | bytes) -> None:
        self.caught.append((place, text.decode(errors="replace") if isinstance(text, bytes) else text))

    def places_with(self, secret: str) -> list[str]:
        """Return where a secret was found, with what stood around it."""
        found = []
        for place, text in self.caught:
            for match in re.finditer(re.escape(secret), text):
                found.append(f"{place}: …{text[max(0, match.start() - 60) : match.end() + 20]!r}")
        return found


@pytest.fixture
def net() -> Iterator[Net]:
    """Yield a net under the log, in both its forms, and under the messages to workers."""
    net = Net()
    handlers = []
    for form in (PlainFormatter(), JsonFormatter()):
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(form)
        handlers.append((handler, stream))
        logging.getLogger().addHandler(handler)
    before = logging.getLogger().level
    logging.getLogger().setLevel(logging.DEBUG)
    send = dispatch._Notifier._send

    def overhear(self: Any, task: str, args: Any, **options: Any) -> None:
        net.add("message", repr((task, args, options)))
        send(self, task, args, **options)

    with mock.patch.object(dispatch._Notifier, "_send", overhear):
        yield net
    logging.getLogger().setLevel(before)
    for handler, _stream in handlers:
        logging.getLogger().removeHandler(handler)


@pytest.fixture
def log(net: Net) -> Callable[[], str]:
    """Return the lines so far."""
    streams = [handler.stream for handler in logging.getLogger().handlers if isinstance(handler, logging.StreamHandler)]
    ours = [stream for stream in streams if isinstance(stream, io.StringIO)][-2:]
    return lambda: "\n".join(stream.getvalue() for stream in ours)


@pytest.fixture
def chief() -> User:
    return User.objects.create_superuser("chief", password=PASSWORD)


def enter(person: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(person, backend="panelhub.security.backends.RoleBackend")
    return client


def read_tables(net: Net) -> None:
    """Every table whole, as the database has it; of SQLite its file, the journal beside it, and a backup too."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            net.add(f"table {table}", repr(cursor.fetchall()))
    if connection.vendor == "sqlite":
        file = Path(str(connection.settings_dict["NAME"]))
        for part in (file, file.with_name(f"{file.name}-wal")):
            if part.exists():
                # By a process of its own: closing a database's file here would drop the locks that SQLite holds on it,
                # and whoever opened it next would take it for no one's.
                net.add(part.name, subprocess.run(["cat", str(part)], capture_output=True, check=True).stdout)


def read_pages(net: Net, *clients: Client) -> None:
    """Every page that each of them can reach by links, exports among them."""
    from django.apps import apps
    from django.contrib import admin

    start = ["/", reverse("orders:export", args=["csv"]), reverse("providers:services_export", args=["csv"])]
    tables = [model for model in apps.get_models() if admin.site.is_registered(model)]
    start += [f"/admin/{model._meta.label_lower.replace('.', '/')}/" for model in tables]
    for client in clients:
        for address, answer, _page in crawl(client, start, most=MOST_PAGES):
            assert answer.status_code < 500 or address == "/healthz", address
            net.add(address, body_of(answer))
            net.add(f"head of {address}", repr(answer.headers))


def echo(request: Request) -> Response:
    """Return a panel that prints what it was sent: as an error, as a page of its framework, as a name in a list."""
    sent = request.form.to_dict()
    said = f"Wrong key {sent.get('key')}! " + " ".join(sent.values())
    if sent.get("action") in ("balance", "status"):
        return Response(f"<h1>500</h1><pre>{said} {request.get_data(as_text=True)}</pre>", 500)
    if sent.get("action") == "services":
        row = {"service": 1, "name": said, "category": said, "type": "Default", "rate": "1", "min": "1", "max": "9"}
        return Response(json.dumps([row]), content_type="application/json")
    return Response(json.dumps({"error": said}), content_type="application/json")


@pytest.mark.django_db(transaction=True)
def test_no_secret_of_an_account_that_only_fails_is_found_anywhere(
    net: Net, log: Callable[[], str], chief: User, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/api/v2").respond_with_handler(echo)
    ensure_roles()
    client = enter(chief)
    add = {"name": "echo", "dialect": "smmvna", "api_url": httpserver.url_for("/api/v2"), "new_key": KEY}
    add |= {"currency": "USD", "requests_per_minute": "60000", "price_jump_percent": "50", "refill_pause_hours": "24"}
    add |= {"is_active": "on", "overrides": "{}"}
    # Once with a fault in it, once as it should be.
    page = reverse("admin:providers_provider_add")
    net.add("form with a fault", client.post(page, add | {"api_url": "nonsense"}).content)
    answer = client.post(page, add)
    assert answer.status_code == 302, re.findall(r"errorlist[^<]*<li>([^<]*)", answer.content.decode())
    provider = Provider.objects.get()
    assert provider.api_key == KEY

    check_provider(provider)
    for command in ("sync_balances", "sync_services", "sync_products"):
        out, err = io.StringIO(), io.StringIO()
        with suppress(Exception):
            call_command(command, stdout=out, stderr=err)
        net.add(command, out.getvalue() + err.getvalue())
    product = make_product(provider, require="Your account")
    form = {"product": product.pk, "quantity": "2", "require": REQUIRE, "note": "n"}
    net.add("quote", client.post(reverse("orders:product_quote"), form).content)
    client.post(reverse("orders:product_create"), form)
    assert ProductOrder.objects.get().require == REQUIRE
    service = make_service(provider)
    from orders.models import Order

    Order.objects.create(provider=provider, service=service, link="https://example.com/a", quantity=100)
    submission_services.send_due(provider)
    polling_services.sync_now(PRODUCT_ORDERS, provider)

    read_tables(net)
    read_pages(net, client)
    net.add("log", log())
    net.add("mails", repr([(message.subject, message.body) for message in mail.outbox]))
    assert httpserver.log
    for secret in (KEY, REQUIRE, REQUIRE.split(" / ")[0]):
        assert not net.places_with(secret)


@pytest.mark.django_db(transaction=True)
def test_goods_tokens_and_second_factors_are_found_nowhere_but_where_they_were_requested(
    net: Net, log: Callable[[], str], chief: User, box: Sandbox, settings: Any, tmp_path: Path
) -> None:
    panel, provider = box.panel("smmvna"), join(box, "smmvna")
    sync_products(provider)
    channel_url = f"json://u:{ADDRESS}@127.0.0.1:9/hook"
    Channel.objects.create(name="chat", url=channel_url)
    client = enter(chief)

    # A second factor, set up on its page.
    net_before = len(net.caught)
    page = client.get(reverse("second_factor"))
    device = Authenticator.objects.get()
    assert device.spelled.replace(" ", "")[:4].encode() in page.content
    with mock.patch.object(Authenticator, "verify_token", return_value=True):
        client.post(reverse("second_factor"), {"code": "123456"})
    codes = RecoveryCodes.objects.get().left

    # Products over the page, failing in every way before they are delivered.
    product = Product.objects.get(provider=provider, external_id="1")
    Product.objects.filter(pk=product.pk).update(require="Your account")
    for fault in (Fault.refused, Fault.html_500_before_accept, Fault.reset_before_accept, Fault.bad_key):
        panel.misbehave(fault, action="add_product_order", times=1)
        client.post(reverse("orders:product_create"), {"product": product.pk, "quantity": "1", "require": REQUIRE})
        submission_services.send_due(provider)
    Provider.objects.filter(pk=provider.pk).update(pause_kind="", pause_text="")
    provider.refresh_from_db()
    client.post(reverse("orders:product_create"), {"product": product.pk, "quantity": "3", "require": REQUIRE})
    submission_services.send_due(provider)
    panel.advance(LONG)
    polling_services.sync_now(PRODUCT_ORDERS, provider)
    panel.misbehave(Fault.cut_body, action="result_product", times=1)
    for _again in range(3):
        goods.fetch_due_goods(provider, at_once=True)
    delivered = [goods.goods_of(order) for order in ProductOrder.objects.exclude(goods="")]
    lines = [line for found in delivered for line in found.items]
    assert lines
    order = ProductOrder.objects.exclude(goods="").first()
    assert order is not None
    seen = client.post(reverse("orders:product_goods", args=[order.pk]))
    assert lines[0].encode() in seen.content or b"example.com" in seen.content

    # A program, right and wrong, and a crash in the middle of its call.
    _row, token = make_token(chief, "shop")
    OpenService.objects.create(product=product)
    program = Client(raise_request_exception=False)
    for call in (
        {"key": token, "action": "balance"},
        {"key": f"{token}x", "action": "balance"},
        {"key": token, "action": token},
        {"key": token, "action": "add_product_order", "product": "1", "quantity": "1", "require": REQUIRE},
        {"key": token, "action": "status", "order": token},
    ):
        net.add("answer to a program", program.post("/api/v2", call).content)
    net.add("token in an address", program.get(f"/api/v2?key={token}").content)
    for debug in (False, True):
        settings.DEBUG = debug
        with mock.patch("orders.api.handlers.balance", side_effect=RuntimeError(f"{token} {REQUIRE}"), create=True):
            net.add("crash of the API", program.post("/api/v2", {"key": token, "action": "balance"}).content)
        with mock.patch("orders.products.views.shop.create_product_order", side_effect=RuntimeError("no such thing")):
            crash = client.post(
                reverse("orders:product_create"), {"product": product.pk, "quantity": "1", "require": REQUIRE}
            )
        assert crash.status_code == 500
        net.add("crash page", crash.content)
    settings.DEBUG = False

    # What is sent to people, and to a tracker of errors.
    notifications_services.watch()
    send_notices()
    event: Any = {"request": {"url": f"https://h/api?key={token}", "data": {"require": REQUIRE}, "cookies": "c"}}
    net.add("error tracker", repr(strike_secrets(event, {})))

    read_tables(net)
    read_pages(net, client)
    if connection.vendor == "sqlite":
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"]
        call_command("backup", str(tmp_path / "copy.sqlite3"), stdout=io.StringIO())
        net.add("backup", (tmp_path / "copy.sqlite3").read_bytes())
    net.add("log", log())
    net.add("mails", repr([(message.subject, message.body) for message in mail.outbox]))
    secrets = {
        "key": provider.api_key,
        "require": REQUIRE,
        "channel": ADDRESS,
        "password": PASSWORD,
        "token": token,
        "second factor": device.key,
        "second factor as typed": b32encode(bytes.fromhex(device.key)).decode().rstrip("="),
        **{f"recovery code {number}": code for number, code in enumerate(codes)},
        **{f"goods {number}": line for number, line in enumerate(lines)},
    }
    assert len(net.caught) > net_before + 50
    found = {name: net.places_with(secret) for name, secret in secrets.items()}
    assert not {name: places[:5] for name, places in found.items() if places}

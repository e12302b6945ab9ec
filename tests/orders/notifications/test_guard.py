"""What a channel dials: public addresses over verified TLS alone, no redirects, nothing of this machine's files."""

from __future__ import annotations

import gc
import socket
import ssl
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pytest_django.fixtures import Settings
from pytest_httpserver import HTTPServer

from orders.notifications import channels as notifications_channels
from orders.notifications import guard
from orders.notifications.channels import Message, NotSent, find_fault, send
from tests.providers.client.certificates import Authority
from tests.providers.client.stub import Stub

MESSAGE = Message("title", "body")
RECIPIENT = "to=a@shop.example"


@pytest.fixture
def closed(settings: Settings) -> None:
    """As in production: encrypted, and to public addresses."""
    settings.PANELHUB_ALLOW_PLAIN_CHANNELS = False


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[Any]]:
    """`resolve("10.0.0.1")`: every name leads there from now on; returns the list of what is connected to."""

    def lead_to(address: str) -> list[Any]:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        connected: list[Any] = []
        own = socket.socket.connect

        def look_up(host: str, port: int, *args: Any, **options: Any) -> list[Any]:
            return [(family, socket.SOCK_STREAM, 6, "", (address, port))]

        def connect(self: socket.socket, to: Any) -> None:
            connected.append(to)
            own(self, to)

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        monkeypatch.setattr(socket.socket, "connect", connect)
        return connected

    return lead_to


INSIDE = ("127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fd00::1", "100.100.100.200")
WAYS = (
    "jsons://chat.somewhere.com/hook",
    "mmosts://chat.somewhere.com/3ccdd113474722377935511fc85d3dd4",
    "ntfys://push.somewhere.com/topic",
    f"mailtos://u:p@smtp.somewhere.com?from=h@shop.example&{RECIPIENT}",
    f"mailtos://u:p@smtp.somewhere.com:465?mode=ssl&from=h@shop.example&{RECIPIENT}",
    "tgram://123456789:abcdefg_hijklmnopqrstuvwxyz01234567/12315544/",
)


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize("url", WAYS)
def test_a_name_that_leads_inside_is_not_dialed(url: str, resolve: Callable[[str], list[Any]]) -> None:
    assert find_fault(url) == ""
    for address in INSIDE:
        connected = resolve(address)

        with pytest.raises(NotSent, match="not a public address"):
            send(url, MESSAGE)

        assert connected == []


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize(
    "url",
    [
        *("jsons://127.0.0.1/x", "jsons://[::1]/x", "jsons://2130706433/x", "jsons://localhost/x", "jsons://db/x"),
        *("jsons://10.0.0.1:8443/x", "gotifys://192.168.1.1/token", "jsons://hub.internal/x", "jsons://0x7f.1/x"),
        *("jsons://chat.somewhere.com:22/x", "jsons://chat.somewhere.com:6379/x", "jsons://user@127.0.0.1/x"),
        f"mailtos://u:p@shop.example:22?{RECIPIENT}",
        f"mailtos://u:p@shop.example:6379?{RECIPIENT}",
    ],
)
def test_an_address_inside_or_a_strange_port_is_refused_in_the_form(url: str) -> None:
    assert find_fault(url)
    with pytest.raises(NotSent):
        send(url, MESSAGE)


@pytest.mark.parametrize(
    "url",
    [
        *("jsons://chat.somewhere.com/x?verify=no", "jsons://chat.somewhere.com/x?VERIFY=False"),
        *("jsons://chat.somewhere.com/x?%76erify=no", "jsons://chat.somewhere.com/x?a=1&verify=0"),
        *("jsons://chat.somewhere.com/x?redirect=yes", "jsons://chat.somewhere.com/x?rto=9000"),
        *("jsons://chat.somewhere.com/x?+Host=inside", "jsons://chat.somewhere.com/x?:message=forged"),
        *("jsons://chat.somewhere.com/x?-key=value", "jsons://chat.somewhere.com/x?retry=9&wait=60"),
        "tgram://123456789:abcdefg_hijklmnopqrstuvwxyz01234567/1/?template=/etc/passwd",
        "tgram://123456789:abcdefg_hijklmnopqrstuvwxyz01234567/1/?Template=file:///etc/passwd",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/%23c?template=/etc/passwd",
        "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js?template=/etc/passwd",
        "ntfys://push.somewhere.com/topic?attach=file:///etc/passwd",
        f"mailtos://u:p@shop.example?smtp=inside.example&{RECIPIENT}",
        f"mailtos://u:p@shop.example?SMTP=127.0.0.1&{RECIPIENT}",
        f"mailtos://u:p@shop.example?pgpprv=/etc/passwd&{RECIPIENT}",
        f"mailtos://u:p@shop.example?verify=no&{RECIPIENT}",
        *(
            "file:///etc/passwd",
            "syslog://",
            "dbus://",
            "xmls://chat.somewhere.com/",
            "rsyslog://localhost",
            "smpps://u:p@h/1",
        ),
        *(
            "mqtts://broker.somewhere.com/t",
            "https://hooks.somewhere.com/x",
            "apprises://h.somewhere.com/t",
            "x\x00://a",
        ),
    ],
)
def test_ways_and_parameters_that_are_not_on_the_list_are_refused(url: str) -> None:
    assert find_fault(url)


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize(
    "url",
    [
        *WAYS,
        "mailtos://someone:pass@gmail.com?to={email}",
        f"mailtos://u:p@shop.example?smtp=shop.example&from=h@shop.example&reply=r@shop.example&name=Hub&{RECIPIENT}",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/%23general?footer=no",
        "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
        "ntfys://mytopic?priority=high",
        "rockets://u:p@chat.somewhere.com/%23room",
        "matrixs://u:p@matrix.somewhere.com/%23room",
        "jsons://chat.somewhere.com:8443/hook?method=POST",
    ],
)
def test_the_usual_channels_are_taken(url: str) -> None:
    assert find_fault(url) == ""


def test_a_redirect_is_not_followed(httpserver: HTTPServer) -> None:
    with Stub(answer(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as other:
        httpserver.expect_request("/hook").respond_with_data("", status=307, headers={"Location": other.url})
        with pytest.raises(NotSent):
            send(f"json://{httpserver.host}:{httpserver.port}/hook", MESSAGE)

        assert other.connections == 0
    assert len(httpserver.log) == 1


def test_a_proxy_of_the_environment_is_not_used(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    httpserver.expect_request("/hook").respond_with_data("ok")
    with Stub(answer(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
            monkeypatch.setenv(name, proxy.origin)
        send(f"json://{httpserver.host}:{httpserver.port}/hook", MESSAGE)

        assert proxy.connections == 0
    assert len(httpserver.log) == 1


def test_what_a_chat_answers_is_read_up_to_a_bound(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/hook").respond_with_data(b"x" * (3 * 1024 * 1024))

    with pytest.raises(NotSent):
        send(f"json://{httpserver.host}:{httpserver.port}/hook", MESSAGE)


@pytest.mark.parametrize(
    ("certificate", "is_sent"),
    [({}, True), ({"self_signed": True}, False), ({"expired": True}, False), ({"name": "other.example"}, False)],
    ids=["good", "self-signed", "expired", "another name"],
)
@pytest.mark.parametrize("protocol", ["https", "mail"])
def test_tls_is_always_verified(
    protocol: str,
    certificate: dict[str, Any],
    is_sent: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    resolve: Callable[[str], list[Any]],
) -> None:
    authority = Authority(tmp_path)
    monkeypatch.setattr("orders.notifications.guard.shared_context", authority.trusting)
    resolve("127.0.0.1")
    given = {"name": "chat.somewhere.com"} | certificate
    script = take_mail if protocol == "mail" else answer(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    with Stub(script, context=authority.serving(given.pop("name"), **given)) as stub:
        url = {
            "https": f"jsons://chat.somewhere.com:{stub.port}/hook",
            "mail": f"mailtos://chat.somewhere.com:{stub.port}?mode=ssl&from=h@shop.example&{RECIPIENT}",
        }[protocol]
        if is_sent:
            send(url, MESSAGE)
            return
        with pytest.raises(NotSent):
            send(url, MESSAGE)


def test_mail_leaves_and_a_server_that_never_ends_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"mailto://127.0.0.1:{{port}}?mode=insecure&from=h@shop.example&{RECIPIENT}"
    with Stub(take_mail) as server:
        send(url.format(port=server.port), MESSAGE)
        assert b"rcpt TO:<a@shop.example>" in b"".join(server.requests)

    monkeypatch.setattr(notifications_channels, "SECONDS", 1)
    with Stub(drip) as server:
        started = time.monotonic()
        with pytest.raises(NotSent):
            send(url.format(port=server.port), MESSAGE)
    assert time.monotonic() - started < 5


def test_outside_of_a_message_nothing_is_dialed() -> None:
    from orders.notifications.guard import GuardedRequests

    with pytest.raises(LookupError):
        GuardedRequests().get("https://panel.invalid/")


def test_modules_that_are_imported_meanwhile_do_not_stop_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    def import_one(phase: str, _info: dict[str, int]) -> None:
        name = f"imported_meanwhile_{len(sys.modules)}"
        monkeypatch.setitem(sys.modules, name, ModuleType(name))

    thresholds = gc.get_threshold()
    gc.callbacks.append(import_one)
    gc.set_threshold(1)
    try:
        guard.guard_modules(type("Plugin", (), {"__module__": "apprise.plugins.custom_json"}))
    finally:
        gc.set_threshold(*thresholds)
        gc.callbacks.remove(import_one)


def answer(reply: bytes) -> Callable[[socket.socket, Stub], None]:
    """Return a script that reads a whole request and says this."""

    def script(connection: socket.socket, stub: Stub) -> None:
        stub.receive(connection)
        connection.sendall(reply)

    return script


def take_mail(connection: socket.socket, stub: Stub) -> None:
    """A script that takes one mail."""
    connection.sendall(b"220 here\r\n")
    lines = connection.makefile("rb")
    for line in lines:
        stub.requests.append(line)
        verb = line.split()[0].upper()
        if verb == b"DATA":
            connection.sendall(b"354 go on\r\n")
            while lines.readline() != b".\r\n":
                pass
        connection.sendall(b"250 good\r\n" if verb != b"QUIT" else b"221 bye\r\n")
        if verb == b"QUIT":
            return


def drip(connection: socket.socket, stub: Stub) -> None:
    """A script that greets for ever, a byte at a time."""
    try:
        while not stub.over.wait(0.05):
            connection.sendall(b"2")
    except (OSError, ssl.SSLError):
        return

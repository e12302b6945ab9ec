"""Where a panel may be: what forms refuse, and what a connection refuses once a name has been resolved."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from providers.client.address import AddressRefused, check_url, find_addresses, is_public, origin_of
from providers.client.exchange import Failure, TransportFailure
from providers.client.transport import Transport
from tests.providers.client.conftest import KEY, route_to
from tests.providers.client.stub import Stub, http, say

GOOD = [
    "https://servsmm.com/api/v2",
    "https://smm.plus/api/v2",
    "https://Panel.Example:443/api/v2",
    "https://panel.example:8443/api",
    "https://panel.example/api.php?lang=tr",
    "https://xn--mnchen-3ya.example/api/v2",
    "https://münchen.example/api/v2",
    "https://1.1.1.1/api/v2",
    "https://[2606:4700:4700::1111]/api/v2",
]

NASTY = [
    # not https, not a URL
    "",
    "http://panel.example/api/v2",
    "ftp://panel.example/api/v2",
    "file:///etc/passwd",
    "gopher://panel.example/",
    "javascript:alert(1)",
    "panel.example/api/v2",
    "//panel.example/api/v2",
    "https:panel.example",
    "https:///api/v2",
    "https://",
    "https://:443/",
    "https://panel.example:99999/",
    "https://panel.example:0/",
    "https://panel.example:abc/",
    "https://[::1/",
    "https://panel.example/" + "a" * 600,
    # two readings, hidden parts, secrets
    "https://user:password@panel.example/api/v2",
    "https://panel.example@127.0.0.1/",
    "https://127.0.0.1\\@panel.example/",
    "https://panel.example\\.evil.example/",
    "https://panel.example/api v2",
    "https://panel.exa\tmple/",
    "https://panel.example/\r\nHost: evil",
    "https://panel.example/\x00",
    "https://panel.example/\u202egnp",
    "https://%31%32%37.0.0.1/",
    "https://panel.example%00.evil.example/",
    "https://panel.example;evil.example/",
    "https://[fe80::1%25eth0]/",
    "https://panel.example/#fragment",
    "https://panel.example/api/v2?key=secret",
    "https://panel.example/api/v2?action=x&API_TOKEN=secret",
    # ports nothing of ours is served on
    "https://panel.example:22/",
    "https://panel.example:80/",
    "https://panel.example:6379/",
    "https://panel.example:25/",
    # this machine and its network, in every notation
    "https://localhost/",
    "https://LOCALHOST/",
    "https://localhost./",
    "https://api.localhost/",
    "https://127.0.0.1/",
    "https://127.0.0.1./",
    "https://127.1/",
    "https://127.0.1/",
    "https://0x7f.1/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://2130706433/",
    "https://0/",
    "https://0.0.0.0/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/",
    "https://１２７.０.０.１/",
    "https://127。0。0。1/",
    "https://①②⑦.⓪.⓪.①/",
    "https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://[fd00::1]/",
    "https://[fe80::1]/",
    "https://[fec0::1]/",
    # clouds' metadata
    "https://169.254.169.254/latest/meta-data/",
    "https://[::ffff:169.254.169.254]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[fd00:ec2::254]/",
    "https://100.100.100.200/",
    "https://168.63.129.16/",
    "https://192.0.0.192/",
    "https://metadata.google.internal/",
    # other special addresses
    "https://100.64.0.1/",
    "https://198.18.0.1/",
    "https://192.0.2.1/",
    "https://224.0.0.1/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "https://[ff02::1]/",
    "https://[2001:db8::1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
    "https://[64:ff9b:1::1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[4000::1]/",
    # names of networks
    "https://redis/",
    "https://router.lan/",
    "https://nas.local/",
    "https://db.internal/",
    "https://1.0.0.127.in-addr.arpa/",
]


@pytest.mark.parametrize("url", GOOD)
def test_a_panels_usual_url_is_allowed(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize("url", NASTY)
def test_a_nasty_url_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        check_url(url)

    assert refused.value.sentence.endswith(".")
    assert "secret" not in refused.value.sentence
    assert "password@" not in refused.value.sentence


@pytest.mark.parametrize("url", NASTY)
def test_no_packet_goes_to_a_nasty_url(transport: Transport, url: str) -> None:
    outcome = transport.post(route_to(url, allow_private=False), {"key": KEY}, paid=True)

    assert isinstance(outcome, TransportFailure)
    assert outcome.failure is Failure.address


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/api/v2", "https://10.0.0.1:9000/", "http://redis/"])
def test_private_addresses_and_plain_http_can_be_allowed(url: str) -> None:
    check_url(url, allow_private=True)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://a:b@127.0.0.1/", "http://127.0.0.1\\@x/", ""])
def test_what_is_no_url_is_never_allowed(url: str) -> None:
    with pytest.raises(AddressRefused):
        check_url(url, allow_private=True)


def test_the_exempt_origin_is_exempt_to_the_letter() -> None:
    exempt = "http://127.0.0.1:8100"

    check_url("http://127.0.0.1:8100/servsmm/api/v2", exempt_origin=exempt)
    for url in (
        "http://127.0.0.1:8101/api/v2",
        "https://127.0.0.1:8100/api/v2",
        "http://127.0.0.2:8100/api/v2",
        "http://localhost:8100/api/v2",
        "http://127.0.0.1.evil.example:8100/",
    ):
        with pytest.raises(AddressRefused):
            check_url(url, exempt_origin=exempt)
    for nonsense in ("", "*", "127.0.0.1:8100", "http://"):
        with pytest.raises(AddressRefused):
            check_url("http://127.0.0.1:8100/api/v2", exempt_origin=nonsense)


def test_an_origin_is_written_in_one_way() -> None:
    assert origin_of("HTTPS://Panel.Example/api") == "https://panel.example:443"
    assert origin_of("http://127.0.0.1:8100/x?y=z") == "http://127.0.0.1:8100"


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "104.16.0.1", "2606:4700::1", "::ffff:1.1.1.1"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", ["", "panel.example", "127.0.0.1", "fe80::1%eth0", "::ffff:10.0.0.1", "3fff::1"])
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


# --- At connection time -----------------------------------------------------------------------------------------------


def resolving_to(*addresses: str) -> Any:
    """Return a resolver that finds these addresses, and counts how often it is asked."""
    asked: list[str] = []

    def resolve(host: str, port: int, *_: Any, **__: Any) -> Any:
        asked.append(host)
        return [
            (socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in addresses
        ]

    resolve.asked = asked  # type: ignore[attr-defined]
    return resolve


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["::1"],
        ["1.1.1.1", "127.0.0.1"],
        ["169.254.169.254"],
        ["::ffff:127.0.0.1"],
        ["10.0.0.1", "8.8.8.8"],
    ],
    ids=str,
)
def test_a_name_that_leads_inside_is_refused_and_nothing_is_sent(
    transport: Transport, monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    with Stub(say(http(b"{}"))) as stub:
        monkeypatch.setattr(socket, "getaddrinfo", resolving_to(*addresses))
        url = "https://panel.example:8443/api/v2"
        outcome = transport.post(route_to(url, allow_private=False), {"key": KEY}, paid=True)
        monkeypatch.undo()

    assert isinstance(outcome, TransportFailure)
    assert outcome.failure is Failure.address
    assert "not a public address" in outcome.sentence
    assert stub.connections == 0


def test_the_connection_goes_to_the_address_that_was_checked(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([["127.0.0.1"], ["127.0.0.2"], ["127.0.0.3"]])
    resolved: list[str] = []

    def rebind(host: str, port: int, *_: Any, **__: Any) -> Any:
        resolved.append(host)
        return resolving_to(*next(answers))(host, port)

    with Stub(say(http(b"{}"))) as stub:
        monkeypatch.setattr(socket, "getaddrinfo", rebind)
        reply = transport.post(route_to(f"http://panel.example:{stub.port}/"), {"key": KEY}, paid=True)
        monkeypatch.undo()

    assert not isinstance(reply, TransportFailure)
    assert resolved == ["panel.example"]


def test_the_exempt_origin_is_reached_and_its_neighbour_is_not(transport: Transport) -> None:
    with Stub(say(http(b"{}"))) as stub, Stub(say(http(b"{}"))) as neighbour:
        exempt = {"allow_private": False, "exempt_origin": stub.origin}
        reached = transport.post(route_to(stub.url, **exempt), {"key": KEY}, paid=True)
        refused = transport.post(route_to(neighbour.url, **exempt), {"key": KEY}, paid=True)

    assert not isinstance(reached, TransportFailure)
    assert isinstance(refused, TransportFailure)
    assert neighbour.connections == 0


def test_a_host_without_an_address_is_no_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolving_to())

    with pytest.raises(OSError, match="no address"):
        find_addresses("panel.example", 443, seconds=1, allow_private=False)


def test_an_address_that_is_found_twice_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolving_to("1.1.1.1", "1.1.1.1", "8.8.8.8"))

    found = find_addresses("panel.example", 443, seconds=1, allow_private=False)

    assert [address[0] for _, address in found] == ["1.1.1.1", "8.8.8.8"]

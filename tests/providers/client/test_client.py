"""One method for each documented action: what it sends, what it gives, what it refuses before any call."""

from __future__ import annotations

import hashlib
import json
import pickle
import traceback
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest

from providers.client.client import USER_AGENT, Account, CatalogueReply, PanelClient
from providers.client.errors import (
    AccountRefused,
    NotSent,
    NotSupported,
    OrderRefused,
    ProviderError,
    Unknown,
    UnknownReason,
)
from providers.client.exchange import Failure, RawReply, TransportFailure
from providers.client.transport import MAX_BODY, MAX_CATALOGUE, Route, Transport
from providers.client.types import (
    Balance,
    CancelAccepted,
    Placed,
    ProductResult,
    RefillAccepted,
    RefillStatusRow,
    RowError,
    StatusRow,
)
from providers.dialects import DIALECTS, Action, resolve
from tests.providers.client.conftest import KEY
from tests.providers.client.stub import Stub, hang, http, reset, say, serve

MakeAccount = Callable[..., Account]


class Recorder(Transport):
    """A transport that answers as prepared, and records what was requested."""

    def __init__(self, body: Any = "{}", status: int = 200, failure: Failure | None = None) -> None:
        super().__init__()
        text = body if isinstance(body, str) else json.dumps(body)
        self.outcome = TransportFailure(failure) if failure else RawReply(status, {}, text.encode(), 0.1)
        self.calls: list[tuple[Route, dict[str, str], bool, int]] = []

    def post(
        self, route: Route, parameters: Mapping[str, str], *, paid: bool, max_body: int = MAX_BODY
    ) -> RawReply | TransportFailure:
        self.calls.append((route, dict(parameters), paid, max_body))
        return self.outcome


def ask(
    account: Account, call: Callable[[PanelClient], Any], body: Any = "{}"
) -> tuple[Any, dict[str, str], bool, int]:
    """Return what a call gives, and what it sent."""
    recorder = Recorder(body)
    value = call(PanelClient(account, transport=recorder))
    [(_, parameters, paid, max_body)] = recorder.calls
    assert parameters.pop("key") == KEY
    return value, parameters, paid, max_body


METHODS: dict[Action, tuple[Callable[[PanelClient], Any], Any, Any, dict[str, str]]] = {
    Action.services: (lambda client: client.services(), [], [], {}),
    Action.balance: (
        lambda client: client.balance(),
        {"balance": "1.5", "currency": "USD"},
        Balance(Decimal("1.5"), "USD"),
        {},
    ),
    Action.add: (
        lambda client: client.add({"service": "1", "link": "https://example.com", "quantity": "10"}),
        {"order": 5},
        Placed("5"),
        {"service": "1", "link": "https://example.com", "quantity": "10"},
    ),
    Action.status: (
        lambda client: client.status("5"),
        {"status": "Pending"},
        StatusRow("pending", "Pending"),
        {"order": "5"},
    ),
    Action.multi_status: (
        lambda client: client.statuses(["5", "6"]),
        {"5": {"status": "Pending"}, "6": {"error": "Incorrect order ID"}},
        {"5": StatusRow("pending", "Pending"), "6": RowError("Incorrect order ID")},
        {"orders": "5,6"},
    ),
    Action.refill: (lambda client: client.refill("5"), {"refill": "1"}, RefillAccepted("1"), {"order": "5"}),
    Action.multi_refill: (
        lambda client: client.refills(["5", "6"]),
        [{"order": 5, "refill": 1}],
        {"5": RefillAccepted("1")},
        {"orders": "5,6"},
    ),
    Action.refill_status: (
        lambda client: client.refill_status("1"),
        {"status": "Completed"},
        RefillStatusRow("completed", "Completed"),
        {"refill": "1"},
    ),
    Action.multi_refill_status: (
        lambda client: client.refill_statuses(["1", "2"]),
        [{"refill": 1, "status": "Completed"}],
        {"1": RefillStatusRow("completed", "Completed")},
        {"refills": "1,2"},
    ),
    Action.cancel: (
        lambda client: client.cancel(["5", "6"]),
        [{"order": 5, "cancel": 1}],
        {"5": CancelAccepted("1")},
        {"orders": "5,6"},
    ),
    Action.products: (lambda client: client.products(), [], [], {}),
    Action.add_product_order: (
        lambda client: client.add_product_order("1", 2, "my account"),
        {"order": 5},
        Placed("5"),
        {"product": "1", "quantity": "2", "require": "my account"},
    ),
    Action.product_order_status: (
        lambda client: client.product_status("5").status,
        {"status": "Partial"},
        "partial",
        {"order": "5"},
    ),
    Action.multi_product_order_status: (
        lambda client: client.product_statuses(["5", "6"])["5"].status,  # type: ignore[union-attr]
        {"5": {"status": "Partial"}},
        "partial",
        {"orders": "5,6"},
    ),
    Action.result_product: (
        lambda client: client.product_result("5"),
        {"result": ["a | b"]},
        ProductResult(("a | b",)),
        {"order": "5"},
    ),
}


def dialect_for(action: Action) -> str:
    return "standard" if DIALECTS["standard"].can(action) else "smmvna"


@pytest.mark.parametrize("action", Action)
def test_each_action_has_its_method(account: MakeAccount, action: Action) -> None:
    call, body, value, parameters = METHODS[action]
    dialect = dialect_for(action)

    got, sent, paid, max_body = ask(account(dialect=dialect), call, body)

    assert got == value
    assert sent == {"action": DIALECTS[dialect].wire_name(action), **parameters}
    assert paid is action.is_paid
    assert max_body == (MAX_CATALOGUE if action in (Action.services, Action.products) else MAX_BODY)


@pytest.mark.parametrize("slug", DIALECTS)
@pytest.mark.parametrize("action", Action)
def test_an_action_the_document_lacks_is_refused_before_any_call(
    account: MakeAccount, slug: str, action: Action
) -> None:
    dialect = DIALECTS[slug]
    recorder = Recorder(METHODS[action][1])
    client = PanelClient(account(dialect=slug), transport=recorder)
    if dialect.can(action):
        METHODS[action][0](client)
        assert len(recorder.calls) == 1
        return

    with pytest.raises(NotSupported) as refused:
        METHODS[action][0](client)

    assert refused.value.sentence == dialect.why_not(action)
    assert refused.value.is_certain
    assert recorder.calls == []


def test_an_accounts_own_names_go_on_the_wire() -> None:
    dialect = resolve("servsmm", {"actions": {"multi_status": {"name": "multi_status"}}})
    client_account = Account(name="panel", dialect=dialect, api_url="https://panel.example/", api_key=KEY)

    _, sent, _, _ = ask(client_account, lambda client: client.statuses(["5"]), {})

    assert sent == {"action": "multi_status", "orders": "5"}


@pytest.mark.parametrize(
    "ids",
    [[], ["1"] * 101, [""], ["0"], ["1,2"], [" 1"], ["a b"], [5], ["null"], ["-1"], ["1\n"]],
    ids=lambda ids: str(ids)[:20],
)
def test_a_batch_that_cannot_be_requested_is_the_callers_mistake(account: MakeAccount, ids: Any) -> None:
    recorder = Recorder()
    client = PanelClient(account(), transport=recorder)

    for call in (client.statuses, client.cancel, client.refills, client.refill_statuses):
        with pytest.raises(ValueError, match=r"ids|id\."):
            call(ids)
    assert recorder.calls == []


def test_a_hundred_ids_are_one_call(account: MakeAccount) -> None:
    ids = [str(number) for number in range(1, 101)]

    _, sent, _, _ = ask(account(), lambda client: client.statuses(ids), {})

    assert sent["orders"] == ",".join(ids)


@pytest.mark.parametrize("text", ["lone \ud800 surrogate", "nul \0 byte"])
def test_what_no_text_may_hold_is_not_sent(account: MakeAccount, text: str) -> None:
    recorder = Recorder()

    with pytest.raises(NotSupported):
        PanelClient(account(), transport=recorder).add({"service": "1", "comments": text})
    assert recorder.calls == []


def test_services_may_be_requested_in_pages(account: MakeAccount) -> None:
    assert ask(account(), lambda client: client.services(offset=500), [])[1] == {"action": "services", "offset": "500"}
    assert ask(account(), lambda client: client.services(offset=0), [])[1] == {"action": "services", "offset": "0"}


# --- The catalogue ----------------------------------------------------------------------------------------------------


def test_a_catalogue_is_known_by_its_hash_before_it_is_parsed(
    account: MakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = '[{"service": 1, "name": "Likes", "rate": "0.9"}, {"service": 2}]'
    parsed: list[str] = []

    def parse(text: str) -> Any:
        parsed.append(text)
        return json.loads(text)

    monkeypatch.setattr("providers.client.outcome.parse_document", parse)
    reply = PanelClient(account(), transport=Recorder(body)).services_raw()

    assert reply.body_hash == hashlib.sha256(body.encode()).hexdigest()
    assert reply.size == len(body)
    assert parsed == []
    assert ([row.id for row in reply.rows], reply.skipped) == (["1"], 1)
    assert len(reply.rows) == 1
    assert len(parsed) == 1


def test_a_catalogue_that_is_none_says_so_when_its_rows_are_requested(account: MakeAccount) -> None:
    reply = PanelClient(account(), transport=Recorder({"error": "Invalid API key"})).services_raw()

    assert isinstance(reply, CatalogueReply)
    for _ in range(2):
        with pytest.raises(AccountRefused):
            _ = reply.rows
    with pytest.raises(AccountRefused):
        _ = reply.skipped


def test_a_catalogue_that_did_not_come_says_so_at_once(account: MakeAccount) -> None:
    with pytest.raises(NotSent):
        PanelClient(account(), transport=Recorder(failure=Failure.refused)).services_raw()
    with pytest.raises(Unknown):
        PanelClient(account(), transport=Recorder(failure=Failure.timeout)).services()


# --- Secrets ----------------------------------------------------------------------------------------------------------


def test_neither_account_nor_client_shows_the_key(account: MakeAccount) -> None:
    made = account()

    assert KEY not in f"{made!r} {made!s} {PanelClient(made)!r}"


def test_what_a_buyer_handed_over_is_kept_out_of_errors(account: MakeAccount) -> None:
    recorder = Recorder({"error": "Bad account login: me@example.com password: hunter22"})
    client = PanelClient(account(dialect="smmvna"), transport=recorder)

    with pytest.raises(Unknown) as unlisted:
        client.add_product_order("1", 1, "me@example.com\nhunter22")

    error = unlisted.value
    assert error.reason is UnknownReason.unlisted
    assert error.error == "Bad account login: [hidden] password: [hidden]"
    assert error.evidence is not None
    assert "hunter22" not in error.evidence.excerpt


@pytest.mark.parametrize("script", [say(http(b"<html>" + KEY.encode() + b"</html>")), reset()], ids=["echo", "reset"])
def test_no_traceback_leads_through_a_frame_that_holds_the_key(account: MakeAccount, script: Any) -> None:
    with Stub(script) as stub, pytest.raises(Unknown) as caught:
        PanelClient(account(stub.url)).add({"service": "1"})

    error = caught.value
    shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert KEY not in shown
    assert error.__cause__ is None
    assert error.__context__ is None


def test_errors_survive_being_handed_to_another_process() -> None:
    for error in (
        NotSupported("No."),
        NotSent("Refused."),
        OrderRefused(error="Bad link"),
        AccountRefused(error="Bad key"),
        Unknown("Lost."),
    ):
        copy = pickle.loads(pickle.dumps(error))
        assert (type(copy), str(copy), vars(copy)) == (type(error), str(error), vars(error))


# --- Over real HTTP ---------------------------------------------------------------------------------------------------


def test_an_order_over_real_http(account: MakeAccount) -> None:
    link = "https://example.com/?a=b&c=d e+f#ü👍"
    with Stub(say(http(b'{"order": 23501}'))) as stub:
        placed = PanelClient(account(stub.url)).add({"service": "1", "link": link, "comments": "one\r\ntwo, three"})

    assert placed == Placed("23501")
    [request] = stub.requests
    assert parse_qsl(request.partition(b"\r\n\r\n")[2].decode()) == [
        ("key", KEY),
        ("action", "add"),
        ("service", "1"),
        ("link", link),
        ("comments", "one\r\ntwo, three"),
    ]
    assert f"User-Agent: {USER_AGENT}".encode() in request


def test_a_user_agent_cannot_smuggle_a_header(account: MakeAccount) -> None:
    with Stub(say(http(b'{"balance": "1"}'))) as stub:
        PanelClient(account(stub.url, user_agent="Mine\r\nX-Evil: 1")).balance()

    assert b"\r\nX-Evil" not in stub.requests[0]
    assert b"User-Agent: Mine X-Evil: 1\r\n" in stub.requests[0]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_places_nothing_and_leads_nowhere(account: MakeAccount, status: int) -> None:
    with Stub(say(http(b'{"order": 1}'))) as other:
        redirect = http(b'{"order": 7}', status=f"{status} Go", headers=[f"Location: {other.url}"])
        with Stub(say(redirect)) as stub, pytest.raises(Unknown) as caught:
            PanelClient(account(stub.url)).add({"service": "1"})

    assert caught.value.reason == "redirect"
    assert caught.value.seen_id == "7"
    assert other.connections == 0


def test_a_paid_call_is_on_the_wire_once_whatever_happens(account: MakeAccount, hasty: Transport) -> None:
    for script in (
        reset(),
        say(),
        hang,
        say(http(b"", status="502 Bad Gateway")),
        say(http(b'{"order": 1', length=99)),
    ):
        with Stub(script) as stub:
            client = PanelClient(account(stub.url, dialect="smmvna"), transport=hasty)
            with pytest.raises(ProviderError) as caught:
                client.add_product_order("1", 1, "me")
            assert isinstance(caught.value, Unknown)
            assert len(stub.requests) == 1


def test_a_client_keeps_its_connection_for_reads(account: MakeAccount) -> None:
    with Stub(serve(*[http(b'{"balance": "1"}')] * 3)) as stub:
        for _ in range(3):
            PanelClient(account(stub.url)).balance()

    assert stub.connections == 1

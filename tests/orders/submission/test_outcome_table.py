"""Every reply to each of the four paid calls, and the state of its row after: over real HTTP, row by row.

First against a panel that answers byte by byte what the table says, then against the sandbox with every fault it
knows, and last where nothing can have been sent. `add` meets the sandbox's faults in `test_sending`.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest
from werkzeug import Response

from orders.models import Cancellation, Order, ProductOrder, Refill
from orders.submission import services as submission_services
from orders.submission.call_types import CANCELLATIONS, ORDERS, PRODUCT_ORDERS, REFILLS, CallType
from providers.models import Provider
from providers.sandbox import Fault, Sandbox
from tests.helpers.at_sandbox import calls_of, join, list_service, make_completed, pick_service, place_directly
from tests.helpers.makers import make_product, make_service
from tests.helpers.verdicts import PAUSES, RATE_LIMITED, REJECTED
from tests.providers.panels import KEY, PlainPanel

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

pytestmark = [pytest.mark.django_db, pytest.mark.long_on_servers]

HTML: Final = "<!doctype html><html><body>Bad gateway</body></html>"


# --- The four calls ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Call:
    """One paid call: how a row is queued for it, its reply that says yes, and what such a row then is."""

    kind: CallType
    action: str
    dialect: str
    queue: Callable[[Provider], Any]
    accepted: Any
    state: str = "pending"
    refused: str = "rejected"


def _order(provider: Provider) -> Order:
    service = make_service(provider)
    return Order.objects.create(provider=provider, service=service, link="https://example.com/p/1", quantity=100)


def _product_order(provider: Provider) -> ProductOrder:
    return ProductOrder.objects.create(provider=provider, product=make_product(provider), quantity=1)


def _completed(provider: Provider, status: str = "completed") -> Order:
    return Order.objects.create(provider=provider, service=make_service(provider), external_id="7", status=status)


CALLS: Final = (
    Call(ORDERS, "add", "standard", _order, {"order": 99}),
    Call(PRODUCT_ORDERS, "add_product_order", "smmvna", _product_order, {"order": 99}),
    Call(
        REFILLS,
        "refill",
        "standard",
        lambda provider: Refill.objects.create(order=_completed(provider)),
        {"refill": "99"},
        refused="refused",
    ),
    Call(
        CANCELLATIONS,
        "cancel",
        "standard",
        lambda provider: Cancellation.objects.create(order=_completed(provider, "in_progress")),
        [{"order": 7, "cancel": 99}],
        state="accepted",
        refused="refused",
    ),
)

# --- A panel that answers what the table says -------------------------------------------------------------------------

PLACED, REFUSED, QUEUED, UNKNOWN = "placed", "refused", "queued", "unconfirmed"


def say(body: Any, status: int = 200, **headers: str) -> Response:
    """Return a reply of the panel: text as it is, anything else as JSON."""
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return Response(text, status=status, content_type="application/json", headers=headers)


def error(text: str, status: int = 200, **headers: str) -> Callable[[Call], Response]:
    """Return a reply with an error in its body."""
    return lambda call: say({"error": text}, status, **headers)


def as_it_is(body: Any, status: int = 200, **headers: str) -> Callable[[Call], Response]:
    """Give the same reply to every request."""
    return lambda call: say(body, status, **headers)


def yes(status: int = 200) -> Callable[[Call], Response]:
    """Return the reply that says yes."""
    return lambda call: say(call.accepted, status)


TABLE: Final[tuple[tuple[str, Callable[[Call], Response], str], ...]] = (
    ("yes", yes(), PLACED),
    ("yes, created", yes(201), PLACED),
    ("yes with a status that says no", yes(400), PLACED),
    ("yes with an error of the server", yes(500), PLACED),
    ("yes behind a gateway's error", yes(502), PLACED),
    ("an error about the order", error("Incorrect order ID"), REFUSED),
    ("an error about the order, 400", error("Quantity less than minimal 10", 400), REFUSED),
    ("an error about the order, 404", error("Incorrect service ID", 404), REFUSED),
    ("an error about the order, 422", error("The link field is required.", 422), REFUSED),
    ("a bad key", error("Invalid API key"), QUEUED),
    ("a bad key, 401", error("Unauthorized", 401), QUEUED),
    ("no funds", error("Not enough funds on balance"), QUEUED),
    ("an account that is off", error("Your account has been suspended.", 403), QUEUED),
    ("maintenance", error("Maintenance", 400), QUEUED),
    ("too many requests", error("Too many requests", 429), QUEUED),
    ("too many requests without a body", as_it_is("", 429, **{"Retry-After": "7"}), QUEUED),
    ("rate limit in words alone", error("Rate limit exceeded"), QUEUED),
    ("words that say something was made", error("Request saved, but the local record was not"), UNKNOWN),
    ("the same, 402", error("It was placed at the supplier; your balance was charged", 402), UNKNOWN),
    ("the same, 429", error("Success, wait 5 seconds", 429), UNKNOWN),
    ("an unknown error", error("Unknown error, please try again later"), UNKNOWN),
    ("an error of the server", error("Server error", 500), UNKNOWN),
    ("a gateway's page", as_it_is(HTML, 502), UNKNOWN),
    ("a page with 200", as_it_is(HTML), UNKNOWN),
    ("a page with 404", as_it_is(HTML, 404), UNKNOWN),
    ("a redirect", as_it_is("", 302, Location="/elsewhere"), UNKNOWN),
    ("a redirect that would repeat the call", as_it_is("", 307, Location="/elsewhere"), UNKNOWN),
    ("nothing", as_it_is(""), UNKNOWN),
    ("half of it", lambda call: say(json.dumps(call.accepted)[:-3]), UNKNOWN),
    ("an empty object", as_it_is({}), UNKNOWN),
    ("an empty list", as_it_is([]), UNKNOWN),
    ("null", as_it_is(None), UNKNOWN),
    ("a bare number", as_it_is(99), UNKNOWN),
    ("bytes of no encoding", as_it_is(b"\xff\xfe\x00\xd8"), UNKNOWN),
    ("no number", as_it_is('{"order": NaN, "refill": NaN}'), UNKNOWN),
    ("a number without end", as_it_is('{"order": %s, "refill": 1e999}' % ("9" * 5_000)), UNKNOWN),
    ("nested without end", as_it_is("[" * 200_000), UNKNOWN),
)


# In words that no list knows, a refusal of what buys is not certain; a refill or a cancel costs nothing.
UNLISTED: Final = ("Neutral words that were not foreseen", "Hubungi admin", "Operation rejected")


@pytest.fixture
def plain(httpserver: HTTPServer) -> PlainPanel:
    return PlainPanel(httpserver)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.action)
@pytest.mark.parametrize(("reply", "outcome"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_each_row_of_the_table(plain: PlainPanel, call: Call, reply: Callable[[Call], Response], outcome: str) -> None:
    provider = plain.make_provider(dialect=call.dialect)
    row = call.queue(provider)
    plain.answers[call.action] = reply(call)

    submission_services.send_due(provider, kinds=[call.kind])

    row.refresh_from_db()
    wanted = {PLACED: call.state, REFUSED: call.refused}
    assert row.status == wanted.get(outcome, outcome)
    assert plain.actions().count(call.action) == 1
    attempt = row.attempts.get()
    assert attempt.finished_at is not None
    assert KEY not in f"{row.error}{attempt.detail}{attempt.excerpt}{attempt.payload}"
    if outcome == PLACED:
        assert row.external_id in {"99", None} if call.kind is CANCELLATIONS else row.external_id == "99"
    else:
        assert row.external_id is None
    if outcome == UNKNOWN:
        submission_services.send_due(provider, kinds=[call.kind])
        assert plain.actions().count(call.action) == 1, "what is not certain is never sent again by itself"


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.action)
@pytest.mark.parametrize("words", UNLISTED)
@pytest.mark.parametrize("status", [200, 400, 403, 422])
def test_a_refusal_in_unlisted_words(plain: PlainPanel, call: Call, words: str, status: int) -> None:
    provider = plain.make_provider(dialect=call.dialect)
    row = call.queue(provider)
    plain.answers[call.action] = say({"error": words}, status)

    submission_services.send_due(provider, kinds=[call.kind])

    row.refresh_from_db()
    assert row.status == (UNKNOWN if call.kind in (ORDERS, PRODUCT_ORDERS) else call.refused)
    assert words in row.error


# --- The sandbox, with every fault it knows ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RequestCase:
    """A way in which one sandbox panel takes a request after the sale: one id a call, or several."""

    slug: str
    kind: CallType
    action: str
    rows: int

    @property
    def state(self) -> str:
        """What a request is that was taken."""
        return "accepted" if self.kind is CANCELLATIONS else "pending"


REQUEST_CASES: Final = (
    RequestCase("smpanelim", REFILLS, "refill", 1),
    RequestCase("servsmm", REFILLS, "multi_refill", 3),
    RequestCase("smmprovider", CANCELLATIONS, "cancel", 3),
)


def ask_for(box: Sandbox, provider: Provider, case: RequestCase) -> list[Any]:
    """Queued requests for orders that the panel would take them for."""
    if case.kind is REFILLS:
        return [Refill.objects.create(order=order) for order in make_completed(box, provider, case.rows)]
    panel = box.panel(case.slug)
    panel.balance = 1_000_000
    offered = pick_service(panel, cancel=True)
    service = list_service(provider, offered)
    return [
        Cancellation.objects.create(
            order=Order.objects.create(provider=provider, service=service, external_id=one, status="pending")
        )
        for one in place_directly(panel, offered, case.rows)
    ]


# What is still a yes here: an id is not needed, and a list of one is as good as what is in it.
TAKEN: Final = {Fault.id_as_string, Fault.byte_order_mark, Fault.extra_ids}
TAKEN_ALONE: Final = {Fault.missing_ids, Fault.wrong_container}
# A refill or a cancel of zero reads as "no": that a panel means "yes" by it is not survived, and no document says so.
ZERO: Final = Fault.id_zero
AFTER_THE_SALE: Final = [
    fault for fault in Fault if (not fault.actions or "refill" in fault.actions) and fault is not Fault.poison_id
]


def expected(fault: Fault, case: RequestCase) -> str:
    if fault in TAKEN or (case.rows == 1 and fault in TAKEN_ALONE):
        return case.state
    if fault in REJECTED or fault is ZERO:
        return "refused"
    return "queued" if fault in RATE_LIMITED or fault in PAUSES else "unconfirmed"


@pytest.mark.usefixtures("_quick_wire")
@pytest.mark.parametrize("case", REQUEST_CASES, ids=lambda case: case.action)
@pytest.mark.parametrize("fault", AFTER_THE_SALE, ids=str)
def test_every_fault_after_the_sale(box: Sandbox, case: RequestCase, fault: Fault) -> None:
    provider, panel = join(box, case.slug), box.panel(case.slug)
    rows = ask_for(box, provider, case)
    action = str(case.kind.pick_action(provider.speaks, 1))
    panel.misbehave(fault, action=action, times=1, seconds=2.0)

    submission_services.send_due(provider, kinds=[case.kind])

    for row in rows:
        row.refresh_from_db()
    wanted = [expected(fault, case)] * len(rows)
    if fault is Fault.missing_ids and len(rows) > 1:
        # Every other one was left out, and only for those it is not known.
        wanted = ["unconfirmed" if place % 2 else case.state for place in range(len(rows))]
    assert [row.status for row in rows] == wanted
    assert len(calls_of(panel, action)) == 1
    assert all(panel.key not in f"{row.error}{row.attempts.get().excerpt}" for row in rows)
    check_books(box, case, rows, fault)
    if "unconfirmed" in wanted:
        submission_services.send_due(provider, kinds=[case.kind])
        assert len(calls_of(panel, action)) == 1, "what is not certain is never sent again by itself"


def check_books(box: Sandbox, case: RequestCase, rows: list[Any], fault: Fault) -> None:
    """What the panel took is placed or unconfirmed here, and what is placed here it took, under this id."""
    asked = box.ledger.cancels(case.slug) if case.kind is CANCELLATIONS else box.ledger.refills(case.slug)
    accepted = {str(one.order): str(one.id) for one in asked}
    for row in rows:
        was_taken = row.order.external_id in accepted
        if row.status == case.state:
            assert was_taken
            # The reply to a cancel is a flag; a refill's is its id, where one was given.
            if case.kind is REFILLS and row.external_id:
                assert row.external_id == accepted[row.order.external_id]
        elif row.status != "unconfirmed":
            assert not was_taken or fault is ZERO


# --- Where nothing can have been sent ---------------------------------------------------------------------------------


@pytest.fixture
def deaf_port() -> Iterator[int]:
    """Yield a port whose queue of connections is full: who connects waits."""
    with socket.socket() as server, ExitStack() as stack:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _number in range(8):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            with suppress(BlockingIOError):
                waiting.connect(server.getsockname())
        yield server.getsockname()[1]


@pytest.mark.usefixtures("_quick_wire")
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.action)
@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:1/api/v2", "refused the connection"),
        ("http://no-such-host.invalid/api/v2", "leads nowhere"),
        ("http://127.0.0.1:{deaf}/api/v2", "could not be reached"),
        ("https://127.0.0.1:{plain}/api/v2", "No safe connection"),
    ],
    ids=["refused", "unknown host", "no answer to connecting", "no TLS"],
)
def test_what_never_left_is_queued_and_the_breaker_opens(
    plain: PlainPanel, httpserver: HTTPServer, deaf_port: int, call: Call, url: str, words: str
) -> None:
    url = url.format(deaf=deaf_port, plain=httpserver.port)
    provider = plain.make_provider(dialect=call.dialect, api_url=url)
    row = call.queue(provider)

    sent = submission_services.send_due(provider, kinds=[call.kind])

    row.refresh_from_db()
    provider.refresh_from_db()
    assert words in sent.trouble
    assert "nothing was sent" in sent.trouble
    assert (row.status, row.external_id) == ("queued", None)
    assert row.attempts.get().outcome == "not_sent"
    assert provider.breaker_until is not None
    assert plain.calls == []

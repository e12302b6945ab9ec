"""What is written to providers: one ticket each, noted on every order, reminded of, and marked when answered."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import override

from orders.models import Order, OrderEvent, Ticket
from orders.notifications.types import BY_SLUG
from orders.tickets import services
from orders.tickets.services import NotNow, answer_ticket, open_tickets, remind_again, text_of
from panelhub.models import AuditEvent
from tests.helpers.makers import grant, make_order, make_person, make_provider, make_service
from tests.helpers.pages import log_in, messages_of
from tests.helpers.pages import text_of as page_of

pytestmark = pytest.mark.django_db

WRITER = ("orders.view_order", "orders.change_order")
TOKEN = uuid.UUID(int=7)


@pytest.fixture
def mira() -> User:
    return make_person(*WRITER)


def slow(name: str, *ids: str) -> list[Order]:
    service = make_service(make_provider(name=name))
    return [make_order(service, external_id=one) for one in ids]


def write(mira: User, **changes: Any) -> list[Ticket]:
    plain: dict[str, Any] = {"kind": "speed_up", "by": mira, "form_token": TOKEN}
    return open_tickets(Order.objects.all(), **(plain | changes))


def test_twelve_orders_at_two_providers_are_two_texts(mira: User) -> None:
    slow("North", *(str(number) for number in range(101, 109)))
    slow("South", "7", "8", "9", "10")

    first, second = write(mira)

    ids = list(first.orders.order_by("pk").values_list("external_id", flat=True))
    assert text_of(first.kind, [str(one) for one in ids]) == "101,102,103,104,105,106,107,108 Speed up"
    assert (first.orders.count(), second.orders.count()) == (8, 4)
    notes = OrderEvent.objects.filter(kind="note", actor=mira)
    assert notes.count() == 12
    assert f"Speed up (ticket #{first.pk})" in notes.order_by("pk")[0].words
    assert AuditEvent.objects.filter(action="ticket.opened").count() == 2


def test_the_text_is_english_whatever_the_reader_speaks() -> None:
    with override("vi"):
        assert text_of("cancel", ["1", "2"]) == "1,2 Cancel"


def test_the_same_form_opens_them_once(mira: User) -> None:
    slow("North", "1")

    assert write(mira) == write(mira)
    assert write(mira, form_token=uuid.UUID(int=8)) != write(mira)


def test_orders_without_an_id_are_left_out(mira: User) -> None:
    make_order()
    with pytest.raises(NotNow, match="None of these"):
        write(mira)


def test_too_many_are_refused(mira: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_ORDERS", 1)
    slow("North", "1", "2")

    with pytest.raises(NotNow, match="at most 1"):
        write(mira)
    assert not Ticket.objects.exists()


def test_an_answer_is_noted_once(mira: User) -> None:
    slow("North", "1", "2")
    (ticket,) = write(mira)

    answer_ticket(ticket, by=mira, answer="Done within a day")

    ticket.refresh_from_db()
    assert (ticket.answered_by, ticket.answer) == (mira, "Done within a day")
    words = f"Ticket #{ticket.pk} was answered: Done within a day"
    assert OrderEvent.objects.filter(words=words).count() == 2
    for step in (answer_ticket, lambda ticket, by: remind_again(ticket, days=2, by=by)):
        with pytest.raises(NotNow, match="already answered"):
            step(ticket, by=mira)


def test_its_author_is_reminded_until_it_is_answered(mira: User) -> None:
    slow("North", "1")
    (ticket,) = write(mira)
    kind = BY_SLUG["ticket_due"]
    assert list(kind.find(timezone.now())) == []
    Ticket.objects.update(remind_at=timezone.now())

    (finding,) = kind.find(timezone.now())

    assert finding.params["reader"] == mira.pk
    assert kind.describe(finding.params) == f"Ticket #{ticket.pk} at North has no answer yet."
    assert kind.address(finding.params) == f"/orders/tickets/{ticket.pk}/"
    answer_ticket(ticket, by=mira)
    assert list(kind.find(timezone.now())) == []


def test_from_the_list_to_the_text(mira: User) -> None:
    orders = [*slow("North", "101", "102"), *slow("South", "7")]
    browser = log_in(mira)
    assert 'formaction="/orders/tickets/new/"' in page_of(browser.get("/orders/"))
    chosen = {"ids": [str(order.pk) for order in orders], "filter": ""}

    preview = page_of(browser.post("/orders/tickets/new/", chosen))
    form = {"ids": ",".join(chosen["ids"]), "kind": "speed_up", "remind_days": "2", "step": "create"}
    done = browser.post("/orders/tickets/new/", form, follow=True)

    assert "101,102" in preview
    assert done.redirect_chain[-1][0] == "/orders/tickets/?status=open"
    ticket = Ticket.objects.order_by("pk")[0]
    assert 'data-copy="101,102 Speed up"' in page_of(browser.get(f"/orders/tickets/{ticket.pk}/"))
    browser.post(f"/orders/tickets/{ticket.pk}/answer/", {"answer": "soon"})
    assert "soon" in page_of(browser.get("/orders/tickets/", {"status": "answered"}))
    assert page_of(browser.get("/orders/tickets/", {"status": "open"})).count("data-row") == 1


def test_all_that_a_filter_finds_can_be_written_about(mira: User) -> None:
    slow("North", "1", "2", "3")
    form = {"matching": "1", "filter": "tab=active", "kind": "cancel", "remind_days": "0", "step": "create"}

    log_in(mira).post("/orders/tickets/new/", form)

    ticket = Ticket.objects.get()
    assert (ticket.orders.count(), ticket.remind_at) == (3, None)


def test_nothing_chosen_is_said_and_hidden_orders_are_left_out(mira: User) -> None:
    (hidden,) = slow("North", "1")
    stranger = make_person(*WRITER, sees_all=False)
    grant(stranger, make_provider())
    browser = log_in(stranger)

    none = browser.post("/orders/tickets/new/", {}, follow=True)
    theirs = browser.post("/orders/tickets/new/", {"ids": str(hidden.pk)}, follow=True)

    assert messages_of(none) == ["Select at least one order."]
    assert messages_of(theirs)[-1] == "None of these orders has a provider ID."
    (ticket,) = write(mira)
    assert browser.get(f"/orders/tickets/{ticket.pk}/").status_code == 404

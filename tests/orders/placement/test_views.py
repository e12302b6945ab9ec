"""Ordering in the browser: the form, the review, the click."""

from __future__ import annotations

import re
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.models import HubRules, Order
from orders.order_types import TYPES
from tests.helpers.makers import (
    grant,
    make_order,
    make_provider,
    make_service,
    set_limits,
)
from tests.helpers.pages import log_in, text_of, token_in

pytestmark = pytest.mark.django_db
NEW = reverse("orders:create")
LINK = "https://a.example/p/1"


def fields_of(service: Any, **more: Any) -> dict[str, Any]:
    return {"service": service.pk, "link": LINK, "quantity": "1000"} | more


class TestPlacing:
    def test_service_link_and_quantity_alone_place_an_order(self, as_staff: Any, staff: Any) -> None:
        service = make_service(make_provider(currency="EUR"))

        response = as_staff.post(NEW, fields_of(service))

        order = Order.objects.get()
        assert response.status_code == 302
        assert response["Location"] == reverse("orders:detail", args=[order.pk])
        assert (order.service, order.link, order.quantity, order.status) == (service, LINK, 1000, "queued")
        assert (order.created_by, order.expected_charge, order.currency) == (staff, Decimal("0.9"), "EUR")

    def test_documented_parameters_go_along_under_their_names(self, as_staff: Any) -> None:
        service = make_service(type="custom_comments")

        as_staff.post(NEW, {"service": service.pk, "link": LINK, "comments": "\r\n".join(f"c{n}" for n in range(12))})

        order = Order.objects.get()
        assert order.parameters["comments"].splitlines() == [f"c{n}" for n in range(12)]
        assert order.billed_quantity == 12

    def test_the_client_sets_no_price_and_no_state(self, as_staff: Any) -> None:
        service = make_service()

        as_staff.post(NEW, fields_of(service, expected_charge="0", status="completed", external_id="1", rate="0"))

        order = Order.objects.get()
        assert (order.status, order.external_id, order.expected_charge) == ("queued", None, Decimal("0.9"))
        assert order.parameters == {}

    def test_the_same_form_posted_twice_is_one_order(self, as_staff: Any) -> None:
        service = make_service()
        fields = fields_of(service, form_token=str(uuid.uuid4()))

        first, second = as_staff.post(NEW, fields), as_staff.post(NEW, fields)

        assert Order.objects.count() == 1
        assert first["Location"] == second["Location"]

    def test_a_broken_token_does_not_stop_anybody(self, as_staff: Any) -> None:
        as_staff.post(NEW, fields_of(make_service(), form_token="x"))

        assert Order.objects.count() == 1

    def test_an_undo_pause_delays_the_sending(self, as_staff: Any) -> None:
        HubRules.objects.create(pk=1, undo_seconds=8)
        before = timezone.now()

        response = as_staff.post(NEW, fields_of(make_service()), follow=True)

        order = Order.objects.get()
        assert order.not_before is not None
        assert 5 < (order.not_before - before).total_seconds() < 12
        assert "Undo it now at no cost" in text_of(response)

    def test_it_needs_the_permission(self, viewer: Any, client: Any) -> None:
        service = make_service()

        assert log_in(viewer).post(NEW, fields_of(service)).status_code == 403
        assert log_in(viewer).get(NEW).status_code == 403
        assert client.post(NEW, fields_of(service)).status_code == 302
        assert not Order.objects.exists()

    def test_a_provider_one_is_not_granted_cannot_be_ordered_from(self, staff: Any, as_staff: Any) -> None:
        service = make_service()
        grant(staff, make_provider())

        assert as_staff.post(NEW, fields_of(service)).status_code == 422
        assert not Order.objects.exists()


class TestFaults:
    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"quantity": "9"}, "9 is below the minimum of 10."),
            ({"quantity": "10001"}, "10001 is above the maximum of 10000."),
            ({"quantity": ""}, "This field is required."),
            ({"quantity": "many"}, "Enter a whole number."),
            ({"link": ""}, "This field is required."),
            ({"link": "javascript:alert(1)"}, "Enter an http or https link, or a username"),
        ],
    )
    def test_each_is_a_sentence_at_its_field_and_nothing_typed_is_lost(
        self, as_staff: Any, fields: dict[str, str], sentence: str
    ) -> None:
        service = make_service()
        typed = fields_of(service, note="for Ada", client_label="North") | fields

        response = as_staff.post(NEW, typed)

        page = text_of(response)
        (name,) = fields
        box = re.search(rf'id="id_{name}_box">.*?id="id_{name}_error">.*?</ul>', page, re.DOTALL)
        assert response.status_code == 422
        assert not Order.objects.exists()
        assert box
        assert sentence in box[0]
        assert "for Ada" in page
        assert 'value="North"' in page
        assert fields[name] in page

    def test_a_service_that_vanished_says_so_and_keeps_link_and_quantity(self, as_staff: Any) -> None:
        service = make_service()
        typed = fields_of(service)
        service.delete()
        other = make_service()

        response = as_staff.post(NEW, typed)

        page = text_of(response)
        assert response.status_code == 422
        assert "This service is no longer available. Choose another; your link and quantity are kept" in page
        assert f"?service={other.pk}&amp;link=https%3A%2F%2Fa.example%2Fp%2F1&amp;quantity=1000" in page

    def test_a_service_closed_while_the_form_was_open_says_so(self, as_staff: Any) -> None:
        service = make_service(is_available=False)

        response = as_staff.post(NEW, fields_of(service))

        assert response.status_code == 422
        assert "no longer listed" in text_of(response)
        assert LINK in text_of(response)

    @pytest.mark.parametrize("key", ["", "0", "x", "-1", "9" * 30, "١"])
    def test_a_service_that_never_was_shows_the_search(self, as_staff: Any, key: str) -> None:
        response = as_staff.post(NEW, {"service": key, "link": LINK, "quantity": "10"})

        assert response.status_code == 422
        assert "Choose a service" in text_of(response)

    def test_an_empty_and_an_enormous_list_of_comments(self, as_staff: Any) -> None:
        service = make_service(type="custom_comments")
        plain = {"service": service.pk, "link": LINK}

        empty = as_staff.post(NEW, {**plain, "comments": " \r\n \r\n"})
        enormous = as_staff.post(NEW, {**plain, "comments": "a comment\r\n" * 30_000})

        assert "Enter at least one line." in text_of(empty)
        assert enormous.status_code == 422
        assert "a comment" in text_of(enormous)
        assert not Order.objects.exists()

    def test_a_type_no_one_knows_needs_the_permission_for_raw_parameters(self, as_staff: Any, as_manager: Any) -> None:
        service = make_service(type="moon_landing", type_label="Moon Landing")
        typed = {"service": service.pk, "raw": "link=https://a.example\nflag=1"}

        refused, placed = as_staff.post(NEW, typed), as_manager.post(NEW, typed)

        assert refused.status_code == 422
        assert "Moon Landing" in text_of(refused)
        assert placed.status_code == 302
        assert Order.objects.get().parameters["flag"] == "1"

    def test_a_day_that_is_spent_says_what_is_left(self, staff: Any, as_staff: Any) -> None:
        set_limits(staff, daily_limit=Decimal("0.5"))

        response = as_staff.post(NEW, fields_of(make_service()))

        assert response.status_code == 422
        assert "spending limit" in text_of(response)


class TestTheSameLinkAgain:
    def test_it_is_confirmed_and_placed_with_a_tick(self, as_staff: Any) -> None:
        service = make_service()
        first = make_order(service, link=LINK)
        typed = fields_of(service)

        warned = as_staff.post(NEW, typed)
        assert warned.status_code == 422
        assert f"#{first.pk}" in text_of(warned)
        assert 'name="confirm_duplicate"' in text_of(warned)
        assert Order.objects.count() == 1

        assert as_staff.post(NEW, {**typed, "confirm_duplicate": "1"}).status_code == 302
        assert Order.objects.count() == 2

    def test_the_review_warns_of_one_that_ended_today(self, as_staff: Any) -> None:
        service = make_service()
        make_order(service, link=LINK, status="completed")

        assert "This link already has order" in text_of(as_staff.post(NEW, fields_of(service, step="review")))


class TestReview:
    def test_it_shows_charge_and_balance_and_places_nothing(self, as_staff: Any) -> None:
        service = make_service(make_provider(balance=Decimal("10.5")))

        response = as_staff.post(NEW, fields_of(service, step="review"))

        page = text_of(response)
        assert response.status_code == 200
        assert not Order.objects.exists()
        for shown in ("Place order", LINK, "0.90", "10.50", "9.60"):
            assert shown in page

    def test_its_own_fields_place_the_order_reviewed(self, as_staff: Any) -> None:
        service = make_service(type="custom_comments", min_quantity=1)
        typed = {"service": service.pk, "link": LINK, "comments": "one\r\ntwo", "note": "for Ada", "step": "review"}
        page = text_of(as_staff.post(NEW, typed))
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page, re.DOTALL))
        hidden.pop("csrfmiddlewaretoken", None)

        response = as_staff.post(NEW, hidden)

        order = Order.objects.get()
        assert response.status_code == 302
        assert (order.parameters["comments"], order.note) == ("one\ntwo", "for Ada")
        # Kept under a token that is this person's alone; the same form is the same order.
        assert str(order.form_token) != token_in(page)
        assert as_staff.post(NEW, hidden)["Location"] == response["Location"]

    def test_a_price_that_moved_in_between_is_shown_before_anything_is_bought(self, as_staff: Any) -> None:
        service = make_service()
        typed = fields_of(service, seen_rate="0.5")

        response = as_staff.post(NEW, typed)

        assert not Order.objects.exists()
        assert "The price changed" in text_of(response)
        assert as_staff.post(NEW, fields_of(service, seen_rate="0.9000")).status_code == 302

    def test_back_to_the_form_with_all_that_was_typed(self, as_staff: Any) -> None:
        service = make_service()

        response = as_staff.post(NEW, fields_of(service, note="for Ada", step="edit"))

        assert response.status_code == 200
        assert "errors" not in text_of(response)
        assert LINK in text_of(response)
        assert "for Ada" in text_of(response)

    def test_faults_come_before_the_review(self, as_staff: Any) -> None:
        response = as_staff.post(NEW, fields_of(make_service(), quantity="1", step="review"))

        assert response.status_code == 422
        assert "below the minimum" in text_of(response)

    def test_a_balance_that_does_not_do_is_reported(self, as_staff: Any) -> None:
        service = make_service(make_provider(balance=Decimal("0.1")))

        assert "The balance is too low" in text_of(as_staff.post(NEW, fields_of(service, step="review")))


class TestForm:
    @pytest.mark.parametrize("slug", sorted({known.slug for known in TYPES.values()}))
    def test_it_asks_for_what_the_type_needs(self, as_staff: Any, slug: str) -> None:
        service = make_service(type=slug)

        page = text_of(as_staff.get(NEW, {"service": service.pk}))

        for parameter in TYPES[slug].parameters:
            assert f'name="{parameter.name}"' in page

    def test_drip_feed_is_requested_where_the_document_has_it(self, as_staff: Any) -> None:
        with_it = make_service(make_provider("smmplus"))
        without = make_service(make_provider("smmvna"))

        assert 'name="runs"' in text_of(as_staff.get(NEW, {"service": with_it.pk}))
        assert 'name="runs"' not in text_of(as_staff.get(NEW, {"service": without.pk}))

    def test_limits_are_shown(self, as_staff: Any) -> None:
        page = text_of(as_staff.get(NEW, {"service": make_service(max_quantity=250_000).pk}))

        assert "From 10 to 250,000." in page

    def test_repeating_an_order_fills_the_form(self, as_staff: Any) -> None:
        order = make_order(parameters={"runs": "3", "interval": "60"}, note="again")

        page = text_of(as_staff.get(NEW, {"repeat": order.pk}))

        assert order.link in page
        assert 'value="1000"' in page
        assert f'name="repeat_of" value="{order.pk}"' in page
        as_staff.post(NEW, fields_of(order.service, repeat_of=order.pk, link="https://b.example"))
        assert Order.objects.latest("id").repeat_of == order

    def test_it_holds_no_key_of_the_provider(self, as_staff: Any) -> None:
        service = make_service(make_provider(api_key="very-secret-key-0123"))

        page = text_of(as_staff.get(NEW, {"service": service.pk}))
        assert service.name in page
        assert "very-secret" not in page

    def test_pages_take_few_statements(self, as_staff: Any, django_assert_max_num_queries: Any) -> None:
        service = make_service()
        # A process looks once whether its database has an index of words.
        as_staff.get(NEW, {"q": "service"})

        with django_assert_max_num_queries(8):
            as_staff.get(NEW, {"service": service.pk})
        # One of them looks for routes.
        with django_assert_max_num_queries(9):
            as_staff.get(NEW, {"q": "service"})

"""The same lines uploaded again need a confirmation."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.auth.models import User

from orders.mass import queries
from orders.mass import services as mass_services
from orders.models import MassLine, MassOrder, Order
from providers.models import Service
from tests.helpers.makers import (
    make_person,
)
from tests.helpers.mass_orders import place, upload, upload_file

pytestmark = pytest.mark.django_db
Status = MassOrder.Status
LINK = "https://example.com/p/"


class TestUploadAgain:
    def test_the_same_lines_are_recognised(self, buyer: User, service: Service) -> None:
        first = upload(buyer, f"12|{LINK}1|100\n12|{LINK}2|100")
        again = upload_file(buyer, f"quantity,service,link\n100,12,{LINK}1\n100,12,{LINK}2\n")

        assert queries.twin_of(again) == first
        assert queries.twin_of(upload(buyer, f"12|{LINK}1|100")) is None

    def test_need_a_word_when_they_were_ordered_already(self, buyer: User, service: Service) -> None:
        first = place(upload(buyer, f"12|{LINK}1|100"), buyer)
        again = upload(buyer, f"12|{LINK}1|100")

        with pytest.raises(mass_services.NotNow, match=f"mass order #{first.pk}"):
            mass_services.start_placing(again, by=buyer, with_warnings=True)
        place(again, buyer, with_warnings=True, despite_twin=True)

        assert Order.objects.count() == 2

    @pytest.mark.parametrize("is_paused", [False, True])
    def test_need_a_word_while_the_first_are_only_begun(self, buyer: User, service: Service, is_paused: bool) -> None:
        first, again = upload(buyer, f"12|{LINK}1|100"), upload(buyer, f"12|{LINK}1|100")
        mass_services.start_placing(first, by=buyer)
        if is_paused:
            mass_services.pause(first, by=buyer)

        with pytest.raises(mass_services.NotNow, match=f"mass order #{first.pk}"):
            mass_services.start_placing(again, by=make_person("orders.add_order"), with_warnings=True)

        again.refresh_from_db()
        assert again.status == Status.READY

    def test_the_same_form_sent_twice_is_kept_once(self, buyer: User, service: Service) -> None:
        token = uuid.uuid4()

        one, two = (upload(buyer, f"12|{LINK}1|100", form_token=token) for _click in range(2))

        assert one == two
        assert MassLine.objects.count() == 1

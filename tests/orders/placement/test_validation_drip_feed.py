"""Drip-feeds: offered where documented, billed for all runs, refused elsewhere."""

from __future__ import annotations

import pytest

from orders.placement.service_rules import may_dripfeed, parameters_of, why_no_dripfeed
from orders.placement.validation import check_order
from tests.helpers.makers import make_provider, make_service
from tests.helpers.validation import faults, service_of

pytestmark = pytest.mark.django_db
LINK = "https://example.com/post/1"


class TestDripFeed:
    """``runs`` and ``interval``: where the document or the catalogue states them, and no catalogue denies them."""

    @pytest.mark.parametrize(
        ("dialect", "flag", "offered"),
        [
            ("smmplus", None, True),
            ("smmplus", True, True),
            ("smmplus", False, False),
            ("smpanelim", None, True),
            ("servsmm", True, True),
            ("servsmm", None, False),
            ("smmprovider", None, False),
            ("smmvna", None, False),
            ("smmvna", True, True),
            ("standard", True, True),
            ("standard", False, False),
            ("standard", None, False),
        ],
    )
    def test_is_offered_where_documented(self, dialect: str, flag: bool | None, offered: bool) -> None:
        service = make_service(make_provider(dialect), dripfeed=flag)

        assert may_dripfeed(service) is offered
        assert {"runs", "interval"} <= {parameter.name for parameter in parameters_of(service) or ()} or not offered
        assert bool(why_no_dripfeed(service)) is not offered

    def test_multiplies_the_quantity_that_is_billed_but_not_the_one_that_is_sent(self) -> None:
        checked = check_order(service_of("default"), {"link": LINK, "quantity": "50", "runs": "4", "interval": "30"})

        assert (checked.quantity, checked.parameters) == (50, {"runs": "4", "interval": "30"})
        assert checked.price.billed_quantity == 200

    @pytest.mark.parametrize(
        ("typed", "missing"), [({"runs": "4"}, "interval"), ({"interval": "30"}, "runs"), ({"runs": "x"}, "runs")]
    )
    def test_runs_and_interval_go_together(self, typed: dict[str, str], missing: str) -> None:
        assert list(faults(service_of("default"), {"link": LINK, "quantity": "50"} | typed)) == [missing]

    @pytest.mark.parametrize("slug", ["default", "package"])
    def test_is_refused_and_not_dropped_where_it_is_not_offered(self, slug: str) -> None:
        service = make_service(make_provider("servsmm"), type=slug)

        errors = faults(service, {"link": LINK, "quantity": "50", "runs": "10", "interval": "5"})

        assert set(errors) == {"runs", "interval"}

    def test_that_comes_to_more_than_can_be_counted_is_refused(self) -> None:
        service = service_of("default", max_quantity=None)

        errors = faults(service, {"link": LINK, "quantity": "9" * 15, "runs": "9" * 15, "interval": "1"})

        assert list(errors) == ["runs"]

"""The OpenAPI description, and the endpoint under what a fuzzer makes of it."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error

from orders.api.actions import ACTIONS
from orders.api.docs.openapi import describe, schema_of
from orders.models import ApiCall, Order, ProductOrder
from tests.helpers.makers import make_product, make_service
from tests.orders.api.conftest import make_program, open_product, open_service

pytestmark = pytest.mark.long_on_servers

schemathesis.checks.load_all_checks()
EXAMPLES = 60
CHECKS = [
    not_a_server_error,
    schemathesis.checks.CHECKS.get_one("status_code_conformance"),
    schemathesis.checks.CHECKS.get_one("content_type_conformance"),
    schemathesis.checks.CHECKS.get_one("response_schema_conformance"),
]


def test_every_action_is_described_once_under_its_own_name() -> None:
    reported = describe("https://hub.example")

    schemas = reported["components"]["schemas"]
    assert len(schemas) == len(ACTIONS) + len({"Call", "Error"})
    calls = reported["paths"]["/api/v2"]["post"]["requestBody"]["content"]["application/json"]["schema"]["anyOf"]
    assert {name for call in calls for name in call["properties"]["action"]["enum"]} == {
        name for action in ACTIONS for name in (action.name, *action.other_names)
    }


def refusals_in(schema: Any) -> list[Any]:
    """Return every schema within another that has an ``error``, and so should be a reference instead."""
    found = []
    if isinstance(schema, dict):
        if "error" in schema.get("properties", {}):
            found.append(schema)
        found += [one for part in schema.values() for one in refusals_in(part)]
    elif isinstance(schema, list):
        found += [one for part in schema for one in refusals_in(part)]
    return found


def test_every_refusal_is_a_reference_to_the_one_error_and_no_result_passes_for_it() -> None:
    reported = describe("https://hub.example")
    schemas = reported["components"]["schemas"]
    error = schemas.pop("Error")

    assert refusals_in(reported) == []
    assert error["required"] == ["error"]
    assert error["additionalProperties"] is False
    answers = reported["paths"]["/api/v2"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]["anyOf"]
    assert {"$ref": "#/components/schemas/Error"} in answers
    assert schemas["MultiStatus"]["additionalProperties"]["anyOf"][1] == {"$ref": "#/components/schemas/Error"}
    for name, schema in schemas.items():
        if schema.get("type") == "object" and "additionalProperties" not in schema:
            assert set(schema["required"]), f"{name} would take an error for a result"


def test_the_form_comes_first_and_is_one_flat_object() -> None:
    reported = describe("https://hub.example")

    content = reported["paths"]["/api/v2"]["post"]["requestBody"]["content"]
    assert list(content) == ["application/x-www-form-urlencoded", "application/json"]
    call = reported["components"]["schemas"]["Call"]
    assert content["application/x-www-form-urlencoded"]["schema"] == {"$ref": "#/components/schemas/Call"}
    assert {"key", "action", "service", "link", "orders", "refills"} <= set(call["properties"])
    # What the makers of clients for Go do not read.
    assert reported["openapi"].startswith("3.0.")
    assert "'type': [" not in str(reported)


def test_an_object_by_ids_is_described_as_a_map() -> None:
    assert schema_of({"1": {"status": "x"}}) == {
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "properties": {"status": {"type": "string"}},
            "required": ["status"],
        },
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["valid", "invalid"])
def test_no_call_makes_the_endpoint_fail_or_answer_in_another_shape(mode: GenerationMode) -> None:
    program = make_program("manager", requests_per_minute=1_000_000)
    offered = open_service(make_service(refill=True, cancel=True))
    bought = open_product(make_product(require="Your account"))
    mine = Order.objects.create(
        provider=offered.service.provider,  # type: ignore[union-attr]
        service=offered.service,
        created_by=program.person,
        status="completed",
        external_id="1",
        quantity=100,
    )
    sold = ProductOrder.objects.create(
        provider=bought.product.provider,  # type: ignore[union-attr]
        product=bought.product,
        created_by=program.person,
        status="completed",
    )
    schema = schemathesis.openapi.from_wsgi(
        reverse("api:openapi"), get_wsgi_application(), headers={"Authorization": f"Bearer {program.key}"}
    )
    known = {
        "service": str(offered.pk),
        "product": str(bought.pk),
        "order": str(mine.pk),
        "orders": f"{mine.pk},{sold.pk},x",
        "link": "https://a.example/",
        "quantity": "100",
        "require": "me",
    }

    @given(
        case=schema["/api/v2"]["POST"].as_strategy(generation_mode=mode),
        may_come_in=st.booleans(),
        made_sensible=st.sets(st.sampled_from(sorted(known))),
    )
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    def fuzz(case: Any, *, may_come_in: bool, made_sensible: set[str]) -> None:
        if isinstance(case.body, dict):
            if may_come_in:
                case.body["key"] = program.key
            for name in made_sensible & set(case.body):
                case.body[name] = known[name]
        case.validate_response(case.call(), checks=CHECKS)

    fuzz()

    assert ApiCall.objects.filter(token=program.token).exists()

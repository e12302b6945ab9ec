"""The examples of the documentation, run as they are printed there, in every language that is on this machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from orders.api.actions import ACTIONS, ApiAction
from orders.api.docs.examples import LANGUAGES, parameters_of
from orders.models import Order, ProductOrder, Refill
from orders.roles import ROLES
from tests.helpers.makers import make_product, make_service
from tests.orders.api.conftest import Program, make_program, open_product, open_service

pytestmark = pytest.mark.long_on_servers

PROGRAMS = {"curl": ("curl", "sh"), "python": (sys.executable,), "php": ("php",)}
SECONDS = 60


def run_example(language: str, url: str, parameters: dict[str, str], folder: Path) -> Any:
    """Run an example and read the JSON it prints."""
    text = LANGUAGES[language][1](url, parameters)
    file = folder / f"example.{language}"
    file.write_text(text, encoding="utf-8")
    environment = {**os.environ, "no_proxy": "*", "NO_PROXY": "*"}
    command = [PROGRAMS[language][-1], str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def values_for(program: Program, action: ApiAction) -> dict[str, str]:
    """Return what a reader would put in place of the ids of the examples:
    rows of this program, made for this one call.
    """
    service = make_service(refill=True, cancel=True)
    running, completed = (
        Order.objects.create(
            provider=service.provider,
            service=service,
            created_by=program.person,
            external_id=f"{service.external_id}{number}",
            status=status,
            quantity=100,
        )
        for number, status in enumerate(("in_progress", "completed"))
    )
    refill = Refill.objects.create(
        order=running, created_by=program.person, status="completed", external_id=str(service.pk)
    )
    product = make_product()
    sold = ProductOrder.objects.create(
        provider=product.provider, product=product, created_by=program.person, status="completed", charge=1
    )
    order = completed if action.name == "refill" else sold if "product" in action.name else running
    known = {
        "service": str(open_service(service).pk),
        "product": str(open_product(product).pk),
        "order": str(order.pk),
        "orders": f"{order.pk},999999",
        "refill": str(refill.pk),
        "refills": f"{refill.pk},999999",
        "link": "https://example.com/it's/?a=b&c=$HOME&d=(1)*",
    }
    return {field.name: known[field.name] for field in action.fields if field.example and field.name in known}


def shape(answer: Any) -> Any:
    """Return an answer without its values: the first row of a list, the values of a map by id together."""
    if isinstance(answer, list):
        return [shape(answer[0])] if answer else []
    if isinstance(answer, dict):
        if answer and all(name.isdigit() for name in answer):
            return {"<id>": shape(next(iter(answer.values())))}
        return sorted(answer)
    return type(answer).__name__


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("action", ACTIONS, ids=[action.slug for action in ACTIONS])
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_example_answers_in_the_shape_that_stands_beside_it(
    live_server: Any, tmp_path: Path, language: str, action: ApiAction
) -> None:
    missing = [program for program in PROGRAMS[language] if not shutil.which(program)]
    if missing:
        if os.environ.get("CI"):
            pytest.fail(f"{missing[0]} is missing: the examples were NOT run")
        pytest.skip(f"{missing[0]} is not on this machine: the {language} examples were NOT run")
    program = make_program("manager")
    assert "orders.view_goods" in ROLES["manager"]
    parameters = parameters_of(action, key=program.key, values=values_for(program, action))

    answer = run_example(language, f"{live_server.url}/api/v2", parameters, tmp_path)

    assert "error" not in answer, answer
    reported = action.answer
    if action.slug == "services":
        reported = [{**reported[0]}]
    got, wanted = shape(answer), shape(reported)
    if action.name in {"product_order_status", "result_product"}:
        assert {"charge", "status", "result"} & set(str(got).replace("'", " ").replace("]", " ").split()), got
    else:
        assert got == wanted


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_example_carries_its_values_exactly(language: str) -> None:
    text = LANGUAGES[language][1]("https://hub.example/api/v2", {"link": 'it\'s \\ "x" $y `z`'})

    assert "link" in text
    assert "https://hub.example/api/v2" in text

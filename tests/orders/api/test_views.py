"""The pages of the API: tokens, what is open, markups, the documentation, and who may see which."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders.api.actions import ACTIONS
from orders.api.authentication import hash_token, make_token
from orders.models import ApiToken, Markup, OpenService
from orders.roles import ROLES
from panelhub.models import AuditEvent
from providers.models import Service
from tests.helpers.makers import (
    grant,
    make_person,
    make_product,
    make_provider,
    make_service,
)
from tests.helpers.pages import log_in, text_of
from tests.orders.api.conftest import Program, make_program, open_service

pytestmark = pytest.mark.django_db
TOKENS = reverse("api:tokens")
SHELF = reverse("api:shelf")


def someone(role: str) -> tuple[Any, Client]:
    person = make_person(*ROLES[role])
    return person, log_in(person)


def token_on(response: Any) -> str:
    found = re.search(r'id="new-token">([^<]+)<', text_of(response))
    assert found
    return found[1]


# who may come in


@pytest.mark.parametrize(
    "address",
    [
        reverse("api:docs"),
        TOKENS,
        reverse("api:token", args=[1]),
        reverse("api:switch_token", args=[1]),
        SHELF,
        reverse("api:products"),
        reverse("api:change_shelf", args=["shelf"]),
        reverse("api:open_service", args=[1]),
        reverse("api:markups"),
        reverse("api:openapi"),
    ],
)
def test_every_page_needs_a_login(address: str) -> None:
    for answer in (Client().get(address), Client().post(address)):
        assert answer.status_code in {302, 405}
        if answer.status_code == 302:
            assert answer["Location"].startswith(reverse("login"))


def test_what_a_role_may_not_do_is_refused() -> None:
    offered = open_service()
    _person, viewer = someone("viewer")
    for address in (TOKENS, SHELF, reverse("api:products"), reverse("api:markups")):
        assert viewer.get(address).status_code == 403
    _person, staff = someone("staff")
    assert staff.get(TOKENS).status_code == 200
    assert staff.get(SHELF).status_code == 403
    assert staff.post(reverse("api:change_shelf", args=["shelf"]), {"ids": [1]}).status_code == 403
    assert staff.post(reverse("api:open_service", args=[offered.pk])).status_code == 403
    reader = make_person("orders.view_openservice", "orders.view_markup")
    assert log_in(reader).post(reverse("api:markups")).status_code == 403
    assert log_in(reader).post(reverse("api:open_service", args=[offered.pk])).status_code == 403


# tokens


def test_a_token_is_made_shown_once_and_works() -> None:
    person, client = someone("staff")

    answer = client.post(TOKENS, {"name": "Shop", "requests_per_minute": "60", "allowed_from": "192.0.2.0/24\n::1"})

    key = token_on(answer)
    row = ApiToken.objects.get()
    assert (row.person, row.name, row.token_hash) == (person, "Shop", hash_token(key))
    assert row.addresses == ["192.0.2.0/24", "::1"]
    assert "no-store" in answer["Cache-Control"]
    assert Program(person, row, key, ip="192.0.2.9").call("balance")["currency"] == "USD"
    for page in (client.get(TOKENS), client.get(reverse("api:token", args=[row.pk]))):
        assert key not in text_of(page)
        assert key[-4:] in text_of(page)
    event = AuditEvent.objects.get(action="apitoken.made")
    assert key not in f"{event.summary}{event.data}"


@pytest.mark.parametrize(
    ("fields", "reported"),
    [
        ({"name": ""}, "This field is required"),
        ({"allowed_from": "here"}, "“here” isn’t an IP address"),
        ({"only": "1,x"}, "“x” isn’t a number"),
        ({"only": "4711"}, "Not open: 4711"),
        ({"requests_per_minute": "0"}, "greater than or equal to 1"),
    ],
)
def test_what_makes_no_sense_is_shown_at_its_field(fields: dict[str, str], reported: str) -> None:
    _person, client = someone("staff")

    answer = client.post(TOKENS, {"name": "Shop", "requests_per_minute": "60", **fields})

    assert answer.status_code == 422
    assert reported in text_of(answer)
    assert not ApiToken.objects.exists()


def test_no_one_but_an_administrator_sees_or_makes_tokens_of_others() -> None:
    other = make_program().token
    person, staff = someone("staff")
    assert staff.get(reverse("api:token", args=[other.pk])).status_code == 404
    assert staff.post(reverse("api:switch_token", args=[other.pk])).status_code == 404
    staff.post(TOKENS, {"name": "Mine", "requests_per_minute": "60", "person": other.person_id})
    assert ApiToken.objects.get(name="Mine").person == person

    _administrator, client = someone("administrator")
    assert other.person.get_username() in text_of(client.get(TOKENS))
    client.post(TOKENS, {"name": "Theirs", "requests_per_minute": "60", "person": other.person_id})
    assert ApiToken.objects.get(name="Theirs").person == other.person


def test_a_token_is_changed_switched_off_and_on() -> None:
    person, client = someone("staff")
    token, key = make_token(person, "Shop")
    chosen = open_service()
    page = reverse("api:token", args=[token.pk])

    client.post(page, {"name": "Bot", "requests_per_minute": "5", "only": str(chosen.pk), "refuse_duplicates": "on"})
    token.refresh_from_db()
    assert (token.name, token.requests_per_minute, token.refuse_duplicates) == ("Bot", 5, True)
    assert list(token.services.all()) == [chosen]
    assert str(chosen.pk) in text_of(client.get(page))

    program = Program(person, token, key)
    client.post(reverse("api:switch_token", args=[token.pk]), {"on": "0"})
    assert program.call("balance") == {"error": "Account suspended"}
    client.post(reverse("api:switch_token", args=[token.pk]), {"on": "1"})
    assert "currency" in program.call("balance")
    assert set(AuditEvent.objects.values_list("action", flat=True)) >= {"apitoken.changed", "apitoken.switched"}


def test_the_last_calls_are_on_the_tokens_page(program: Program) -> None:
    program.call("status", order="<b>1</b>")
    program.call("balance")

    page = text_of(log_in(program.person).get(reverse("api:token", args=[program.token.pk])))

    assert "Incorrect order ID" in page
    assert "192.0.2.1" in page
    assert "&lt;b&gt;" not in page, "what a call carried is not kept"


# what is open


def test_chosen_services_are_opened_and_closed_and_keep_their_numbers() -> None:
    _person, client = someone("manager")
    one, two = make_service(), make_service()
    change = reverse("api:change_shelf", args=["shelf"])

    client.post(change, {"ids": [one.pk, two.pk], "action": "open"})
    numbers = dict(OpenService.objects.values_list("service_id", "pk"))
    client.post(change, {"ids": [one.pk], "action": "close"})
    assert list(OpenService.objects.filter(is_open=True).values_list("service_id", flat=True)) == [two.pk]
    client.post(change, {"ids": [one.pk], "action": "open"})

    assert dict(OpenService.objects.values_list("service_id", "pk")) == numbers
    assert not OpenService.objects.filter(is_open=False).exists()
    page = text_of(client.get(SHELF))
    assert f'href="{reverse("api:open_service", args=[numbers[one.pk]])}"' in page


def test_all_of_a_category_are_opened_at_once() -> None:
    _person, client = someone("manager")
    provider = make_provider()
    wanted = [make_service(provider, category="Views & more") for _ in range(60)]
    make_service(provider, category="Likes")
    listed = client.get(SHELF, {"category": "Views & more"})
    assert "60 found" in text_of(listed)

    answer = client.post(
        reverse("api:change_shelf", args=["shelf"]),
        {"matching": "1", "action": "open", "filter": "category=Views+%26+more"},
    )

    assert set(OpenService.objects.values_list("service_id", flat=True)) == {service.pk for service in wanted}
    assert "category=Views" in answer["Location"]
    assert "60 found" in text_of(client.get(SHELF, {"open": "1"}))


def test_opening_takes_a_few_statements_for_hundreds() -> None:
    _person, client = someone("manager")
    provider = make_provider()

    def open_matching(word: str, count: int) -> int:
        Service.objects.bulk_create(
            [
                Service(provider=provider, external_id=f"{word}{n}", name=word, rate=1, category=word)
                for n in range(count)
            ]
        )
        with CaptureQueriesContext(connection) as captured:
            client.post(
                reverse("api:change_shelf", args=["shelf"]),
                {"matching": "1", "action": "open", "filter": f"category={word}"},
            )
        assert OpenService.objects.filter(service__category=word).count() == count
        return len(captured)

    # SQLite takes a thousand values a statement: more rows are a few more statements, not one each.
    assert open_matching("many", 500) <= open_matching("few", 2) + 10


def test_no_one_opens_what_is_at_a_provider_they_do_not_see() -> None:
    person, client = someone("manager")
    mine, hidden = make_service(), make_service()
    grant(person, mine.provider)
    offered = open_service(hidden)

    client.post(reverse("api:change_shelf", args=["shelf"]), {"ids": [mine.pk, hidden.pk], "action": "close"})
    client.post(reverse("api:change_shelf", args=["shelf"]), {"matching": "1", "action": "close"})

    offered.refresh_from_db()
    assert offered.is_open
    assert hidden.name not in text_of(client.get(SHELF))
    assert client.get(reverse("api:open_service", args=[offered.pk])).status_code == 404


def test_products_are_opened_too() -> None:
    _person, client = someone("manager")
    product = make_product(name="Premium")

    client.post(
        reverse("api:change_shelf", args=["products"]), {"matching": "1", "action": "open", "filter": "q=premi"}
    )

    assert OpenService.objects.get().product == product
    assert "Premium" in text_of(client.get(reverse("api:products"), {"q": "premium"}))


def test_the_list_takes_the_same_statements_for_few_and_many() -> None:
    _person, client = someone("manager")
    provider = make_provider()

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(SHELF).status_code == 200
        return len(captured)

    open_service(make_service(provider))
    statements()
    before = statements()
    for _ in range(20):
        open_service(make_service(provider))

    assert statements() == before


def test_a_thing_gets_its_own_name_and_markup() -> None:
    _person, client = someone("manager")
    offered = open_service(make_service(rate=Decimal(1)))
    page = reverse("api:open_service", args=[offered.pk])

    refused = client.post(page, {"is_open": "on", "share": "-101"})
    client.post(page, {"is_open": "on", "name": "Best views", "share": "25", "addition": "0.5"})

    assert refused.status_code == 422
    offered.refresh_from_db()
    assert (offered.name, offered.share, offered.addition) == ("Best views", Decimal(25), Decimal("0.5"))
    assert "1.75" in text_of(client.get(SHELF))
    assert client.get(page).status_code == 200


def test_markups_of_all_providers_are_set_on_one_page() -> None:
    _person, client = someone("manager")
    one, two = make_provider(), make_provider()
    page = reverse("api:markups")
    fields = {f"{name}_{provider.pk}": "0" for name in ("share", "addition") for provider in (one, two)}

    wrong = client.post(page, {**fields, f"share_{one.pk}": "much"})
    client.post(page, {**fields, f"share_{one.pk}": "12.5", f"addition_{one.pk}": "0.01"})

    assert wrong.status_code == 422
    markup = Markup.objects.get()
    assert (markup.provider, markup.share, markup.addition) == (one, Decimal("12.5"), Decimal("0.01"))
    assert 'value="12.5"' in text_of(client.get(page))
    assert AuditEvent.objects.filter(action="markup.changed").count() == 1


# documentation


def test_the_documentation_shows_every_action_with_its_parameters_and_examples() -> None:
    _person, client = someone("viewer")

    page = text_of(client.get(reverse("api:docs")))

    for action in ACTIONS:
        assert f'id="{action.slug}"' in page
        for name in (action.name, *action.other_names, *(field.name for field in action.fields)):
            assert name in page
    assert page.count('data-example="curl"') == page.count('data-example="php"') == len(ACTIONS)
    assert "http://testserver/api/v2" in page
    assert " style=" not in page
    assert " onclick" not in page


def test_the_navigation_leads_to_it() -> None:
    _person, client = someone("viewer")

    assert reverse("api:docs") in text_of(client.get(reverse("orders:list")))


def test_the_description_is_for_who_is_logged_in_or_has_a_token(program: Program) -> None:
    address = reverse("api:openapi")
    _person, client = someone("viewer")

    assert client.get(address).json()["openapi"].startswith("3.0")
    assert Client().get(address, headers={"Authorization": f"Bearer {program.key}"}).status_code == 200
    assert Client().get(address, headers={"Authorization": "Bearer nonsense"}).status_code == 401


# administration


def test_administration_shows_no_token_and_makes_none(admin_client: Client, program: Program) -> None:
    page = admin_client.get(reverse("admin:orders_apitoken_change", args=[program.token.pk]))

    assert page.status_code == 200
    assert program.token.token_hash not in text_of(page)
    assert admin_client.get(reverse("admin:orders_apitoken_add")).status_code == 403
    for name in ("openservice", "markup"):
        assert admin_client.get(reverse(f"admin:orders_{name}_changelist")).status_code == 200
        assert admin_client.get(reverse(f"admin:orders_{name}_add")).status_code == 200

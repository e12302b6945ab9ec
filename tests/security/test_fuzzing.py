"""Whatever is sent, no page crashes: every form, every search, every upload, and the endpoint for programs.

A short run is part of the suite; `PANELHUB_FUZZ=500` tries so many for each address.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders.api.actions import BY_NAME
from orders.api.authentication import make_token
from tests.security.matrix import ADMIN, PAGES
from tests.security.world import SUPERUSER, World, body_of, fill, undone

pytestmark = pytest.mark.long

EXAMPLES = int(os.environ.get("PANELHUB_FUZZ", "0")) or 8
# Names that some form, filter or action of the hub reads.
NAMES = (
    *("service", "product", "provider", "quantity", "link", "require", "note", "client_label", "token", "step"),
    *("confirm", "ids", "matching", "filter", "action", "way", "reason", "external_id", "next", "kind", "amount"),
    *("currency", "at", "text", "name", "query", "on", "paste", "file", "lines", "code", "username", "password"),
    *("language", "comments", "usernames", "runs", "interval", "delay", "expiry", "parameters", "raw", "answer_number"),
    *("q", "tab", "sort", "after", "before", "status", "person", "since", "until", "from", "to", "rows", "page"),
    *(
        "category",
        "type",
        "platform",
        "rate",
        "price",
        "show",
        "open",
        "columns",
        "repeat",
        "month",
        "day",
        "form_token",
    ),
    *("new_key", "api_url", "dialect", "overrides", "_selected_action", "share_1", "addition_1", "addresses", "star"),
)
NASTY = (
    *(
        b"\x00",
        b"a\x00b",
        b"\xff\xfe",
        b"\xed\xa0\x80",
        "\u202e\u2066".encode(),
        "１２３".encode(),
        b"0",
        b"-1",
        b"1e400",
    ),
    *(
        b"9" * 30,
        b"9" * 5_000,
        b"9223372036854775808",
        b"NaN",
        b"Infinity",
        b"-0",
        b"1.",
        b"0x10",
        b"%",
        b"_",
        b"' OR 1=1",
    ),
    *(
        b'" * NEAR',
        b"=1+1",
        b"<script>",
        b"{{7*7}}",
        b"javascript:1",
        b"//evil",
        b"http://[::1",
        b"https://a@b/",
        b"[]",
    ),
    *(
        b"{}",
        b"null",
        b"[" * 2_000,
        b"true",
        b"2026-02-30",
        b"0000-00-00",
        b"10000-01-01",
        b"2026-13",
        b"a" * 100_000,
        b"\r\nX: y",
    ),
)
VALUES = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.binary(max_size=30),
)
PAIRS = st.lists(
    st.tuples(st.one_of(st.sampled_from(NAMES).map(str.encode), st.binary(max_size=8)), VALUES), max_size=8
)


def encode(pairs: Any) -> str:
    """Return pairs of bytes as a form or a query is written."""
    return "&".join(f"{quote_from_bytes(name)}={quote_from_bytes(value)}" for name, value in pairs)


BODIES = PAIRS.map(encode)


@pytest.fixture
def world(db: None) -> World:
    return fill()


def try_many(strategy: Any, attempt: Any) -> None:
    """Call ``attempt`` with many values of ``strategy``; what it did to the database is undone each time."""

    @settings(max_examples=EXAMPLES, database=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def run(value: Any) -> None:
        with undone():
            answer = attempt(value)
            body_of(answer)
        assert answer.status_code < 500, answer.status_code

    run()


def address_of(world: World, name: str) -> str:
    rule = PAGES[name]
    return reverse(name, kwargs={**rule.kwargs, **({"pk": world.pk_of(rule.row, SUPERUSER)} if rule.row else {})})


@pytest.mark.parametrize("name", sorted(name for name, rule in PAGES.items() if rule.post))
def test_no_form_crashes_a_page(world: World, name: str) -> None:
    address, kind = address_of(world, name), "application/x-www-form-urlencoded"
    keys = {row: str(found.pk).encode() for row, found in world.rows.items()}
    # Half of them about a thing that is there, so that what is asked further on is reached.
    things = st.fixed_dictionaries(
        {}, optional={name.encode(): st.just(keys[name]) for name in ("service", "product", "provider")}
    )
    bodies = st.tuples(things, PAIRS).map(lambda drawn: encode([*drawn[0].items(), *drawn[1]]))

    try_many(bodies, lambda body: world.browser(SUPERUSER).post(address, body, content_type=kind))


@pytest.mark.parametrize("name", sorted(name for name, rule in PAGES.items() if rule.get and name != "healthz"))
def test_no_search_crashes_a_page(world: World, name: str) -> None:
    address = address_of(world, name)
    hx = st.booleans()

    def look(drawn: Any) -> Any:
        headers = {"HX-Request": "true"} if drawn[0] else {}
        return world.browser(SUPERUSER).get(f"{address}?{drawn[1]}", headers=headers)

    try_many(st.tuples(hx, BODIES), look)


@pytest.mark.parametrize("table", sorted(ADMIN))
def test_no_search_crashes_admin(world: World, table: str) -> None:
    address = reverse(f"admin:{table}_changelist")

    try_many(BODIES, lambda query: world.browser(SUPERUSER).get(f"{address}?{query}"))


@pytest.mark.parametrize("table", sorted(ADMIN))
def test_no_form_crashes_admin(world: World, table: str) -> None:
    kind = "application/x-www-form-urlencoded"
    for page in ("add", "changelist"):
        address = reverse(f"admin:{table}_{page}")
        try_many(BODIES, lambda body, to=address: world.browser(SUPERUSER).post(to, body, content_type=kind))


def as_workbook(body: bytes) -> bytes:
    """Return a workbook whose sheet is ``body``."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", body)
        archive.writestr("xl/workbook.xml", body)
        archive.writestr("xl/worksheets/sheet1.xml", body)
    return file.getvalue()


def test_no_upload_crashes_a_page(world: World) -> None:
    address = reverse("orders:mass")
    contents = st.one_of(st.binary(max_size=2_000), VALUES, VALUES.map(as_workbook), BODIES.map(str.encode))
    names = st.sampled_from(("lines.csv", "lines.xlsx", "lines.txt", "../../x.csv", "a\x00.csv", "", "é" * 300))

    def upload(drawn: Any) -> Any:
        name, content = drawn
        return world.browser(SUPERUSER).post(address, {"file": SimpleUploadedFile(name or "x", content)})

    try_many(st.tuples(names, contents), upload)


JSON_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=8,
)


@pytest.mark.parametrize("action", [*sorted(BY_NAME), "no_such_action"])
def test_no_call_of_a_program_crashes_the_endpoint(world: World, action: str) -> None:
    _row, token = make_token(world.people[SUPERUSER], "fuzz", requests_per_minute=1_000_000)
    fields = st.sampled_from(
        ("service", "product", "order", "orders", "refill", "refills", "link", "quantity", "require")
    )
    form = st.lists(st.tuples(st.one_of(fields.map(str.encode), st.binary(max_size=8)), VALUES), max_size=6)
    mapping = st.dictionaries(st.one_of(fields, st.text(max_size=8)), JSON_VALUES, max_size=6)

    def call(drawn: Any) -> Any:
        known = {"key": token, "action": action}
        if isinstance(drawn, dict):
            return world.browser("").post("/api/v2", json.dumps(drawn | known), content_type="application/json")
        body = encode([*((name.encode(), value.encode()) for name, value in known.items()), *drawn])
        return world.browser("").post("/api/v2", body, content_type="application/x-www-form-urlencoded")

    try_many(st.one_of(form, mapping), call)


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "text/plain",
        "multipart/form-data; boundary=x",
    ],
)
def test_no_bytes_crash_the_endpoint(world: World, kind: str) -> None:
    try_many(st.binary(max_size=400), lambda body: world.browser("").post("/api/v2", body, content_type=kind))

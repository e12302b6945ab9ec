"""axe looks at every page of the hub, filled with one of each thing, in both themes and on a telephone."""

from __future__ import annotations

from importlib.resources import files
from typing import Any, Final

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page

from tests.security.matrix import PAGES
from tests.security.world import SUPERUSER, body_of, fill

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.alike, pytest.mark.long]

AXE: Final = files("axe_playwright_python").joinpath("axe.min.js").read_text()
LOOK: Final = """
async () => (await axe.run(document, {
  resultTypes: ["violations"], preload: false,
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
})).violations.map((v) => `${v.id}: ${v.nodes.slice(0, 4).map((n) => n.target.join(" ") + " " +
  (n.failureSummary || "").split("\\n")[1]).join(" | ")}`)
"""
# What answers with something else than a page of its own.
NO_PAGES: Final = frozenset({"home", "healthz", "api:openapi", "orders:live", "logout", "login"})
ADMIN: Final = ("admin:index", "admin:providers_provider_changelist", "admin:providers_provider_add")


def find_pages(world: Any) -> dict[str, str]:
    """Return the address of every page that a person may look at, by its name."""
    found = {}
    for name, rule in PAGES.items():
        if not rule.get or name in NO_PAGES:
            continue
        kwargs = dict(rule.kwargs)
        if rule.row:
            kwargs["pk"] = world.pk_of(rule.row, SUPERUSER)
        found[name] = reverse(name, kwargs=kwargs)
    browser = world.browser(SUPERUSER)
    answers = {name: browser.get(address) for name, address in found.items()}
    assert [name for name, answer in answers.items() if answer.status_code >= 500] == []
    return {
        name: found[name]
        for name, answer in answers.items()
        # Some addresses answer with a part of a page.
        if answer.status_code == 200 and b"<html" in body_of(answer)[:200]
    }


# axe sets styles of its own while it measures; that none of ours are inline is tested where pages are used.
@pytest.mark.expects_console("Applying inline style")
@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 1280), ("light", 390)])
def test_axe_finds_nothing_on_any_page(page: Page, live_server: Any, theme: Any, width: int) -> None:
    world = fill()
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    pages = find_pages(world)
    assert len(pages) >= 25
    # One page before anybody is logged in; the others after.
    faults = _look(page, f"{live_server.url}{reverse('login')}", "login")
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": world.sessions[SUPERUSER], "url": live_server.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    for name, address in (pages | {name: reverse(name) for name in ADMIN}).items():
        faults += _look(page, live_server.url + address, name)

    assert "\n".join(faults) == ""


def _look(page: Page, address: str, name: str) -> list[str]:
    page.goto(address)
    page.evaluate(AXE)
    return [f"{name}: {fault}" for fault in page.evaluate(LOOK)]

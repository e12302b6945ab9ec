"""A catalogue in pages is read to its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from werkzeug import Response

from providers.catalogue.sync import sync_services
from providers.client.errors import Unknown
from tests.helpers.catalogues import available
from tests.providers.panels import PlainPanel, service, services

pytestmark = pytest.mark.django_db


def paged(rows: list[dict[str, Any]], page: int = 500) -> Callable[[Mapping[str, str]], Any]:
    def answer(parameters: Mapping[str, str]) -> Any:
        start = int(parameters.get("offset", "0"))
        return rows[start : start + page]

    return answer


def test_a_list_in_pages_of_500_is_read_to_its_end(panel: PlainPanel) -> None:
    panel.answers["services"] = paged(services(1234))
    provider = panel.make_provider()

    assert sync_services(provider) == {"listed": 1234, "new": 1234}
    assert [call.get("offset") for call in panel.calls] == [None, "500", "1000"]
    provider.refresh_from_db()
    assert provider.catalogue_pages == 3
    assert sync_services(provider) == {"unchanged": 1}


def test_a_change_on_a_later_page_is_seen(panel: PlainPanel) -> None:
    panel.answers["services"] = paged(services(700))
    provider = panel.make_provider()
    sync_services(provider)
    panel.answers["services"] = paged([*services(699), service(700, rate="0.91")])

    assert sync_services(provider) == {"listed": 700, "changed": 1}


def test_a_panel_without_pages_that_lists_500_is_called_once_more_and_believed(panel: PlainPanel) -> None:
    panel.answers["services"] = services(500)
    provider = panel.make_provider()

    assert sync_services(provider) == {"listed": 500, "new": 500}
    assert len(panel.calls) == 2
    assert sync_services(provider) == {"unchanged": 1}
    assert len(panel.calls) == 3


def test_a_panel_that_takes_the_offset_amiss_is_believed_too(panel: PlainPanel) -> None:
    panel.answers["services"] = lambda parameters: (
        {"error": "Incorrect request"} if "offset" in parameters else services(500)
    )
    provider = panel.make_provider()

    assert sync_services(provider) == {"listed": 500, "new": 500}


def test_a_page_that_cannot_be_read_closes_nothing(panel: PlainPanel) -> None:
    panel.answers["services"] = paged(services(900))
    provider = panel.make_provider()
    sync_services(provider)
    panel.answers["services"] = lambda parameters: Response("", status=502) if "offset" in parameters else services(500)

    for _ in range(2):
        with pytest.raises(Unknown):
            sync_services(provider)

    assert len(available(provider)) == 900
    assert not provider.services.filter(missing_syncs__gt=0).exists()

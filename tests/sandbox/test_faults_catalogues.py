"""Faults of a catalogue: empty, halved, doubled, renumbered, huge, in pages."""

from __future__ import annotations

from typing import Any

import pytest

from providers.sandbox import Fault
from tests.sandbox.calling import Buyer


class TestCatalogues:
    def rows(self, buyer: Buyer, fault: Fault, **params: object) -> list[dict[str, Any]]:
        buyer.panel.misbehave(fault)
        return list(buyer.ask("services", **params))

    def test_empty(self, buyer: Buyer) -> None:
        assert self.rows(buyer, Fault.catalogue_empty) == []

    def test_halved(self, buyer: Buyer) -> None:
        usual = buyer.ask("services")
        assert self.rows(buyer, Fault.catalogue_halved) == usual[::2]

    def test_doubled(self, buyer: Buyer) -> None:
        usual = buyer.ask("services")
        rows = self.rows(buyer, Fault.catalogue_doubled)
        assert rows[: len(usual)] == usual
        assert len({row["service"] for row in rows}) == len(rows) == 2 * len(usual)

    def test_renumbered(self, buyer: Buyer) -> None:
        usual = buyer.ask("services")
        rows = self.rows(buyer, Fault.catalogue_renumbered)
        assert [row["name"] for row in rows] == [row["name"] for row in usual]
        assert not {row["service"] for row in rows} & {row["service"] for row in usual}

    def test_huge(self, buyer: Buyer) -> None:
        rows = self.rows(buyer, Fault.catalogue_huge)
        assert len({row["service"] for row in rows}) == len(rows) == 100_000

    def test_dear(self, buyer: Buyer) -> None:
        usual = float(buyer.ask("services")[0]["rate"])
        assert float(self.rows(buyer, Fault.catalogue_price_jump)[0]["rate"]) == pytest.approx(10 * usual)

    def test_in_pages(self, buyer: Buyer) -> None:
        count = len(buyer.ask("services"))
        assert len(self.rows(buyer, Fault.catalogue_paged)) == 500
        pages = [buyer.ask("services", offset=offset) for offset in range(0, 5 * count + 1, 500)]
        ids = [row["service"] for page in pages for row in page]
        assert len(set(ids)) == len(ids) == 5 * count

    def test_what_can_be_ordered_stays_as_it_was(self, buyer: Buyer) -> None:
        buyer.panel.misbehave(Fault.catalogue_empty)
        assert buyer.buy()

    def test_a_refused_call_stays_refused(self, buyer: Buyer) -> None:
        for fault in Fault:
            if "services" in fault.actions:
                rule = buyer.panel.misbehave(fault)
                assert buyer.ask("services", key="wrong") == {"error": "Invalid API key"}
                buyer.panel.behave(rule)

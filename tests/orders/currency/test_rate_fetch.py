"""Exchange rates from a public sheet, over a real socket: what is kept, what is left alone, what is refused."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from orders.currency import rate_fetch
from orders.currency import tasks as currency_tasks
from orders.currency.rate_fetch import RatesFailed, fetch_rates
from orders.currency.rate_sheet import LONGEST_SHEET, SheetUnreadable, read_sheet
from orders.models import ExchangeRate, HubRules
from panelhub.models import JobRun
from providers.client.transport import Limits, Transport
from tests.helpers.makers import make_provider
from tests.providers.client.stub import Stub, drip, hang, http, reset, say

RATES = {"USD": "1.1", "TRY": "38.5", "THB": "36.30"}


def sheet(
    rates: dict[str, str] | None = None, *, day: date | None = None, sender: str = "European Central Bank"
) -> bytes:
    """Return a sheet in the form of the bank's."""
    lines = "".join(
        f"<Cube currency='{currency}' rate='{rate}'/>" for currency, rate in (RATES if rates is None else rates).items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" '
        'xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><gesmes:subject>Reference rates</gesmes:subject>'
        f"<gesmes:Sender><gesmes:name>{sender}</gesmes:name></gesmes:Sender>"
        f"<Cube><Cube time='{day or timezone.localdate()}'>{lines}</Cube></Cube></gesmes:Envelope>"
    ).encode()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A transport that gives up soon."""
    transport = Transport(limits=Limits(connect=0.5, read=0.5))
    monkeypatch.setattr(rate_fetch, "shared_transport", lambda: transport)


def fetch_from(stub: Stub, settings: Any) -> Any:
    settings.PANELHUB_RATES_URL = f"{stub.origin}/eurofxref-daily.xml"
    return fetch_rates()


class TestReadingASheet:
    def test_it_is_read_with_its_day_and_its_publisher(self) -> None:
        read = read_sheet(sheet(day=date(2026, 11, 20)))

        assert (read.day, read.source) == (date(2026, 11, 20), "European Central Bank")
        assert read.per_euro == {
            "EUR": Decimal(1),
            "USD": Decimal("1.1"),
            "TRY": Decimal("38.5"),
            "THB": Decimal("36.30"),
        }

    def test_worths_go_over_the_euro(self) -> None:
        worths = read_sheet(sheet()).worth_in("USD")

        assert worths["TRY"] == Decimal("0.0285714286")
        assert worths["EUR"] == Decimal("1.1")
        assert "USD" not in worths

    def test_of_several_days_the_newest_counts(self) -> None:
        two = sheet(day=date(2026, 11, 19)).replace(
            b"</Cube></Cube>", b"</Cube><Cube time='2026-11-20'><Cube currency='USD' rate='1.2'/></Cube></Cube>"
        )

        read = read_sheet(two)

        assert (read.day, read.per_euro["USD"]) == (date(2026, 11, 20), Decimal("1.2"))
        assert "TRY" not in read.per_euro

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"<html><body>Sorry</body></html>",
            b'{"rates": {"USD": 1.1}}',
            sheet()[:-20],
            sheet({}),
            sheet({"USD": "0"}),
            sheet({"USD": "-1.1"}),
            sheet({"USD": "1,1"}),
            sheet({"USD": "NaN"}),
            sheet({"USD": "1e3"}),
            sheet({"USD": "9" * 40}),
            sheet({"usd": "1.1"}),
            sheet({"EUR": "2"}),
            sheet({"USD": "1.1"}).replace(b"</Cube></Cube>", b"<Cube currency='USD' rate='9'/></Cube></Cube>"),
            sheet().replace(b"time='", b"time='x"),
            sheet().replace(b"<gesmes:Envelope", b'<!DOCTYPE x [<!ENTITY a "b">]><gesmes:Envelope', 1),
            b"<Cube><Cube time='2026-11-20'>" + b"<a/>" * 20_000 + b"</Cube></Cube>",
            b"<a>" * 40_000,
            b"<a>" + b"x" * LONGEST_SHEET + b"</a>",
        ],
        ids=lambda body: repr(body[:12]),
    )
    def test_what_is_no_sheet_is_refused(self, body: bytes) -> None:
        with pytest.raises(SheetUnreadable):
            read_sheet(body)

    def test_the_publishers_name_is_kept_short_and_printable(self) -> None:
        source = read_sheet(sheet(sender="A\u202e bank " * 40)).source

        assert len(source) <= 60
        assert source.isprintable()


@pytest.mark.django_db
class TestFetching:
    def test_the_currencies_in_use_are_kept_with_day_and_source(self, settings: Any) -> None:
        make_provider(currency="TRY")
        make_provider(currency="USD")
        make_provider(currency="VND")
        with Stub(say(http(sheet()))) as stub:
            figures = fetch_from(stub, settings)

        kept = ExchangeRate.objects.get()
        assert (kept.currency, kept.rate, kept.day) == ("TRY", Decimal("0.0285714286"), timezone.localdate())
        assert (kept.source, kept.is_fetched) == ("European Central Bank", True)
        assert (figures["written"], figures["missing"]) == (1, 1)
        assert stub.requests[0].startswith(b"GET /eurofxref-daily.xml ")

    def test_what_a_person_entered_that_day_is_never_overwritten(self, settings: Any) -> None:
        make_provider(currency="TRY")
        ExchangeRate.objects.create(currency="TRY", rate=Decimal("0.03"))
        with Stub(say(http(sheet()))) as stub:
            figures = fetch_from(stub, settings)

        assert ExchangeRate.objects.get().rate == Decimal("0.03")
        assert figures["entered"] == 1

    def test_a_later_sheet_of_the_day_corrects_what_was_fetched_and_the_same_one_writes_nothing(
        self, settings: Any, django_assert_num_queries: Any
    ) -> None:
        make_provider(currency="TRY")
        first, second = say(http(sheet())), say(http(sheet({"USD": "1.1", "TRY": "44"})))
        with Stub(first, first, second) as stub:
            fetch_from(stub, settings)
            assert fetch_from(stub, settings)["unchanged"] == 1
            assert fetch_from(stub, settings)["changed"] == 1

        assert ExchangeRate.objects.get().rate == Decimal("0.025")

    def test_a_hub_in_another_currency_gets_its_own_worths(self, settings: Any) -> None:
        HubRules.objects.create(pk=1, currency="EUR")
        make_provider(currency="USD")
        with Stub(say(http(sheet()))) as stub:
            fetch_from(stub, settings)

        assert ExchangeRate.objects.get().rate == Decimal("0.9090909091")

    def test_a_hub_whose_currency_the_sheet_lacks_gets_a_notice(self, settings: Any) -> None:
        HubRules.objects.create(pk=1, currency="VND")
        with Stub(say(http(sheet()))) as stub, pytest.raises(RatesFailed, match="no rate for VND"):
            fetch_from(stub, settings)

    @pytest.mark.parametrize("off", [timedelta(days=30), timedelta(days=-3)])
    def test_a_sheet_that_is_not_of_late_is_refused(self, settings: Any, off: timedelta) -> None:
        make_provider(currency="TRY")
        with (
            Stub(say(http(sheet(day=timezone.localdate() - off)))) as stub,
            pytest.raises(RatesFailed, match="The rates from"),
        ):
            fetch_from(stub, settings)

        assert not ExchangeRate.objects.exists()

    @pytest.mark.parametrize(
        ("script", "why"),
        [
            (say(http(b"gone", status="404 Not Found")), "404"),
            (say(http(b"", status="302 Found", headers=["Location: http://127.0.0.1:1/"])), "302"),
            (say(http(b"<html>")), "can’t be read"),
            (say(http(b"x" * (LONGEST_SHEET + 9))), "too large"),
            (say(http(sheet()[:100], length=5_000)), "connection lost"),
            (reset(), "connection lost"),
            (hang, "timeout"),
            (drip(b"HTTP/1.1 200 OK\r\n\r\n", every=0.05), "timeout"),
        ],
        ids=["missing", "redirect", "page", "long", "cut", "reset", "silent", "slow"],
    )
    @pytest.mark.usefixtures("quick")
    def test_a_source_that_fails_leaves_everything_as_it_was(self, settings: Any, script: Any, why: str) -> None:
        make_provider(currency="TRY")
        with Stub(script) as stub, pytest.raises(RatesFailed, match=why):
            fetch_from(stub, settings)

        assert not ExchangeRate.objects.exists()

    def test_a_private_address_is_not_called(self, settings: Any) -> None:
        settings.PANELHUB_ALLOW_PRIVATE_PROVIDERS = False
        with Stub(say(http(sheet()))) as stub:
            for url in (stub.url, stub.url.replace("http://", "https://"), "https://127.0.0.1/", "file:///etc/passwd"):
                settings.PANELHUB_RATES_URL = url
                with pytest.raises(RatesFailed):
                    fetch_rates()

        assert stub.connections == 0


@pytest.mark.django_db
class TestItsDoors:
    def test_it_is_off_until_a_source_is_set(self, settings: Any) -> None:
        assert settings.PANELHUB_RATES_URL == ""

        currency_tasks.fetch_rates()

        assert not JobRun.objects.exists()
        with pytest.raises(CommandError, match="PANELHUB_RATES_URL"):
            call_command("fetch_rates")

    def test_the_job_records_what_it_did_and_what_failed(self, settings: Any) -> None:
        make_provider(currency="TRY")
        with Stub(say(http(sheet())), say(http(b"", status="500 Oops"))) as stub:
            settings.PANELHUB_RATES_URL = stub.url
            currency_tasks.fetch_rates()
            currency_tasks.fetch_rates()

        first, second = JobRun.objects.filter(job="fetch_rates").order_by("pk")
        assert first.counts == {"written": 1, "changed": 0}
        assert "500" in second.failure

    def test_the_command_prints_figures_or_fails(self, settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
        make_provider(currency="TRY")
        with Stub(say(http(sheet())), say(http(b"", status="500 Oops"))) as stub:
            settings.PANELHUB_RATES_URL = stub.url
            call_command("fetch_rates")
            with pytest.raises(CommandError, match="500"):
                call_command("fetch_rates")

        assert "written: 1" in capsys.readouterr().out


@pytest.mark.django_db
class TestInAdmin:
    def test_a_fetched_rate_that_a_person_saves_is_theirs(self, admin_client: Any) -> None:
        rate = ExchangeRate.objects.create(currency="TRY", rate=Decimal("0.02"), source="A bank", is_fetched=True)

        response = admin_client.post(
            f"/admin/orders/exchangerate/{rate.pk}/change/",
            {"currency": "TRY", "day": str(rate.day), "rate": "0.03", "source": "typed in"},
        )

        assert response.status_code == 302
        rate.refresh_from_db()
        assert (rate.rate, rate.is_fetched) == (Decimal("0.03"), False)

    def test_another_hub_currency_drops_what_was_fetched_and_warns_of_what_was_entered(self, admin_client: Any) -> None:
        rules = HubRules.objects.create(pk=1, currency="USD")
        ExchangeRate.objects.create(currency="TRY", rate=Decimal("0.02"), is_fetched=True)
        entered = ExchangeRate.objects.create(currency="THB", rate=Decimal("0.03"))

        response = admin_client.post(
            f"/admin/orders/hubrules/{rules.pk}/change/", {"currency": "EUR", "undo_seconds": "0"}, follow=True
        )

        assert list(ExchangeRate.objects.all()) == [entered]
        assert "fetched exchange rates were for the old currency and have been removed" in response.content.decode()

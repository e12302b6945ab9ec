"""Jobs of providers: once at a time, on record, due by the clock; and their commands in the foreground."""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from panelhub.background import dispatch
from panelhub.background.jobs import give_back_lease, job, take_lease
from panelhub.models import JobLease, JobRun
from providers import job_runs, tasks
from providers.models import Provider, ProviderCheck
from tests.providers.panels import KEY, PlainPanel, services

pytestmark = pytest.mark.django_db


@pytest.fixture
def notified(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Return the messages that were sent."""
    sent: list[tuple[Any, ...]] = []

    def keep(task: str, *args: Any, **options: Any) -> bool:
        sent.append((task.rpartition(".")[2], *args))
        return True

    monkeypatch.setattr(dispatch, "publish", keep)
    monkeypatch.setattr(tasks, "publish", keep)
    return sent


@pytest.fixture
def dead_url() -> Iterator[str]:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{unused.getsockname()[1]}/api/v2"


def run(command: str, *arguments: str) -> tuple[str, str, bool]:
    """Return what a command prints to stdout and to stderr, and whether it ends with exit status 0."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(command, *arguments, stdout=out, stderr=err)
    except CommandError as error:
        return out.getvalue(), err.getvalue() + str(error), False
    return out.getvalue(), err.getvalue(), True


# --- Runs -------------------------------------------------------------------------------------------------------------


def test_a_run_is_on_record_with_its_figures(panel: PlainPanel) -> None:
    panel.answers["services"] = services(2)
    ran = job_runs.run_services(panel.make_provider())
    assert (ran.figures, ran.failure) == ({"listed": 2, "new": 2}, "")
    kept = JobRun.objects.get()
    assert (kept.job, kept.provider_name, kept.counts) == ("sync_services", "plain", {"listed": 2, "new": 2})


def test_a_run_that_found_nothing_new_leaves_no_row(panel: PlainPanel) -> None:
    panel.answers["services"] = services(2)
    provider = panel.make_provider()
    for _ in range(3):
        job_runs.run_services(provider)
        job_runs.run_balance(provider)
    assert sorted(JobRun.objects.values_list("job", flat=True)) == ["sync_balances", "sync_services"]
    assert JobLease.objects.filter(finished_at__isnull=False).count() == 2


def test_a_failure_is_on_record_and_not_raised(panel: PlainPanel) -> None:
    panel.answers["balance"] = lambda parameters: {"error": f"Invalid API key {parameters['key']}"}
    ran = job_runs.run_balance(panel.make_provider())
    assert "The provider rejected the key. Paste a new one from its API page" in ran.failure
    assert KEY not in JobRun.objects.get().failure
    assert JobRun.objects.get().failure == ran.failure


def test_nothing_is_done_twice_while_it_runs_elsewhere(panel: PlainPanel) -> None:
    provider = panel.make_provider()
    with job("sync_services", provider=provider.name):
        assert job_runs.run_services(provider).elsewhere
    assert not panel.calls
    assert not job_runs.run_services(provider).elsewhere


def test_a_failed_check_is_a_failed_run(panel: PlainPanel) -> None:
    ran, check = job_runs.run_check(panel.make_provider(api_key=""))
    assert check is not None
    assert not check.ok
    assert ran.failure == "No key is set."
    assert JobRun.objects.get().failure == "No key is set."


# --- What is due ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "minutes", "due"),
    [
        ({}, {}, True),
        ({}, {"catalogue_at": -29}, False),
        ({}, {"catalogue_at": -31}, True),
        ({"is_active": False}, {}, False),
        ({}, {"breaker_until": -5}, False),
        ({"pause_kind": "bad_key"}, {}, False),
        ({"pause_kind": "maintenance"}, {}, False),
        ({"pause_kind": "by_hand"}, {}, True),
    ],
)
def test_whose_services_are_due(fields: dict[str, Any], minutes: dict[str, float], due: bool) -> None:
    moments = {name: timezone.now() + timedelta(minutes=offset) for name, offset in minutes.items()}
    Provider.objects.create(name="one", api_url="https://panel.invalid/", **fields, **moments)
    assert job_runs.services_due().exists() == due


def test_a_list_that_could_not_be_read_is_not_requested_every_minute(panel: PlainPanel) -> None:
    panel.answers["services"] = {"nothing": "here"}
    job_runs.run_services(panel.make_provider())
    assert not job_runs.services_due().exists()
    JobLease.objects.update(finished_at=timezone.now() - timedelta(minutes=6))
    assert job_runs.services_due().exists()


def test_only_shops_list_products(panel: PlainPanel) -> None:
    panel.make_provider(name="shop", dialect="smmvna")
    panel.make_provider(name="other", dialect="smmplus")
    assert [provider.name for provider in job_runs.products_due()] == ["shop"]


def test_a_new_key_is_checked_again_until_it_is_known(panel: PlainPanel) -> None:
    provider = panel.make_provider(pause_kind="new_key")
    assert list(job_runs.checks_due()) == [provider]
    ProviderCheck.objects.create(provider=provider)
    assert not job_runs.checks_due()


# --- Tasks ------------------------------------------------------------------------------------------------------------


def test_each_provider_that_is_due_gets_a_message_of_its_own(
    panel: PlainPanel, notified: list[tuple[Any, ...]]
) -> None:
    one = panel.make_provider(name="one", dialect="smmvna")
    two = panel.make_provider(name="two", pause_kind="new_key")
    panel.make_provider(name="off", is_active=False)
    tasks.sync_services_due()
    tasks.sync_products_due()
    tasks.sync_balances_due()
    assert sorted(notified) == sorted(
        [
            ("sync_services", one.pk),
            ("sync_services", two.pk),
            ("sync_products", one.pk),
            ("sync_balance", one.pk),
            ("sync_balance", two.pk),
            ("check_provider", two.pk),
        ]
    )
    assert not panel.calls


def test_tasks_do_their_work_and_pass_over_what_is_gone(panel: PlainPanel, notified: list[tuple[Any, ...]]) -> None:
    panel.answers |= {"services": services(1), "products": []}
    provider = panel.make_provider(dialect="smmvna")
    tasks.check_provider(provider.pk)
    assert notified == [("sync_services", provider.pk), ("sync_products", provider.pk)]
    tasks.sync_services(provider.pk)
    tasks.sync_balance(provider.pk)
    tasks.sync_products(provider.pk)
    assert provider.services.count() == 1
    for task in (tasks.sync_services, tasks.sync_balance, tasks.sync_products, tasks.check_provider):
        task(provider.pk + 1)


# --- Commands ---------------------------------------------------------------------------------------------------------


def test_sync_services_prints_figures_and_succeeds(panel: PlainPanel) -> None:
    panel.answers["services"] = services(3)
    panel.make_provider()
    out, err, good = run("sync_services")
    assert good
    assert err == ""
    assert out.splitlines()[-1].startswith("providers: 1, listed: 3, new: 3, changed: 0, closed: 0")


def test_sync_services_asks_even_when_nothing_is_due(panel: PlainPanel) -> None:
    panel.answers["services"] = services(3)
    panel.make_provider()
    run("sync_services")
    panel.answers["services"] = services(4)
    assert "new: 1" in run("sync_services")[0]


def test_sync_services_can_be_given_one_provider(panel: PlainPanel) -> None:
    panel.answers["services"] = services(3)
    one, two = panel.make_provider(name="one"), panel.make_provider(name="two")
    assert run("sync_services", "--provider", "two")[2]
    assert (one.services.count(), two.services.count()) == (0, 3)
    assert "no provider called" in run("sync_services", "--provider", "three")[1]


def test_a_provider_that_fails_is_named_and_stops_no_other(panel: PlainPanel, dead_url: str) -> None:
    panel.answers["services"] = services(3)
    panel.make_provider(name="dead", api_url=dead_url)
    alive = panel.make_provider(name="well")
    for command in ("sync_services", "sync_balances"):
        out, err, good = run(command)
        assert not good
        assert "dead: " in err
        assert "well: " not in err
        assert "1 of 2 providers failed" in err
        assert out
    assert alive.services.count() == 3


def test_a_key_that_a_provider_echoes_is_struck_out_on_stderr(panel: PlainPanel) -> None:
    panel.answers["balance"] = lambda parameters: {"error": f"Invalid API key: {parameters['key']}"}
    panel.make_provider()
    _, err, good = run("sync_balances")
    assert not good
    assert "plain: " in err
    assert KEY not in err


def test_a_command_beside_the_same_job_does_nothing_twice(panel: PlainPanel) -> None:
    provider = panel.make_provider()
    token = take_lease("sync_balances", provider.name)
    out, _, good = run("sync_balances")
    give_back_lease("sync_balances", provider.name, token)
    assert good
    assert "elsewhere: 1" in out
    assert not panel.calls


def test_check_provider_prints_what_it_found(panel: PlainPanel) -> None:
    panel.answers["services"] = services(3)
    panel.make_provider()
    out, _, good = run("check_provider", "plain")
    assert good
    assert "+ The key works. Balance: 100.5 USD" in out
    assert "+ Services: 3 listed." in out
    assert out.splitlines()[-1].startswith("good: 2, bad: 0")


def test_check_provider_fails_for_an_account_that_does_not_work(panel: PlainPanel) -> None:
    panel.make_provider(api_key="some-other-key-entirely")
    out, err, good = run("check_provider", "plain")
    assert not good
    assert "plain: " in err
    assert "Invalid API key" in err
    assert "! " in out
    assert not run("check_provider", "nobody")[2]

"""A panel that replaces its whole catalogue: what is gone for good closes, the new list waits for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from providers.catalogue.decisions import accept_list
from providers.catalogue.sync import sync_services
from providers.models import CatalogueHold, Provider, Service
from tests.providers.panels import PlainPanel, service, services

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def plain(httpserver: HTTPServer) -> PlainPanel:
    return PlainPanel(httpserver)


@pytest.fixture
def provider(plain: PlainPanel) -> Provider:
    made = plain.make_provider()
    plain.answers["services"] = services(20)
    sync_services(made)
    return made


def relaunch(plain: PlainPanel, provider: Provider, round_: int) -> None:
    plain.answers["services"] = [
        service(1_000 + 100 * round_ + number, name=f"New {round_} {number}") for number in range(20)
    ]
    sync_services(provider)


def orderable() -> int:
    return Service.objects.orderable().count()


def test_services_gone_from_every_list_close_while_the_new_list_waits(plain: PlainPanel, provider: Provider) -> None:
    for round_ in range(8):
        relaunch(plain, provider, round_)
        if round_ < 3:
            assert orderable() == 20, round_

    assert orderable() == 0
    assert Service.objects.count() == 20
    assert CatalogueHold.objects.get().closed_at is None


def test_the_same_new_list_again_and_again_closes_them_too(plain: PlainPanel, provider: Provider) -> None:
    for _again in range(5):
        relaunch(plain, provider, 0)

    assert orderable() == 0
    assert CatalogueHold.objects.get().closed_at is None


def test_a_person_decides_about_the_new_list(plain: PlainPanel, provider: Provider, admin_user: object) -> None:
    for _again in range(5):
        relaunch(plain, provider, 0)
    accept_list(CatalogueHold.objects.get(), by=admin_user)

    sync_services(provider)

    assert orderable() == 20
    assert set(Service.objects.orderable().values_list("external_id", flat=True)) == {str(n) for n in range(1000, 1020)}
    assert CatalogueHold.objects.get().closed_at is not None


def test_the_old_list_opens_them_again(plain: PlainPanel, provider: Provider) -> None:
    for _again in range(5):
        relaunch(plain, provider, 0)

    plain.answers["services"] = services(20)
    sync_services(provider)

    assert orderable() == 20
    assert CatalogueHold.objects.get().closed_at is not None


def test_three_bad_lists_or_empty_ones_close_nothing(plain: PlainPanel, provider: Provider) -> None:
    for _again in range(6):
        plain.answers["services"] = []
        sync_services(provider)
    for round_ in range(3):
        relaunch(plain, provider, round_)

    assert orderable() == 20

"""What all tests share: the browser, real workers, the sandbox, and a clean slate of what a process remembers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import hypothesis
import pytest
from django.conf import settings as django_settings
from django.test import Client, TestCase, TransactionTestCase

from tests.helpers.browser import ARGUMENTS, Complaints, find_chromium

# Playwright's loop runs in the thread of the test, where Django would not let the test read the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
# For a machine that has much else to do; what is right is seen at once on any machine.
BROWSER_TIMEOUT_MS = 30_000

hypothesis.settings.register_profile("panelhub", deadline=None, print_blob=True)
hypothesis.settings.load_profile("panelhub")


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get("PANELHUB_REQUIRE_BROWSER") and not find_chromium():
        raise pytest.UsageError("PANELHUB_REQUIRE_BROWSER is set and no Chromium was found.")


# Marks of tests that take long with some servers only, and whether those are there.
LONGER: dict[str, Callable[[], bool]] = {
    "long_on_servers": lambda: bool(os.environ.get("DATABASE_URL")),
    "long_on_rabbitmq": lambda: os.environ.get("CELERY_BROKER_URL", "").startswith("amqp"),
}
# A test that asks for none of these, directly or through another, meets no server.
SERVED = {"db", "transactional_db", "live_server", "start_worker"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    missing = find_chromium() is None
    served = bool(os.environ.get("DATABASE_URL"))
    # These wait most of their time; begun last, they would be waited for alone.
    items.sort(key=lambda item: item.get_closest_marker("first") is None)
    longer = [name for name, is_there in LONGER.items() if is_there()]
    for item in items:
        names = getattr(item, "fixturenames", ())
        if any(item.get_closest_marker(name) for name in longer):
            item.add_marker(pytest.mark.long)
        if "page" in names or "context" in names or item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.browser)
            if missing:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))
        if "start_worker" in names:
            item.add_marker(pytest.mark.broker)
    if served:
        alike = [item for item in items if not _meets_a_server(item)]
        config.hook.pytest_deselected(items=alike)
        items[:] = [item for item in items if _meets_a_server(item)]


def _meets_a_server(item: pytest.Item) -> bool:
    """Return whether a test can come out otherwise on another database or broker; only those are run on servers."""
    if item.get_closest_marker("alike") or item.get_closest_marker("served"):
        return item.get_closest_marker("served") is not None
    names = set(getattr(item, "fixturenames", ()))
    if issubclass(getattr(item, "cls", None) or object, TestCase):
        return True
    return bool(names & SERVED or item.get_closest_marker("django_db") or item.get_closest_marker("broker"))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    skipped = [
        report for report in terminalreporter.stats.get("skipped", []) if "browser" in getattr(report, "keywords", {})
    ]
    if skipped and find_chromium() is None:
        terminalreporter.section("browser tests did NOT run", bold=True, yellow=True)
        terminalreporter.line(
            f"{len(skipped)} browser tests were skipped, because no Chromium was found here. Install one (on Debian "
            "and Ubuntu: apt-get install chromium), or name one with PANELHUB_CHROMIUM=/path/to/it."
        )


@pytest.fixture(autouse=True)
def _forget_what_was_seen() -> None:
    """Start each test in a process that has not looked at the broker or the workers yet."""
    from panelhub import context_processors
    from panelhub.background import dispatch
    from panelhub.monitoring import health

    dispatch.forget_broker()
    context_processors.forget_look()
    health.forget_looks()


@pytest.fixture(autouse=True, scope="session")
def _leave_no_traces() -> Iterator[None]:
    """Close the connection to the broker and remove these tests' queues at the end."""
    from panelhub.background import dispatch
    from tests.helpers.workers import remove_queues

    yield
    dispatch.forget_broker()
    remove_queues()


@pytest.fixture(scope="session")
def django_db_setup(
    pytestconfig: pytest.Config,
    tmp_path_factory: pytest.TempPathFactory,
    django_test_environment: None,
    django_db_blocker: Any,
) -> Iterator[None]:
    """In place of pytest-django's: a copy of a database that was migrated once, and a quicker way to empty it."""
    from tests.helpers import databases

    # `-p no:cacheprovider` leaves none.
    cache = getattr(pytestconfig, "cache", None)
    with django_db_blocker.unblock():
        databases.make_database(cache.mkdir("databases") if cache else tmp_path_factory.mktemp("databases"))
        databases.remember_kept()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: databases.empty_tables())
        yield
    with django_db_blocker.unblock():
        databases.drop_database()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": find_chromium(), "args": ARGUMENTS}


@pytest.fixture
def page(page: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Yield a page that fails its test for every error its console shows, refused content (CSP) among them.

    `@pytest.mark.expects_console("pattern")` names what may be shown.
    """
    from playwright.sync_api import expect

    page.set_default_timeout(BROWSER_TIMEOUT_MS)
    expect.set_options(timeout=BROWSER_TIMEOUT_MS)
    complaints = Complaints(page)
    yield page
    expected = [str(pattern) for mark in request.node.iter_markers("expects_console") for pattern in mark.args]
    assert not complaints.unexpected(expected)


@pytest.fixture
def log_in(client: Any, live_server: Any) -> Callable[[Any, Any], None]:
    """`log_in(page, user)`: the page's browser is that person's from here on, without the login form."""

    def give_session(page: Any, user: Any) -> None:
        client.force_login(user)
        cookie = client.cookies[django_settings.SESSION_COOKIE_NAME]
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])

    return give_session


@pytest.fixture
def box() -> Iterator[Any]:
    """Yield the sandbox: panels over real HTTP on this machine."""
    from providers.sandbox import Sandbox

    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def start_worker(transactional_db: None) -> Iterator[Callable[..., Any]]:
    """`start_worker(...)`: a running `tests.helpers.workers.WorkerProcess` on the test's database and broker."""
    from tests.helpers.workers import WorkerProcess, purge_queues

    purge_queues()
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(WorkerProcess(**options))


@pytest.fixture
def _quick_wire(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wire as it is, with deadlines that a test can wait for."""
    from providers.client.transport import Limits, Transport

    transport = Transport(limits=Limits(connect=1.0, paid=0.6, read=0.6))
    monkeypatch.setattr("providers.client.client.shared_transport", lambda: transport)


@pytest.fixture
def staff(db: None) -> Any:
    """Return someone with the role `staff`."""
    return _person_of("staff")


@pytest.fixture
def manager(db: None) -> Any:
    """Return someone with the role `manager`."""
    return _person_of("manager")


@pytest.fixture
def viewer(db: None) -> Any:
    """Return someone with the role `viewer`."""
    return _person_of("viewer")


@pytest.fixture
def as_staff(staff: Any) -> Client:
    """Return a browser in which `staff` is logged in."""
    return _browser_of(staff)


@pytest.fixture
def as_manager(manager: Any) -> Client:
    """Return a browser in which `manager` is logged in."""
    return _browser_of(manager)


def _person_of(role: str) -> Any:
    from orders.roles import ROLES
    from tests.helpers.makers import make_person

    return make_person(*ROLES[role])


def _browser_of(person: Any) -> Client:
    from tests.helpers.pages import log_in

    return log_in(person)

"""The threads for calls: what hangs takes its own share, and what is healthy always finds a thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from functools import partial

import pytest
from django.db import OperationalError

from panelhub.background import pool as call_pool
from panelhub.background.pool import CallPool, Job, hand_over, help_with, is_shared, is_wanted, timed_call
from tests.helpers.waiting import wait_until


class Sick:
    """Calls that hang until the test is over."""

    def __init__(self) -> None:
        self.release = threading.Event()
        self.running: list[str] = []

    def call(self, owner: str) -> None:
        with timed_call():
            self.running.append(owner)
            self.release.wait(60)


@pytest.fixture
def sick() -> Iterator[Sick]:
    hanging = Sick()
    yield hanging
    hanging.release.set()


@pytest.fixture
def pool(sick: Sick, monkeypatch: pytest.MonkeyPatch) -> Iterator[CallPool]:
    """Yield a pool in which a call is old after a fifth of a second."""
    monkeypatch.setattr(call_pool, "OLD_SECONDS", 0.2)
    call_pool.start_pool()
    (made,) = call_pool._pools
    yield made
    sick.release.set()
    assert call_pool.stop_pool(20)


def hang(sick: Sick, owner: str, *, name: str = "send", is_click: bool = True, most: int = 1) -> None:
    hand_over(name, owner, lambda: sick.call(owner), is_click=is_click, most=most)


def finishes(owner: str, *, name: str = "send", is_click: bool = True, seconds: float = 10.0) -> bool:
    """Return whether a quick call of ``owner`` gets a thread in time."""
    done = threading.Event()

    def call() -> None:
        with timed_call():
            done.set()

    hand_over(name, owner, call, is_click=is_click)
    return done.wait(seconds)


@pytest.mark.parametrize("is_click", [True, False])
@pytest.mark.parametrize("neighbours", [1, 5, 20, 40])
def test_what_is_healthy_gets_a_thread_beside_so_many_that_hang(
    pool: CallPool, sick: Sick, neighbours: int, is_click: bool
) -> None:
    for number in range(neighbours):
        for name in ("send", "status", "services", "balance"):
            hang(sick, f"sick {number}", name=name, is_click=name == "send")

    assert finishes("healthy", is_click=is_click)


def test_who_hangs_gets_no_second_thread(pool: CallPool, sick: Sick) -> None:
    hang(sick, "sick", name="balance", is_click=False)
    wait_until(lambda: sick.running, what="the first call")
    for name in ("status", "services", "products"):
        hang(sick, "sick", name=name, is_click=False)

    assert finishes("healthy", is_click=False)
    time.sleep(0.5)

    assert sick.running == ["sick"]


def test_reads_that_hang_do_not_keep_an_order_from_its_first_try(pool: CallPool, sick: Sick) -> None:
    hang(sick, "slow catalogue", name="services", is_click=False)
    wait_until(lambda: sick.running, what="the read")
    time.sleep(0.3)

    assert finishes("slow catalogue")


class Pair:
    """Two calls of one provider, a read and another one, that hang until they are released or the test is
    over.
    """

    def __init__(self) -> None:
        self.running: set[str] = set()
        self.given_up: set[str] = set()
        self.over = threading.Event()

    def call(self, name: str, *, is_paid: bool) -> None:
        gone = threading.Event()

        def give_up() -> None:
            self.given_up.add(name)
            gone.set()

        with timed_call(None if is_paid else give_up, is_paid=is_paid):
            self.running.add(name)
            while not (gone.wait(0.02) or self.over.is_set()):
                pass
        self.running.discard(name)


@pytest.fixture
def pair() -> Iterator[Pair]:
    made = Pair()
    yield made
    made.over.set()


@pytest.mark.parametrize(
    ("second", "is_click", "is_paid", "gives_way"),
    [
        ("send", True, True, {"status"}),
        ("check", True, False, {"status"}),
        ("services", False, False, {"status", "services"}),
    ],
)
def test_of_two_calls_that_hang_the_one_that_matters_less_gives_way(
    pool: CallPool, pair: Pair, second: str, is_click: bool, is_paid: bool, gives_way: set[str]
) -> None:
    assert finishes("was well", is_click=False)
    for name, click, paid in (("status", False, False), (second, is_click, is_paid)):
        hand_over(name, "was well", partial(pair.call, name, is_paid=paid), is_click=click)
    wait_until(lambda: len(pair.running) == 2 or pair.given_up, what="both")

    wait_until(lambda: pair.given_up and len(pair.running) == 1, what="one to give way")

    assert len(pair.given_up) == 1
    assert pair.given_up <= gives_way


def test_paid_calls_that_hang_are_never_broken_off(pool: CallPool, pair: Pair) -> None:
    assert finishes("sick")
    for name in ("send", "send 2"):
        hand_over(name, "sick", partial(pair.call, name, is_paid=True), is_click=True)
    wait_until(lambda: len(pair.running) == 2, what="both")
    wait_until(lambda: all(job.is_old(time.monotonic()) for job in pool._busy), what="both to be old")

    assert finishes("healthy")

    assert pair.running == {"send", "send 2"}


def test_a_provider_that_was_never_called_gets_one_order_at_first(pool: CallPool, sick: Sick) -> None:
    for name in ("send", "send 2"):
        hang(sick, "unknown", name=name)
    wait_until(lambda: sick.running, what="the first call")

    assert finishes("healthy")

    assert sick.running == ["unknown"]


def test_a_call_that_hangs_beside_a_quick_one_goes_on(pool: CallPool, pair: Pair) -> None:
    hand_over("services", "large catalogue", partial(pair.call, "services", is_paid=False))
    wait_until(lambda: bool(pool._busy) and all(job.is_old(time.monotonic()) for job in pool._busy), what="an old call")

    assert finishes("large catalogue")

    assert not pair.given_up


def test_who_was_slow_gets_one_thread_until_a_call_is_quick_again(pool: CallPool) -> None:
    def slow(ended: threading.Event) -> None:
        with timed_call():
            time.sleep(0.25)
        ended.set()

    for name, priority in (("send", True), ("status", False)):
        ended = threading.Event()
        hand_over(name, "recovering", partial(slow, ended), is_click=priority)
        assert ended.wait(10)
    wait_until(lambda: not pool._busy, what="the slow calls")

    running = threading.Semaphore(0)
    go_on = threading.Event()

    def call() -> None:
        with timed_call():
            running.release()
            go_on.wait(0.15)

    hand_over("send", "recovering", call, is_click=True)
    assert running.acquire(timeout=10)
    hand_over("status", "recovering", call)
    assert not running.acquire(timeout=0.1)
    go_on.set()
    assert running.acquire(timeout=10)


def test_no_more_threads_than_there_may_be(pool: CallPool, sick: Sick) -> None:
    for number in range(100):
        hang(sick, f"sick {number}")

    wait_until(lambda: len(sick.running) >= call_pool.MOST_THREADS, what="the threads")
    time.sleep(0.5)

    assert len(sick.running) == call_pool.MOST_THREADS


def test_clicks_go_before_polls_that_waited_longer(pool: CallPool, sick: Sick) -> None:
    """With every place taken by what is young, the next free one is a click's."""
    order: list[str] = []
    gate = threading.Event()
    for number in range(call_pool.YOUNG_CALLS):
        hand_over("send", f"busy {number}", lambda: gate.wait(20) and None, is_click=True)
    wait_until(lambda: len(pool._busy) == call_pool.YOUNG_CALLS, what="a full pool")
    hand_over("status", "one", lambda: order.append("poll"))
    hand_over("send", "two", lambda: order.append("click"), is_click=True)

    gate.set()

    wait_until(lambda: len(order) == 2, what="both")
    assert order[0] == "click"


def test_work_of_one_name_and_owner_waits_only_once(pool: CallPool) -> None:
    gate, done = threading.Event(), []
    hand_over("send", "one", lambda: gate.wait(20) and None, is_click=True)
    wait_until(lambda: pool._busy, what="the first")
    for _ in range(50):
        hand_over("send", "one", lambda: done.append(1), is_click=True)

    gate.set()

    wait_until(lambda: done, what="the second")
    wait_until(lambda: not pool._busy, what="the end")
    assert done == [1]


def test_work_that_wants_to_be_done_again_is_done_at_its_time(pool: CallPool) -> None:
    moments: list[float] = []

    def look() -> float | None:
        moments.append(time.monotonic())
        return 0.3 if len(moments) == 1 else None

    hand_over("send", "one", look, is_click=True)

    wait_until(lambda: len(moments) == 2, what="the second look")
    assert moments[1] - moments[0] >= 0.3
    assert not pool._busy


@pytest.mark.parametrize("error", [ValueError, SystemExit])
def test_work_that_fails_costs_no_thread(
    pool: CallPool, error: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise error

    hand_over("send", "one", fail, is_click=True)

    assert finishes("one", name="again")
    assert not pool._slow.get(("one", True))


def test_who_has_had_a_thread_for_a_while_hears_that_others_wait(
    pool: CallPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_pool, "SLICE_SECONDS", 0.05)
    left, over = threading.Event(), threading.Event()

    def work() -> None:
        while not (is_wanted() or over.is_set()):
            time.sleep(0.01)
        left.set()

    for number in range(call_pool.YOUNG_CALLS):
        hand_over("send", f"busy {number}", work, is_click=True)
    assert not left.wait(0.2)

    assert finishes("healthy")
    assert left.is_set()
    over.set()


def test_helpers_take_part_within_the_share_of_their_owner(pool: CallPool) -> None:
    seen: set[str] = set()
    ended = threading.Event()

    def help_out() -> None:
        seen.add(threading.current_thread().name)
        ended.wait(10)

    def work() -> None:
        with timed_call():
            pass
        assert help_with("more", help_out, most=3)
        wait_until(lambda: len(seen) == 3, what="three helpers")
        ended.set()

    done = threading.Event()
    hand_over("status", "one", lambda: (work(), done.set())[0])  # type: ignore[func-returns-value]

    assert done.wait(20)


def test_without_a_pool_work_is_done_where_it_is_handed_over() -> None:
    seen: list[bool] = []

    hand_over("send", "one", lambda: seen.append(is_shared()), is_click=True)

    assert seen == [True]
    assert not is_shared()
    assert not help_with("more", lambda: None, most=2)


def test_a_stopped_pool_lets_calls_end_and_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = CallPool()
    gate, ended, late = threading.Event(), [], []

    def call() -> None:
        gate.wait(20)
        ended.append(1)

    pool.submit(Job(name="send", owner="one", work=call, is_click=True))
    wait_until(lambda: pool._busy, what="the call")
    pool.submit(Job(name="send", owner="one", work=lambda: late.append(1), is_click=True))
    threading.Timer(0.2, gate.set).start()

    assert pool.stop(20)

    assert (ended, late) == ([1], [])
    assert not pool.submit(Job(name="send", owner="one", work=call))


def test_a_pool_that_has_to_end_does_not_wait_longer_than_it_may(sick: Sick) -> None:
    pool = CallPool()
    pool.submit(Job(name="send", owner="one", work=lambda: sick.call("one"), is_click=True))
    wait_until(lambda: sick.running, what="the call")

    assert not pool.stop(0.1)


@pytest.mark.usefixtures("pool")
def test_a_connection_that_cannot_be_closed_leaves_no_job_among_the_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        def all(self, *, initialized_only: bool) -> list[object]:
            raise OperationalError("the database went away")

        def close_all(self) -> None:
            pass

    monkeypatch.setattr(call_pool, "connections", Away())
    for _ in range(3):
        assert finishes("a")

"""The embedded broker: whole messages only, each to one taker, in order."""

from __future__ import annotations

import multiprocessing
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from types import SimpleNamespace
from typing import Any

import pytest
from kombu import Connection

from panelhub.background.folder_broker import register_embedded_broker


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "broker"


@pytest.fixture
def channel(folder: Path) -> Iterator[Any]:
    with connect(folder) as connection:
        yield channel_of(connection)


def connect(folder: Path) -> Connection:
    register_embedded_broker()
    return Connection("panelhub://localhost//", transport_options={"folder": str(folder), "polling_interval": 0.01})


def channel_of(connection: Connection) -> Any:
    return connection.default_channel


def take_all(channel: Any, queue: str) -> list[Any]:
    taken = []
    while True:
        try:
            taken.append(channel._get(queue))
        except Empty:
            return taken


def test_messages_come_back_whole_and_in_order(channel: Any) -> None:
    for number in range(20):
        channel._put("clicks", {"body": number, "text": "ığş → 🙂"})

    assert channel._size("clicks") == 20
    assert take_all(channel, "clicks") == [{"body": number, "text": "ığş → 🙂"} for number in range(20)]
    assert channel._size("clicks") == 0


def test_queues_are_apart(channel: Any) -> None:
    channel._put("clicks", {"body": 1})
    channel._put("background", {"body": 2})

    assert take_all(channel, "background") == [{"body": 2}]
    assert take_all(channel, "clicks") == [{"body": 1}]


def test_a_message_that_is_still_being_written_is_not_seen(channel: Any, folder: Path) -> None:
    channel._put("clicks", {"body": 1})
    (folder / "clicks" / ".00000000000000000001-half.msg").write_text('{"bo')

    assert take_all(channel, "clicks") == [{"body": 1}]


def test_an_unreadable_message_is_dropped_and_the_next_one_taken(channel: Any, folder: Path) -> None:
    channel._put("clicks", {"body": 1})
    (folder / "clicks" / "00000000000000000001-torn.msg").write_text('{"bo')

    assert take_all(channel, "clicks") == [{"body": 1}]
    assert take_all(channel, "clicks") == []


def plant(folder: Path, content: bytes, *, name: str = "00000000000000000001-planted.msg") -> Path:
    """Return a file in a queue, put there by whoever can write into the folder."""
    path = folder / "clicks" / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"\xff\xfe", b"null", b"[]", b'"text"', b"1" * 5000, b"[" * 100_000, b'{"a":' * 50_000),
        *(b"\x80\x04\x95", b'{"__type__":"x","__value__":1}', b"{" + b" " * (300 * 1024) + b"}"),
    ],
)
def test_planted_content_is_dropped_and_stops_no_one(channel: Any, folder: Path, content: bytes) -> None:
    channel._put("clicks", {"body": 1})
    planted = plant(folder, content)

    assert take_all(channel, "clicks") == [{"body": 1}]
    assert not planted.exists()
    assert not list((folder / "clicks").iterdir())


@pytest.mark.parametrize("kind", ["another user's", "link", "pipe", "folder"])
def test_only_plain_files_of_this_user_are_read(
    channel: Any, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    channel._put("clicks", {"body": 1})
    path = folder / "clicks" / "00000000000000000001-planted.msg"
    secret = tmp_path / "secret"
    secret.write_text('{"body": 2}')
    if kind == "link":
        path.symlink_to(secret)
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        plant(folder, b'{"body": 2}')
        own = os.fstat
        strangers = path.stat().st_ino

        def belongs(handle: int) -> Any:
            found = own(handle)
            is_planted = found.st_ino == strangers
            return SimpleNamespace(
                st_mode=found.st_mode, st_size=found.st_size, st_uid=4242 if is_planted else found.st_uid
            )

        monkeypatch.setattr("panelhub.background.folder_broker.os.fstat", belongs)

    assert take_all(channel, "clicks") == [{"body": 1}]
    assert secret.read_text() == '{"body": 2}'


def test_folders_that_others_could_write_into_are_closed(folder: Path) -> None:
    queue = folder / "clicks"
    queue.mkdir(parents=True)
    for path in (folder, queue):
        path.chmod(0o777)
    with connect(folder) as connection:
        channel_of(connection)._put("clicks", {"body": 1})

    assert [stat.S_IMODE(path.stat().st_mode) for path in (folder, queue)] == [0o700, 0o700]


def test_purging_counts_what_it_removed(channel: Any) -> None:
    channel._put("clicks", {"body": 1})
    channel._put("clicks", {"body": 2})

    assert channel._purge("clicks") == 2
    assert take_all(channel, "clicks") == []


@pytest.mark.parametrize("name", ["../outside", "a/b", ".hidden"])
def test_a_queue_cannot_lead_out_of_the_folder(channel: Any, name: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name of a queue"):
        channel._put(name, {"body": 1})


def test_what_was_published_survives_the_connection(folder: Path) -> None:
    with connect(folder) as first:
        queue = first.SimpleQueue("clicks")
        queue.put({"order": 7})
        queue.close()

    with connect(folder) as second:
        queue = second.SimpleQueue("clicks")
        message = queue.get(timeout=5)
        message.ack()
        queue.close()

    assert message.payload == {"order": 7}


def test_what_was_taken_but_not_finished_goes_back_at_a_clean_end(folder: Path) -> None:
    with connect(folder) as first:
        queue = first.SimpleQueue("clicks")
        queue.put({"order": 7})
        queue.get(timeout=5)

    with connect(folder) as second:
        queue = second.SimpleQueue("clicks")
        assert queue.get(timeout=5).payload == {"order": 7}
        queue.close()


def test_several_takers_and_givers_lose_and_double_nothing(folder: Path) -> None:
    context = multiprocessing.get_context("spawn")
    givers, takers, each = 3, 3, 200
    with context.Pool(givers + takers) as pool:
        given = pool.starmap_async(give, [(str(folder), giver * each, each) for giver in range(givers)])
        taken = pool.starmap_async(take, [(str(folder), givers * each // takers) for _ in range(takers)])
        given.get(timeout=60)
        numbers = [number for part in taken.get(timeout=60) for number in part]

    assert sorted(numbers) == list(range(givers * each))


def give(folder: str, first: int, count: int) -> None:
    with connect(Path(folder)) as connection:
        for number in range(first, first + count):
            channel_of(connection)._put("clicks", {"body": number})


def take(folder: str, count: int) -> list[int]:
    numbers: list[int] = []
    with connect(Path(folder)) as connection:
        while len(numbers) < count:
            try:
                numbers.append(channel_of(connection)._get("clicks")["body"])
            except Empty:
                continue
    return numbers

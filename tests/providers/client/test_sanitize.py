"""A stranger's texts made harmless, and secrets taken out of them in every spelling."""

from __future__ import annotations

import pytest

from providers.client.sanitize import HIDDEN, Scrubber, clean_label, clean_line, clean_text, clean_verbatim

KEY = "s3cret/KEY+with=signs&more"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Followers  ", "Followers"),
        ("A\x00B", "AB"),
        ("A\nB\tC\r\nD", "A B C D"),
        ("bell\x07\x1b[31m", "bell[31m"),
        ("lone \ud800 surrogate", "lone  surrogate"),
        ("\u202egnp.exe", "gnp.exe"),
        ("a\u2066b\u2069c\u200bd\ufeff", "abcd"),
        ("family 👨\u200d👩\u200d👧", "family 👨\u200d👩\u200d👧"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("⏏️ 10K | 🇻🇳", "⏏️ 10K | 🇻🇳"),
        ("a\u2028b", "a b"),
        ("&amp; <b>", "&amp; <b>"),
    ],
)
def test_a_line(text: str, expected: str) -> None:
    assert clean_line(text, 100) == expected


def test_a_line_is_cut() -> None:
    assert clean_line("x" * 200, 100) == "x" * 100
    assert clean_line("x" * 99 + " y", 100) == "x" * 99


def test_a_label_has_its_entities_decoded_once() -> None:
    assert clean_label("Likes &amp; Views &#128077; &quot;HQ&quot;", 100) == 'Likes & Views 👍 "HQ"'
    assert clean_label("&amp;lt;b&amp;gt;", 100) == "&lt;b&gt;"
    assert clean_label("&#0;&#8238;x&#10;y", 100).replace("\ufffd", "") == "x y"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>Fast</p><p>Safe &amp; sound</p>", "Fast\nSafe & sound"),
        ("one<br>two<BR/>three", "one\ntwo\nthree"),
        ("a < 100 and b > 5", "a < 100 and b > 5"),
        ("<script>alert(1)</script>", "alert(1)"),
        ("a\r\n\r\n\r\n\r\nb\rc", "a\n\nb\nc"),
        ("keep\ttabs\x00", "keep\ttabs"),
        ("<" * 1000, "<" * 1000),
    ],
)
def test_a_text_of_several_lines(text: str, expected: str) -> None:
    assert clean_text(text, 2000) == expected


def test_goods_are_kept_as_they_are() -> None:
    assert clean_verbatim(" user | pa<b>ss&amp;\nline\x00\ud800 ", 100) == "user | pa<b>ss&amp;\nline"


@pytest.mark.parametrize(
    "echo",
    [
        KEY,
        KEY.lower(),
        KEY.upper(),
        "s3cret%2FKEY%2Bwith%3Dsigns%26more",
        "s3cret%2fkey%2bwith%3dsigns%26more",
        "s3cret/KEY+with=signs&amp;more",
        "s3cret\\/KEY+with=signs&more",
    ],
)
def test_a_key_is_found_in_every_spelling(echo: str) -> None:
    scrubbed = Scrubber([KEY]).scrub(f"Invalid key: {echo}!")

    assert scrubbed == f"Invalid key: {HIDDEN}!"


def test_the_start_of_a_key_at_the_end_of_a_cut_text_goes_too() -> None:
    scrubber = Scrubber([KEY])

    assert scrubber.scrub_excerpt("bad key s3cret/KE") == f"bad key {HIDDEN}"
    assert scrubber.scrub_excerpt("bad key s3c") == "bad key s3c"


def test_a_document_is_scrubbed_in_texts_and_names() -> None:
    document = {KEY: [KEY, 5, None, {"deep": f"x{KEY}"}], "n": True}

    assert Scrubber([KEY]).scrub_document(document) == {HIDDEN: [HIDDEN, 5, None, {"deep": f"x{HIDDEN}"}], "n": True}


def test_without_a_secret_nothing_is_touched() -> None:
    document = {"a": ["b"]}
    for scrubber in (Scrubber(), Scrubber(["", "abc"])):
        assert scrubber.scrub("abc") == "abc"
        assert scrubber.scrub_document(document) is document
        assert not scrubber.finds_in("abc")


def test_a_scrubber_does_not_show_what_it_knows() -> None:
    assert KEY not in repr(Scrubber([KEY]))

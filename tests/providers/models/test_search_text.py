"""Folding: what a person types and what a provider writes become one text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.models.search_text import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("İstanbul", "istanbul"),
        ("IŞIK ışık", "isik isik"),
        ("Người theo DÕI", "nguoi theo doi"),
        ("Đặng đ", "dang d"),
        ("Straße", "strasse"),
        ("ПОДПИСЧИКИ", "подписчики"),
        ("Ｆｕｌｌ ﬁ ²", "full fi 2"),
        ("Łódź Ørsted", "lodz orsted"),
        ("  a \n b\t", "a b"),
        ("ถูกใจ 👍", "ถกใจ 👍"),
        ("", ""),
    ],
)
def test_case_marks_and_forms_do_not_count(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert not any(unicodedata.combining(letter) for letter in once)

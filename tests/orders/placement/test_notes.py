"""A note says where a panel's document is silent about an order type."""

from __future__ import annotations

import pytest

from orders.placement.service_rules import documentation_note
from tests.helpers.makers import make_provider, make_service
from tests.helpers.validation import service_of

pytestmark = pytest.mark.django_db


class TestDocumentationNote:
    """Orders that the provider's document does not describe are marked."""

    @pytest.mark.parametrize(
        ("dialect", "slug", "noted"),
        [
            ("smmplus", "default", False),
            ("servsmm", "default", False),
            ("smmvna", "default", False),
            ("smmplus", "package", True),
            ("smmplus", "custom_comments", True),
            ("servsmm", "custom_comments", True),
            ("smmvna", "subscriptions", True),
            ("smpanelim", "telepathy", True),
        ],
    )
    def test_is_there_when_the_document_is_silent(self, dialect: str, slug: str, noted: bool) -> None:
        note = documentation_note(make_service(make_provider(dialect), type=slug))

        assert bool(note) is noted

    def test_names_the_document_and_the_parameters(self) -> None:
        note = documentation_note(service_of("comment_replies"))

        assert "smm.plus API document" in note
        assert "link, username, comments" in note

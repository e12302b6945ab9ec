"""A link before it is paid for: what was mended is shown, what does not fit is confirmed, what is open is named."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from orders.models import MassLine, Order
from providers.models import Service
from tests.helpers.makers import make_provider, make_service

pytestmark = pytest.mark.django_db
NEW = reverse("orders:create")
PROFILE = "https://www.instagram.com/maple.lantern_88/"
POST = "https://www.instagram.com/p/Cq7LzWvN2xE/"
TIKTOK = "https://www.tiktok.com/@salty.kettle"


def service_of(kind: str = "likes", platform: str = "instagram", **fields: Any) -> Service:
    return make_service(kind=kind, platform=platform, **fields)


def fields_of(service: Service, link: str, **more: Any) -> dict[str, Any]:
    return {"service": service.pk, "link": link, "quantity": "1000"} | more


def text_of(response: Any) -> str:
    """Return a page without the blanks around its tags."""
    return re.sub(r"\s*(<[^>]*>)\s*", r"\1", " ".join(response.content.decode().split()))


class TestMends:
    @pytest.mark.parametrize(
        ("typed", "sent", "words"),
        [
            ("instagram.com/p/Cq7LzWvN2xE/", "https://instagram.com/p/Cq7LzWvN2xE/", ("Added https:// to",)),
            (f"{POST}\u200b", POST, ("Invisible characters were removed",)),
            (
                "\u200einstagram.com/p/Cq7LzWvN2xE/",
                "https://instagram.com/p/Cq7LzWvN2xE/",
                ("Invisible", "Added https:// to"),
            ),
        ],
    )
    def test_are_shown_on_the_review_and_sent(
        self, as_staff: Any, typed: str, sent: str, words: tuple[str, ...]
    ) -> None:
        service = service_of()

        page = text_of(as_staff.post(NEW, fields_of(service, typed, step="review")))
        as_staff.post(NEW, fields_of(service, typed))

        assert f"<dd>{sent}</dd>" in page
        assert all(word in page for word in words)
        assert Order.objects.get().link == sent

    def test_of_a_good_link_are_none(self, as_staff: Any) -> None:
        link = f"{POST}?igsh=x"

        page = text_of(as_staff.post(NEW, fields_of(service_of(), link, step="review")))
        as_staff.post(NEW, fields_of(Service.objects.get(), link))

        assert "Invisible" not in page
        assert "Added https:// to" not in page
        # What sets two links of one target apart is compared without, and sent as it was typed.
        assert Order.objects.get().link == link

    def test_in_a_mass_order_are_counted_aloud(self, as_staff: Any) -> None:
        service = service_of(external_id="12")
        lines = "\n".join(f"12|instagram.com/p/Cq7LzWvN2x{mark}/|100" for mark in "AB") + f"\n12|{POST}\u200b|100"

        page = text_of(as_staff.post(reverse("orders:mass"), {"lines": lines}, follow=True))

        assert "Added https:// to 2 links: lines 1, 2." in page
        assert "Invisible characters were removed from 1 link: line 3." in page
        assert set(MassLine.objects.values_list("warning", "fault")) == {("", "")}
        assert MassLine.objects.get(number=3).link == POST
        assert service.pk


class TestMismatch:
    @pytest.mark.parametrize(
        ("kind", "platform", "link", "words"),
        [
            ("likes", "instagram", PROFILE, "This link is a profile"),
            ("likes", "instagram", TIKTOK, "TikTok"),
            ("followers", "instagram", POST, "This link is a post"),
            ("likes", "instagram", "@maple", "This link is a username"),
            ("subscribers", "youtube", "https://youtu.be/kT9_wQ2-LmA", "This link is a video"),
        ],
    )
    def test_is_to_be_confirmed_and_never_refused(
        self, as_staff: Any, kind: str, platform: str, link: str, words: str
    ) -> None:
        service = service_of(kind, platform)

        review = as_staff.post(NEW, fields_of(service, link, step="review"))
        unconfirmed = as_staff.post(NEW, fields_of(service, link))

        for response in (review, unconfirmed):
            assert response.status_code == 200
            assert words in text_of(response)
            assert 'name="confirm_link"' in text_of(response)
        assert not Order.objects.exists()
        assert as_staff.post(NEW, fields_of(service, link, confirm_link="1")).status_code == 302
        assert Order.objects.get().link == link

    @pytest.mark.parametrize(
        ("kind", "platform", "link"),
        [("likes", "instagram", POST), ("followers", "instagram", PROFILE), ("followers", "instagram", "@maple"),
         ("zz", "", TIKTOK), ("likes", "instagram", "https://example.com/p/1")],
    )  # fmt: skip
    def test_is_not_seen_where_a_link_fits_or_nothing_is_known(
        self, as_staff: Any, kind: str, platform: str, link: str
    ) -> None:
        service = service_of(kind, platform)
        Service.objects.filter(pk=service.pk).update(kind=kind, platform=platform)

        assert "confirm_link" not in text_of(as_staff.post(NEW, fields_of(service, link, step="review")))
        assert as_staff.post(NEW, fields_of(service, link)).status_code == 302

    def test_is_said_while_the_link_is_typed(self, as_staff: Any) -> None:
        assert "TikTok" in text_of(as_staff.post(reverse("orders:quote"), fields_of(service_of(), TIKTOK)))

    def test_is_a_warning_of_its_line_in_a_mass_order(self, as_staff: Any) -> None:
        service_of(external_id="12")

        as_staff.post(reverse("orders:mass"), {"lines": f"12|{PROFILE}|100\n12|{POST}|100\n12|{TIKTOK}|100"})

        found = list(MassLine.objects.order_by("number").values_list("warning", "fault"))
        assert [bool(warning) for warning, _fault in found] == [True, False, True]
        assert {fault for _warning, fault in found} == {""}


class TestSameTarget:
    @pytest.mark.parametrize(
        ("first", "second"),
        [
            (f"{POST}?igshid=MzRlODBiNWFlZA==", POST),
            (POST.replace("/p/", "/reel/"), "instagram.com/p/Cq7LzWvN2xE"),
            ("@Some.Name", "some.name"),
            ("https://instagram.com/some.name", "@some.name"),
            ("some.name", "https://www.instagram.com/Some.Name/?igsh=1"),
        ],
    )
    def test_is_warned_of_however_it_is_written(self, as_staff: Any, first: str, second: str) -> None:
        service = service_of("zz", "instagram")

        as_staff.post(NEW, fields_of(service, first))
        review = text_of(as_staff.post(NEW, fields_of(service, second, step="review")))
        refused = as_staff.post(NEW, fields_of(service, second))

        order = Order.objects.get()
        assert f"order #{order.pk}" in review
        assert refused.status_code == 422
        assert f"#{order.pk}" in text_of(refused)
        as_staff.post(reverse("orders:mass"), {"lines": f"{service.external_id}|{second}|100"})
        assert f"Order #{order.pk} for this link is still open." in MassLine.objects.get().warning

    def test_is_not_seen_in_two_targets(self, as_staff: Any) -> None:
        service = service_of("zz", "instagram")
        links = [POST, POST.lower(), PROFILE, "@another.name", "https://www.instagram.com/stories/maple.lantern_88/33/"]

        for link in links:
            assert as_staff.post(NEW, fields_of(service, link)).status_code == 302

        assert Order.objects.count() == len(links)

    def test_is_not_a_bare_name_on_another_platform(self, as_staff: Any) -> None:
        provider = make_provider()
        as_staff.post(NEW, fields_of(service_of("zz", "tiktok", provider=provider), "@some.name"))

        other = service_of("zz", "instagram", provider=provider)

        assert as_staff.post(NEW, fields_of(other, "https://instagram.com/some.name")).status_code == 302

    def test_within_one_list_is_warned_of_too(self, as_staff: Any) -> None:
        service_of("followers", external_id="12")

        as_staff.post(reverse("orders:mass"), {"lines": f"12|{PROFILE}|100\n12|@maple.lantern_88|100\n12|@other|100"})

        assert [bool(warning) for warning in MassLine.objects.order_by("number").values_list("warning", flat=True)] == [
            False,
            True,
            False,
        ]

"""The handbook: the pages of `docs/guide`, shown in the hub as they are read in the repository.

Each file is one page: its first heading is the title, its second-level headings are what links and the palette lead to.
The files are part of the program, so what they hold is trusted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe
from markdown import Markdown

ORDER: Final = ("states", "settling", "refills", "mass-orders", "limits", "roles")
"""The pages, by the names of their files, as they are read."""
_LINK: Final = re.compile(r'(?P<attribute>href|src)="(?P<target>[^"]+)"')
_STATIC: Final = "../../static/"
_TITLE: Final = re.compile(r"<h1[^>]*>.*?</h1>\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Section:
    """One heading of a page, and its anchor."""

    anchor: str
    title: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page; ``html`` is all of it but the title."""

    slug: str
    title: str
    html: SafeString
    sections: tuple[Section, ...]

    @property
    def url(self) -> str:
        return reverse("handbook_page", args=[self.slug])


@lru_cache(maxsize=1)
def all_pages() -> tuple[Page, ...]:
    """Return every page, in reading order."""
    return tuple(read_page(slug) for slug in ORDER)


def read_page(slug: str) -> Page:
    """Return one page from its file; links to other pages and to pictures lead to where the hub has them."""
    text = (settings.BASE_DIR / "docs" / "guide" / f"{slug}.md").read_text(encoding="utf-8")
    reader = Markdown(extensions=["tables", "fenced_code", "toc"], output_format="html")
    html = _LINK.sub(_place, reader.convert(text))
    # The extension keeps the headings it found, the title above those below it.
    (top,) = reader.toc_tokens  # type: ignore[attr-defined]
    sections = tuple(Section(child["id"], child["name"]) for child in top["children"])
    body = _TITLE.sub("", html, count=1).replace("<table>", '<div class="grid-wrap" tabindex="0"><table class="grid">')
    body = body.replace("</table>", "</table></div>").replace("<th>", '<th scope="col">')
    return Page(slug, top["name"], mark_safe(body), sections)  # noqa: S308 - a file of the program


def _place(found: re.Match[str]) -> str:
    target = found["target"]
    if target.startswith(_STATIC):
        target = static(target.removeprefix(_STATIC))
    elif target.endswith(".md"):
        target = reverse("handbook_page", args=[target.removesuffix(".md")])
    return f'{found["attribute"]}="{target}"'


@require_safe
def show(request: HttpRequest, slug: str = ORDER[0]) -> HttpResponse:
    """Show one page of the handbook, the first when none is named."""
    pages = all_pages()
    page = next((one for one in pages if one.slug == slug), None)
    if page is None:
        raise Http404
    return render(request, "panelhub/handbook/page.html", {"nav": "handbook", "page": page, "pages": pages})

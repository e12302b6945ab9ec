"""Whether a link is of the platform and the kind that a service is for. A doubt is a warning, never a refusal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from orders.links.reader import SITES, USERNAME, WEBSITE, Link

TARGETS: Final[dict[str, Any]] = {
    "album": lazy("an album"),
    "board": lazy("a board"),
    "bot": lazy("a bot"),
    "channel": lazy("a channel"),
    "clip": lazy("a clip"),
    "comment": lazy("a comment"),
    "episode": lazy("an episode"),
    "event": lazy("an event"),
    "group": lazy("a group"),
    "invite": lazy("an invite link"),
    "live": lazy("a live stream"),
    "page": lazy("a page"),
    "playlist": lazy("a playlist"),
    "podcast": lazy("a podcast"),
    "post": lazy("a post"),
    "profile": lazy("a profile"),
    "short": lazy("a short"),
    "story": lazy("a story"),
    "track": lazy("a track"),
    USERNAME: lazy("a username"),
    "video": lazy("a video"),
    WEBSITE: lazy("a website"),
}
_TITLES: Final = {site.slug: site.title for site in SITES}
# Names set aside for examples open nothing: whoever types one tries something out.
_EXAMPLES: Final = ("example.com", "example.net", "example.org", ".example", ".test", ".invalid")
_ANY_ADDRESS: Final = frozenset({"traffic", "ranking"})


def describe_mismatch(link: Link, *, platform: str, kind: str, platform_title: str = "") -> str:
    """Return what is odd about ``link`` for a service of this platform and kind, as a sentence; "" when nothing is.

    Nothing is said where the platform, the kind or the target is not known, nor of what a service of any website
    may well be ordered for.
    """
    if link.platform == WEBSITE and _is_example(link):
        return ""
    if kind in _ANY_ADDRESS:
        return _("This is a username, but the service needs a website.") if link.is_name else ""
    is_foreign = link.platform and platform and link.platform != platform
    if is_foreign and (link.platform != WEBSITE or platform in _TITLES):
        service = platform_title or _TITLES.get(platform, platform)
        if link.platform == WEBSITE:
            return _("This isn’t a %(service)s link, but the service is for %(service)s.") % {"service": service}
        return _("This is a %(platform)s link, but the service is for %(service)s.") % {
            "platform": _TITLES[link.platform],
            "service": service,
        }
    return _describe_kind(link, platform or link.platform, kind)


def _describe_kind(link: Link, platform: str, kind: str) -> str:
    target = link.target
    wanted = _targets_for(platform, kind)
    if link.is_name:
        opened = {site.handle_target for site in SITES if site.slug == platform} - {""}
        if not opened or opened & wanted:
            return ""
    elif not target or kind in link.fits or target in wanted:
        return ""
    if not wanted:
        return ""
    return _("This link is %(target)s, but the service needs %(wanted)s.") % {
        "target": TARGETS[target],
        "wanted": _listed(str(TARGETS[name]) for name in sorted(wanted)),
    }


def _targets_for(platform: str, kind: str) -> set[str]:
    """Return what a service of a kind can be ordered for on a platform; nothing when that is not known."""
    sites = [site for site in SITES if site.slug == platform]
    by_default = {target for site in sites for target, kinds in site.fits.items() if kind in kinds}
    by_rule = {rule.target for site in sites for rule in site.rules if rule.fits and kind in rule.fits}
    return by_default | by_rule


def _listed(words: Iterable[str]) -> str:
    *first, last = list(words)
    return _("%(first)s or %(last)s") % {"first": ", ".join(first), "last": last} if first else last


def _is_example(link: Link) -> bool:
    host = link.canonical.partition("/")[2].partition("/")[0].partition(":")[0]
    return any(host == name or host.endswith(name if name[0] == "." else f".{name}") for name in _EXAMPLES)

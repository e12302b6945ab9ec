"""The shape of a platform's rules: which addresses are its own, and what each of them opens.

A platform is one or more :class:`Site`. Its rules are tried in their order; the first whose pattern is the
beginning of an address says what that address opens and under which key. A pattern is a regular expression of the
path without its outer slashes, in which

    {name} {owner}        stand for a user or group name, in any case
    {code} {slug}         for letters, digits, ``-`` and ``_``; the case counts
    {n} {m}               for digits
    {part}                for a whole segment; the case counts
    {any}                 for a segment that does not matter
    `` ?v={code}&…``      at the end, for parameters of the query, wherever they stand there
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

_TOKENS: Final = {
    "{name}": r"(?P<name>[^/?#@]+)",
    "{owner}": r"(?P<owner>[^/?#@]+)",
    "{code}": r"(?P<code>[\w\-]+)",
    "{slug}": r"(?P<slug>[\w\-]+)",
    "{n}": r"(?P<n>\d+)",
    "{m}": r"(?P<m>\d+)",
    "{part}": r"(?P<part>[^/]+)",
    "{any}": r"[^/]+",
}
_TOKEN: Final = re.compile("|".join(map(re.escape, _TOKENS)))
_FOLDED: Final = frozenset({"name", "owner"})
HANDLE: Final = "@{name}"
"""The key of what a bare user name opens too."""


class Match(NamedTuple):
    """What a rule says of an address: what it opens, its key within the platform, what may be ordered for it.

    ``handle`` is the user name, where a bare one opens the same.
    """

    target: str
    key: str
    fits: tuple[str, ...]
    handle: str


@dataclass(frozen=True, slots=True)
class Rule:
    """Addresses of one form. ``target`` is ``""`` where the address does not show what it opens.

    ``host`` is the beginning of the host, before the platform's own name, that the rule is limited to;
    ``fits`` replaces what the platform says of the target.
    """

    target: str
    key: str
    pattern: str
    host: str | None = None
    fits: tuple[str, ...] | None = None
    path: re.Pattern[str] = field(init=False)
    query: Mapping[str, re.Pattern[str]] = field(init=False)
    begins_with_name: bool = field(init=False)

    def __post_init__(self) -> None:
        path, _mark, query = self.pattern.partition(" ?")
        pairs = [pair.partition("=") for pair in query.split("&")] if query else []
        object.__setattr__(self, "begins_with_name", path.lstrip("@?").startswith(("{name}", "{owner}")))
        object.__setattr__(self, "path", re.compile(f"{_expand(path)}(?=/|\\Z)"))
        object.__setattr__(self, "query", {name: re.compile(_expand(form)) for name, _sign, form in pairs})


@dataclass(frozen=True, slots=True)
class Site:
    """A platform: its slug, its hosts, its rules, and which kinds of service fit which target.

    ``hosts`` are ends of a host name, ``.*`` for any country's. What ``opaque`` hosts (or their paths) and
    ``reserved`` first segments open is not shown. ``own`` says that an address which no rule knows is still this
    platform's. ``ignored`` are marks that it leaves out of names. ``codes`` are forms of a bare post code, and the
    keys that it may have.
    """

    slug: str
    title: str
    hosts: tuple[str, ...]
    rules: tuple[Rule, ...]
    fits: Mapping[str, tuple[str, ...]]
    opaque: tuple[str, ...] = ()
    reserved: frozenset[str] = frozenset()
    own: bool = True
    ignored: str = ""
    is_named_by_host: bool = False
    codes: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def handle_target(self) -> str:
        """What a bare user name opens here; "" when nothing does."""
        return next((rule.target for rule in reversed(self.rules) if rule.key == HANDLE), "")

    def match(self, host: str, path: str, query: Mapping[str, str]) -> Match | None:
        """Return what an address opens: ``host`` is what stands before the platform's own, ``path`` has no outer
        slashes.
        """
        if self.is_named_by_host and host:
            path = f"{host}/{path}".rstrip("/")
        first = path.partition("/")[0].casefold()
        for rule in self.rules:
            if rule.host is not None and rule.host != host:
                continue
            found = rule.path.match(path)
            if found is None or (rule.begins_with_name and first in self.reserved):
                continue
            groups = found.groupdict()
            for name, form in rule.query.items():
                value = form.fullmatch(query.get(name, ""))
                if value is None:
                    break
                groups |= value.groupdict()
            else:
                return self._read(rule, groups)
        return None

    def _read(self, rule: Rule, groups: Mapping[str, str]) -> Match:
        made = {name: self.fold(value) if name in _FOLDED else value for name, value in groups.items()}
        fits = self.fits.get(rule.target, ()) if rule.fits is None else rule.fits
        return Match(rule.target, rule.key.format(**made), fits, made["name"] if rule.key == HANDLE else "")

    def fold(self, name: str) -> str:
        """Return a user name as the platform compares it."""
        folded = name.casefold()
        return "".join(mark for mark in folded if mark not in self.ignored) if self.ignored else folded

    def keys_of_code(self, text: str) -> list[str]:
        """Return the keys that a bare post code may have here."""
        return [key.format(text) for form, keys in self.codes if re.fullmatch(form, text) for key in keys]


def _expand(pattern: str) -> str:
    return _TOKEN.sub(lambda token: _TOKENS[token[0]], pattern)

"""Look up the providers and services that the lines of a mass order name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from orders.permissions import providers_for
from orders.placement.service_rules import Rules, rules_of
from providers import dialects
from providers.models import Provider, Service
from providers.models.search_text import fold

if TYPE_CHECKING:
    from providers.dialects import Dialect


class LineFault(ValueError):
    """A fault of one line; ``str()`` is the sentence."""


class Catalogue:
    """The providers a person may order from, and of their services those that were requested."""

    def __init__(self, *, user: Any, default_provider_id: int | None = None) -> None:
        self.user = user
        providers = list(providers_for(user).defer("api_key"))
        self._default_id = default_provider_id
        self.providers: Mapping[int, Provider] = {provider.pk: provider for provider in providers}
        self._dialects: dict[int, Dialect] = {}
        self._rules: dict[tuple[int, str], Rules | None] = {}
        # A name goes before a dialect: two accounts may speak the same one.
        self._by_name = _group(providers, lambda one: (one.dialect, dialects.DIALECTS[one.dialect].title))
        self._by_name |= _group(providers, lambda one: (one.name,))

    def names_provider(self, name: str) -> bool:
        """Return whether a text is the name of a provider or of its dialect."""
        return fold(name) in self._by_name

    def find_provider(self, name: str) -> Provider:
        """Return the provider behind a name, or the one that lines without a name go to; raises a fault."""
        found = self._by_name.get(fold(name), []) if name else list(self.providers.values())
        if not name and self._default_id is not None and self._default_id in self.providers:
            return self.providers[self._default_id]
        usable = [provider for provider in found if provider.is_active] if len(found) > 1 else found
        if len(usable) == 1:
            return usable[0]
        if not name:
            raise LineFault(_("This line names no provider, and none was chosen for all lines."))
        if not found:
            raise LineFault(_("No provider is named “%(name)s”.") % {"name": name[:60]})
        choices = ", ".join(sorted(provider.name for provider in found))
        raise LineFault(_("“%(name)s” can mean several providers: %(names)s.") % {"name": name, "names": choices})

    def load(self, wanted: Iterable[tuple[int, str]]) -> None:
        """Look up services by provider and the provider's id; one statement, none when all are known."""
        unknown = {pair for pair in wanted if pair not in self._rules}
        if not unknown:
            return
        self._rules.update(dict.fromkeys(unknown))
        found = Service.objects.filter(
            provider_id__in={provider_id for provider_id, _id in unknown},
            external_id__in={external_id for _pk, external_id in unknown},
        ).defer("description", "search_text", "category")
        for service in found:
            pair = (service.provider_id, service.external_id)
            if pair in unknown:
                service.provider = self.providers[service.provider_id]
                self._rules[pair] = rules_of(service, dialect=self._dialect_of(service.provider))

    def _dialect_of(self, provider: Provider) -> Dialect:
        if provider.pk not in self._dialects:
            self._dialects[provider.pk] = provider.speaks
        return self._dialects[provider.pk]

    def find_rules(self, provider: Provider, external_id: str) -> Rules:
        """Return the rules of a loaded service; raises a fault."""
        rules = self._rules.get((provider.pk, external_id))
        if rules is None:
            raise LineFault(_("%(provider)s has no service %(id)s.") % {"provider": provider, "id": external_id[:64]})
        return rules


def _group(providers: Iterable[Provider], names_of: Callable[[Provider], Iterable[str]]) -> dict[str, list[Provider]]:
    found: dict[str, list[Provider]] = {}
    for provider in providers:
        for name in {fold(name) for name in names_of(provider)}:
            found.setdefault(name, []).append(provider)
    return found

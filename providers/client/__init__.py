"""The client of a panel: bytes become typed values or a typed error, and nothing else leaves this package.

Pure Python over `requests`: no Django, no models, no settings. Limits and permissions are passed in.

    client       one method for each documented action
    outcome      the one list of certain outcomes
    replies      a decoded reply to a typed value, one reader an action; the words of states and of refusals
    transport    one POST under one deadline: reports what happened, never what it means
    connection   what keeps that deadline, and notes how far the call got;  address  where a panel may be
    sanitize     texts without control characters and without the key
    types, errors   what all this comes to
"""

from providers.client.client import Account, PanelClient
from providers.client.errors import ProviderError

__all__ = ["Account", "PanelClient", "ProviderError"]

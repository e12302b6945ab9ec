"""Links: what one is, whose it is, what it opens, and when two of them open the same.

Pure functions over data: :mod:`orders.links.social_sites` and :mod:`orders.links.media_sites` have an entry for
each platform. Nothing here looks at a database or changes what is sent, but for the two visible mends: invisible
marks are taken off, and an address without a scheme gets ``https://``.
"""

from orders.links.faults import MAX_LINK, NoLink
from orders.links.fit import describe_mismatch
from orders.links.reader import (
    KEY_SIZE,
    SITES,
    Link,
    handle_keys,
    key_of,
    keys_of_target,
    name_target,
    read_link,
    search_keys,
)

__all__ = [
    "KEY_SIZE",
    "MAX_LINK",
    "SITES",
    "Link",
    "NoLink",
    "describe_mismatch",
    "handle_keys",
    "key_of",
    "keys_of_target",
    "name_target",
    "read_link",
    "search_keys",
]

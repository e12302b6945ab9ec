"""The stored services of a provider, read for comparing: as the database gives them, past Django's conversions.

Of a hundred thousand rows Django's conversions cost more than the reading. One of them is needed here: SQLite keeps
prices as floats. Each price is converted once, since a catalogue has far fewer prices than services.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import connection

from providers.catalogue.diff import KNOWN
from providers.models import Service

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from providers.models import Provider

_ACCEPTED: Final = KNOWN.index("accepted_rate")
_RATE: Final = KNOWN.index("rate")


def read_known(provider: Provider) -> list[tuple[Any, ...]]:
    """Return the services of ``provider`` as tuples of ``KNOWN``, in no order; one statement.

    Flags may come as 0 and 1, which are equal to False and True.
    """
    services = Service.objects.filter(provider=provider).order_by().values_list(*KNOWN)
    statement, parameters = services.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    if connection.vendor != "sqlite":
        return rows
    price = _Prices()
    for place, row in enumerate(rows):
        rows[place] = (
            *row[:_ACCEPTED],
            price[row[_ACCEPTED]],
            *row[_ACCEPTED + 1 : _RATE],
            price[row[_RATE]],
            *row[_RATE + 1 :],
        )
    return rows


class _Prices(dict[Any, "Decimal | None"]):
    """Prices as Django gives them, by what SQLite gave."""

    def __init__(self) -> None:
        super().__init__({None: None})
        field = Service._meta.get_field("rate")
        column = field.get_col(Service._meta.db_table)
        (convert,) = connection.ops.get_db_converters(column)
        self._convert: Callable[[Any], Decimal] = lambda value: convert(value, column, connection)

    def __missing__(self, value: Any) -> Decimal | None:
        made = self[value] = self._convert(value)
        return made

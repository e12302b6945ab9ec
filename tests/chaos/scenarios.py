"""The scenarios of a run: what is tried on which servers, and at what pace things die."""

from __future__ import annotations

from typing import Final

from tests.chaos.monkey import Pace
from tests.chaos.scenario import Scenario

ORDERS: Final = 10_000
SCENARIOS: Final = (
    Scenario(name="services", database="postgresql", broker="redis", workers=4, orders=ORDERS, minutes=90),
    # A node takes some seconds to come back, and is not to be killed before it has.
    Scenario(
        name="rabbitmq",
        database="postgresql",
        broker="rabbitmq",
        workers=4,
        orders=ORDERS // 10,
        minutes=20,
        pace=Pace(broker=25.0),
        least=("RabbitMQ killed", 1),
    ),
    Scenario(name="small", database="sqlite", broker="embedded", workers=1, orders=ORDERS // 10, minutes=20),
    # F9: nothing fails but the database, all the time.
    Scenario(
        name="database",
        database="postgresql",
        broker="redis",
        workers=2,
        orders=ORDERS // 20,
        minutes=20,
        share=0.0,
        pace=Pace(workers=0.0, broker=0.0, database=5.0),
        least=("PostgreSQL killed", 10),
    ),
    # F24: nothing fails, but a new version is deployed all the time; none of that may leave anything unconfirmed.
    Scenario(
        name="deployments",
        database="postgresql",
        broker="redis",
        workers=2,
        orders=ORDERS // 20,
        minutes=20,
        share=0.0,
        pace=Pace(workers=6.0, broker=0.0, database=0.0, asked=1.0),
        least=("workers stopped", 20),
        unconfirmed=False,
    ),
)

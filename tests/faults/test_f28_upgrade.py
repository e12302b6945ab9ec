"""F28: a database is brought forward while people order."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.chaos import servers
from tests.helpers.chaos import run_torture

pytestmark = pytest.mark.long


@pytest.mark.served
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs servers; `make test-services` tries it")
def test_f28_an_upgrade_loses_no_order_that_the_old_code_adds_meanwhile() -> None:
    try:
        servers.find_postgresql()
    except servers.NotInstalled as missing:
        pytest.skip(f"{missing} is not installed on this machine, and the fault run uses servers of its own alone")
    done = run_torture("--only", "upgrade", "--orders", "5000")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Failed: none. Missing at the end: 0." in done.stdout

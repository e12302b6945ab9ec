"""Which modules are changed, and which tests ought to notice: those that mirror the module, and none that take long."""

from __future__ import annotations

from typing import Final

SUBMISSION: Final = (
    "tests/orders/submission/test_services.py",
    "tests/orders/submission/test_results.py",
    "tests/orders/submission/test_doubts.py",
    "tests/orders/submission/test_outcome_table.py",
    "tests/orders/submission/test_tasks.py",
)
OUTCOME: Final = (
    "tests/providers/client/test_outcome.py",
    "tests/providers/client/test_replies.py",
    "tests/providers/client/replies",
    "tests/providers/client/test_reply_cases.py",
    "tests/providers/client/test_field_cases.py",
)
PLACEMENT: Final = ("tests/orders/placement",)
SETTLEMENT: Final = ("tests/orders/settlement",)
TARGETS: Final[dict[str, tuple[str, ...]]] = {
    "providers/client/outcome.py": OUTCOME,
    "providers/client/replies/refusals.py": OUTCOME,
    "providers/client/replies/error_words.py": OUTCOME,
    "orders/submission/services.py": SUBMISSION,
    "orders/submission/results.py": SUBMISSION,
    "orders/statuses.py": ("tests/orders/test_statuses.py",),
    "orders/placement/pricing.py": PLACEMENT,
    "orders/placement/spending_limits.py": PLACEMENT,
    "orders/permissions.py": ("tests/orders/test_permissions.py", "tests/orders/test_roles.py"),
    "orders/settlement/adoption.py": SETTLEMENT,
    "orders/settlement/id_search.py": SETTLEMENT,
    "orders/settlement/balance_proof.py": SETTLEMENT,
    "orders/polling/order_updates.py": ("tests/orders/polling",),
    "providers/calls/rate_limit.py": (
        "tests/providers/calls/test_rate_limit.py",
        "tests/providers/calls/test_rate_limit_usage.py",
        "tests/providers/calls/test_services.py",
    ),
    "providers/calls/circuit_breaker.py": ("tests/providers/calls/test_circuit_breaker.py",),
    "orders/api/order_handlers.py": ("tests/orders/api/test_handlers.py", "tests/orders/api/test_concurrency.py"),
}

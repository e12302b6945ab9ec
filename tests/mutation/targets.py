"""Which modules are changed, and which tests ought to notice: those that mirror the module, and none that take long."""

from __future__ import annotations

from typing import Final

SUBMISSION: Final = (
    "tests/orders/submission/test_last_look.py",
    "tests/orders/submission/test_services.py",
    "tests/orders/submission/test_services_outcomes.py",
    "tests/orders/submission/test_sweeper.py",
    "tests/orders/submission/test_results.py",
    "tests/orders/submission/test_doubts.py",
    "tests/orders/submission/test_late_answers.py",
)
OUTCOME: Final = (
    "tests/providers/client/test_uncertain_outcomes.py",
    "tests/providers/client/test_outcome.py",
    "tests/providers/client/test_outcome_evidence.py",
    "tests/providers/client/test_outcome_unknown.py",
    "tests/providers/client/test_outcome_words.py",
    "tests/providers/client/replies",
    "tests/providers/client/test_reply_cases.py",
    "tests/providers/client/test_field_cases.py",
)
SETTLEMENT: Final = ("tests/orders/settlement",)
POLLING: Final = (
    "tests/orders/polling/test_order_updates.py",
    "tests/orders/polling/test_batch_updates.py",
    "tests/orders/polling/test_order_updates_unanswered.py",
    "tests/orders/polling/test_other_updates.py",
)
PRICES: Final = (
    "tests/orders/placement/test_pricing.py",
    "tests/orders/placement/test_price_bounds.py",
    "tests/orders/placement/test_every_way_to_spend.py",
    "tests/orders/placement/test_spending_limits.py",
    "tests/orders/placement/test_funds.py",
    "tests/orders/placement/test_services.py",
    "tests/orders/placement/test_validation.py",
)
TARGETS: Final[dict[str, tuple[str, ...]]] = {
    "providers/client/outcome.py": OUTCOME,
    "providers/client/reply_evidence.py": OUTCOME,
    "providers/client/replies/refusals.py": OUTCOME,
    "providers/client/replies/account_refusals.py": OUTCOME,
    "providers/client/replies/order_refusals.py": OUTCOME,
    "providers/client/replies/error_words.py": OUTCOME,
    "orders/submission/services.py": SUBMISSION,
    "orders/submission/call_types.py": (*SUBMISSION, "tests/orders/submission/test_call_types.py"),
    "orders/submission/results.py": SUBMISSION,
    "orders/submission/records.py": SUBMISSION,
    "orders/submission/late_answers.py": SUBMISSION,
    "orders/submission/row_moves.py": SUBMISSION,
    "orders/statuses.py": ("tests/orders/test_statuses.py",),
    "orders/placement/pricing.py": PRICES,
    "orders/placement/spending_limits.py": PRICES,
    "orders/placement/reserved_amounts.py": PRICES,
    "orders/placement/price_growth.py": PRICES,
    "orders/placement/approval.py": PRICES,
    "orders/permissions.py": ("tests/orders/test_visible_rows.py", "tests/orders/test_roles.py"),
    "orders/settlement/adoption.py": SETTLEMENT,
    "orders/settlement/id_confirmation.py": SETTLEMENT,
    "orders/settlement/id_search.py": SETTLEMENT,
    "orders/settlement/id_window.py": SETTLEMENT,
    "orders/settlement/candidates.py": SETTLEMENT,
    "orders/settlement/services.py": SETTLEMENT,
    "orders/settlement/balance_proof.py": SETTLEMENT,
    "orders/polling/order_updates.py": POLLING,
    "orders/polling/update_statements.py": POLLING,
    "providers/calls/rate_limit.py": (
        "tests/providers/calls/test_rate_limit.py",
        "tests/providers/calls/test_rate_limit_usage.py",
        "tests/providers/calls/test_services.py",
    ),
    "providers/calls/admission.py": (
        "tests/providers/calls/test_admission.py",
        "tests/providers/calls/test_rate_limit.py",
        "tests/providers/calls/test_services.py",
    ),
    "providers/calls/circuit_breaker.py": (
        "tests/providers/calls/test_circuit_breaker.py",
        "tests/providers/calls/test_breaker_bounds.py",
    ),
    "orders/api/order_handlers.py": (
        "tests/orders/api/test_order_handlers_add.py",
        "tests/orders/api/test_product_order_keys.py",
        "tests/orders/api/test_concurrency.py",
        "tests/orders/api/test_order_handlers.py",
    ),
}

"""The field's standard words for what the API refuses; clients match on them."""

from __future__ import annotations

from typing import Final

BAD_KEY: Final = "Invalid API key"
ACCOUNT_OFF: Final = "Account suspended"
BAD_ACTION: Final = "Incorrect request"
POST_ONLY: Final = "Send a POST request with the parameters in its body"
NOT_IN_ADDRESS: Final = "Send the parameters in the body of the request, not in its address"
UNAVAILABLE: Final = "This is not available for this order"
NOT_ALLOWED: Final = "You do not have permission for this action"
BAD_SERVICE: Final = "Incorrect service ID"
BAD_PRODUCT: Final = "Incorrect product ID"
BAD_ORDER: Final = "Incorrect order ID"
BAD_REFILL: Final = "Refill not found"
TOO_MANY_IDS: Final = "Maximum 100 orders"
NO_FUNDS: Final = "Not enough funds on balance"
RATE_LIMIT: Final = "Too many requests"
DUPLICATE: Final = "You have active order with this link. Please wait until order being completed."
KEY_REUSED: Final = "This idempotency key was used with other parameters"
KEY_TOO_LONG: Final = "The idempotency key is too long: at most %d characters"
# Says to whoever reads it that nothing is known of what was done; `providers.client.replies.vocabulary` reads it so.
TROUBLE: Final = "Internal error"


class ApiRefused(Exception):
    """The call is refused; ``str()`` is the sentence. ``status`` and ``retry_after`` go with HTTP."""

    def __init__(self, error: str, *, status: int = 200, retry_after: int = 0) -> None:
        super().__init__(error)
        self.status = status
        self.retry_after = retry_after

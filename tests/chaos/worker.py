"""``python -m tests.chaos.worker …``: a worker of the hub as ever, but for dialling no one outside this machine."""

from __future__ import annotations

from celery.__main__ import main

from tests.chaos.guard import stay_on_this_machine

if __name__ == "__main__":
    stay_on_this_machine()
    main()

from __future__ import annotations

from providers.dialects import DIALECTS
from providers.sandbox import Sandbox
from providers.sandbox.accounts import ACCOUNTS
from tests.sandbox.calling import Buyer


def test_there_is_an_account_for_every_panel_that_has_a_document() -> None:
    assert [account.dialect for account in ACCOUNTS] == ["servsmm", "smmplus", "smpanelim", "smmprovider", "smmvna"]
    assert all(account.dialect in DIALECTS for account in ACCOUNTS)
    assert all(account.name.endswith(" (sandbox)") for account in ACCOUNTS)
    assert ACCOUNTS[0].name == "servsmm.com (sandbox)"


def test_accounts_open_the_panels_they_are_for(box: Sandbox) -> None:
    for account in ACCOUNTS:
        buyer = Buyer(box, account.dialect)
        assert box.address + account.path == buyer.url
        assert buyer.ask("balance", key=account.key)["currency"] == account.currency


def test_a_key_is_not_shown() -> None:
    assert all(account.key not in repr(account) for account in ACCOUNTS)

"""Who may what: a line for every address of the hub. A page that is added gets its line here.

`at(get="viewer")` means: GET is answered for viewers and every role after them, is refused (403) to everybody
before, sends the anonymous to the login, and no other method is answered (405). The first argument names the row
that the address is about (see `world.py`); a person who is limited to another provider gets 404 for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

# For addresses that answer everybody, without a login.
ALL: Final = "anonymous"
# For addresses that ask for a token of their own: no person is answered.
PROGRAM: Final = "program"
# For addresses that answer whoever is logged in.
ANY: Final = "viewer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """``get`` and ``post``: the least role that is answered, "" for a method that is not.

    ``refused`` is the answer for those who may not. ``data`` is posted: words of rows stand for their keys.
    """

    row: str = ""
    get: str = ""
    post: str = ""
    refused: int = 403
    kwargs: dict[str, Any] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)


def at(row: str = "", *, get: str = "", post: str = "", **others: Any) -> Rule:
    """Return one line; further arguments are those of the address, where they are none of the rule's."""
    known = {name: others.pop(name) for name in ("refused", "data") if name in others}
    return Rule(row=row, get=get, post=post, kwargs=others, **known)


NO_CALL: Final = UUID(int=0)
PAGES: Final[dict[str, Rule]] = {
    "home": at(get=ANY),
    "login": at(get=ALL, post=ALL),
    "logout": at(post=ANY),
    "set_language": at(post=ANY),
    "healthz": at(get=ALL),
    # Without a token in the settings it is not there at all.
    "metrics": at(get=PROGRAM, refused=404),
    "audit": at(get="administrator"),
    "handbook": at(get=ANY),
    "handbook_page": at(get=ANY, slug="states"),
    "jobs": at(get="manager"),
    "run_job": at(post="manager", slug="submit_orders"),
    "password_forgotten": at(get=ALL, post=ALL),
    "password_forgotten_sent": at(get=ALL),
    "password_new": at(get=ALL, post=ALL, uidb64="MQ", token="1-2"),
    "profile": at(get=ANY),
    "end_session": at(post=ANY, slug="0" * 32),
    "end_other_sessions": at(post=ANY),
    "password_change": at(get=ANY, post=ANY),
    "second_factor": at(get=ANY, post=ANY),
    "second_factor_verify": at(get=ANY, post=ANY),
    "second_factor_remove": at(post=ANY),
    # Programs
    "api_v2": at(post=ALL),
    "api:docs": at(get=ANY),
    "api:openapi": at(get=ANY),
    "api:tokens": at(get="staff", post="staff"),
    "api:token": at("mine:token", get="staff", post="staff"),
    "api:switch_token": at("mine:token", post="staff"),
    "api:shelf": at(get="manager"),
    "api:products": at(get="manager"),
    "api:change_shelf": at(post="manager", tab="shelf"),
    "api:open_service": at("open_service", get="manager", post="manager"),
    "api:markups": at(get="manager", post="manager"),
    # Orders
    "orders:dashboard": at(get="viewer"),
    "orders:list": at(get="viewer"),
    "orders:first_steps": at(get="administrator"),
    "orders:first_steps_hide": at(post="administrator"),
    "orders:live": at(get="viewer"),
    "orders:find": at(get=ANY),
    "orders:columns": at(post=ANY),
    "orders:requests_columns": at(post=ANY),
    "orders:export": at(get="manager", form="csv"),
    "orders:save_view": at(post="viewer"),
    "orders:rename_view": at("mine:view", post="viewer"),
    "orders:delete_view": at("mine:view", post="viewer"),
    "orders:create": at(get="staff", post="staff"),
    "orders:quote": at(post="staff"),
    "orders:detail": at("order", get="viewer"),
    "orders:calls": at("order", get="viewer"),
    "orders:check": at("order", post="staff"),
    "orders:note": at("order", post="staff", data={"text": "seen"}),
    "orders:withdraw": at("waiting_order", post="staff"),
    "orders:approve": at("held_order", post="manager"),
    "orders:mass": at(get="viewer", post="staff"),
    "orders:mass_detail": at("mass", get="viewer"),
    "orders:mass_download": at("mass", get="manager"),
    "orders:mass_line": at("mass", get="staff", post="staff", number=1),
    "orders:mass_place": at("mass", post="staff"),
    "orders:mass_check": at("mass", post="staff"),
    "orders:mass_pause": at("mass", post="staff"),
    "orders:mass_resume": at("mass", post="staff"),
    "orders:mass_withdraw": at("mass", post="staff"),
    # Bundles
    "orders:bundles": at(get="viewer"),
    "orders:bundle": at("bundle", get="viewer", post="staff"),
    "orders:bundle_add": at(get="manager", post="manager"),
    "orders:bundle_edit": at("bundle", get="manager", post="manager"),
    "orders:tickets": at(get="viewer"),
    "orders:ticket_create": at(post="staff", data={"ids": "order"}),
    "orders:ticket": at("ticket", get="viewer"),
    "orders:ticket_answer": at("ticket", post="staff"),
    "orders:ticket_remind": at("ticket", post="staff"),
    # Clients
    "orders:clients": at(get="viewer"),
    "orders:client_names": at(get=ANY),
    "orders:client_add": at(get="staff", post="staff"),
    "orders:client": at("client", get="viewer"),
    "orders:client_edit": at("client", get="manager", post="manager"),
    "orders:client_report": at("client", get="viewer"),
    "orders:client_workbook": at("client", get="manager"),
    "orders:client_export": at("client", get="manager"),
    "orders:client_anonymise": at("client", post="administrator", data={"name": "kestrel-client"}),
    "orders:schedules": at(get="viewer"),
    "orders:schedule_calendar": at(get="viewer"),
    "orders:schedule_create": at(get="staff", post="staff"),
    "orders:schedule_detail": at("schedule", get="viewer"),
    "orders:schedule_pause": at("schedule", post="staff"),
    "orders:schedule_resume": at("schedule", post="staff"),
    "orders:schedule_skip": at("schedule", post="staff", data={"number": "0"}),
    "orders:schedule_end": at("schedule", post="staff"),
    # Routes, and the chains of orders through them
    "orders:routes": at(get="viewer"),
    "orders:route_suggestions": at(get="manager"),
    "orders:route_add": at(get="manager", post="manager"),
    "orders:route": at("route", get="viewer"),
    "orders:route_edit": at("route", get="manager", post="manager"),
    "orders:route_delete": at("route", post="manager"),
    "orders:route_order": at("route", get="staff", post="staff"),
    "orders:chain": at("chain", get="viewer"),
    "orders:chain_stop": at("chain", post="staff"),
    "orders:chain_move": at("chain", post="staff"),
    "orders:chain_buy": at("chain", post="manager"),
    "orders:chain_continue": at("chain", post="manager"),
    "orders:chain_close": at("chain", post="manager"),
    # Products
    "orders:products": at(get="viewer"),
    "orders:product_create": at(get="staff", post="staff"),
    "orders:product_quote": at(post="staff"),
    "orders:product_orders": at(get="viewer"),
    "orders:product_export": at(get="manager", form="csv"),
    "orders:product_live": at(get="viewer"),
    "orders:product_detail": at("product_order", get="viewer"),
    "orders:product_check": at("product_order", post="staff"),
    "orders:product_withdraw": at("product_order", post="staff"),
    "orders:product_approve": at("product_order", post="manager"),
    "orders:product_calls": at("product_order", get="viewer"),
    "orders:product_note": at("product_order", post="staff", data={"text": "seen"}),
    "orders:product_goods": at("product_order", post="manager"),
    # Notices are everybody's own
    "orders:notices": at(get=ANY),
    "orders:notices_read": at(post=ANY),
    "orders:notice_choices": at(get=ANY, post=ANY),
    "orders:channels": at(get="administrator"),
    "orders:channel_add": at(get="administrator", post="administrator", way="telegram"),
    "orders:channel": at("channel", get="administrator", post="administrator"),
    "orders:channel_test": at("channel", post="administrator"),
    "orders:channel_remove": at("channel", post="administrator"),
    # People
    "orders:people": at(get="administrator"),
    "orders:person_add": at(get="administrator", post="administrator"),
    "orders:person": at("colleague", get="administrator", post="administrator"),
    "orders:person_access": at("colleague", post="administrator"),
    "orders:person_log_out": at("colleague", post="administrator"),
    "orders:person_forget_factor": at("colleague", post="administrator"),
    # After the sale, and what is unclear
    "orders:bulk": at(post="staff"),
    "orders:ask": at("order", post="staff", wish="refill"),
    "orders:refill_care": at("order", post="staff", data={"window": "1", "days": "30"}),
    "orders:withdraw_request": at("refill", post="staff", kind="refill"),
    "orders:requests": at(get="viewer"),
    "orders:undo_requests": at(post="staff"),
    "orders:unconfirmed": at(get="viewer"),
    "orders:search": at("unconfirmed", post="manager"),
    "orders:settle": at("unconfirmed", get="viewer", post="manager", kind="order"),
    # A call of which nothing is left leads back to the list.
    "orders:settle_batch": at(get="viewer", post="manager", kind="refill", call=NO_CALL),
    "orders:check_batch": at(post="manager", kind="refill", call=NO_CALL),
    "orders:second_seen": at("attempt", post="manager"),
    "orders:adopt": at(get="manager", post="manager"),
    "orders:adoption": at("adoption", get="viewer"),
    "orders:stop_adoption": at("adoption", post="manager", refused=404),
    "orders:money": at(get="manager"),
    "orders:money_export": at(get="manager", table="days", form="csv"),
    "orders:money_enter": at(post="manager", data={"provider": "provider"}),
    "orders:money_confirm": at("entry", post="manager"),
    "orders:money_delete": at("entry", post="manager"),
    # Providers
    "providers:services": at(get="viewer"),
    "providers:services_columns": at(post=ANY),
    "providers:service": at("service", get="viewer"),
    "providers:list": at(get="viewer"),
    "providers:detail": at("provider", get="viewer"),
    "providers:add": at(get="administrator", post="administrator"),
    "providers:practice": at(get="administrator", post="administrator"),
    "providers:alerts": at(get="administrator", post="administrator"),
    "providers:setup": at("provider", get="administrator", post="administrator"),
    "providers:edit": at("provider", get="administrator", post="administrator"),
    "providers:remove": at("provider", post="administrator"),
    "providers:check": at("provider", post="manager"),
    "providers:sync": at("provider", post="manager"),
    "providers:pause": at("provider", post="administrator"),
    "providers:resume": at("provider", post="administrator"),
    "providers:map_word": at(
        "provider", post="administrator", data={"kind": "states", "word": "Tamam", "meaning": "completed"}
    ),
    "providers:calls": at("provider", get="viewer"),
    "providers:service_orders": at("service", get="viewer"),
    "providers:favourite": at("service", post="viewer"),
    "providers:service_open": at("service", post="manager"),
    "providers:service_facts": at("service", post="manager", data={"follow": "1"}),
    "providers:services_export": at(get="manager", form="csv"),
    "providers:changes": at(get="viewer"),
    "providers:held": at(get="viewer"),
    "providers:accept_prices": at(post="manager"),
    "providers:decide_hold": at("hold", post="manager"),
}


@dataclass(frozen=True, slots=True)
class AdminRule:
    """The least role for each verb of one table in admin; "" for what no one may, a superuser neither."""

    view: str
    add: str = ""
    change: str = ""
    delete: str = ""
    row: str = ""


# Tables of admin. Their pages need `is_staff` besides.
ADMIN: Final[dict[str, AdminRule]] = {
    "panelhub_auditevent": AdminRule("administrator"),
    "panelhub_authenticator": AdminRule("administrator", delete="administrator"),
    "panelhub_secondfactorrule": AdminRule("administrator", "administrator", "superuser", "administrator"),
    "orders_schedule": AdminRule("viewer", row="schedule"),
    "orders_refillwindow": AdminRule("superuser", row="refill_window"),
    "orders_ticket": AdminRule("superuser", row="ticket"),
    "orders_client": AdminRule("viewer", row="client"),
    # A route with orders stays.
    "orders_route": AdminRule("viewer", "manager", "manager", row="route"),
    "orders_chain": AdminRule("administrator", row="chain"),
    "orders_person": AdminRule("administrator", "administrator", "administrator", "administrator"),
    # One row, which is there.
    "orders_hubrules": AdminRule("administrator", "", "administrator"),
    "orders_exchangerate": AdminRule("administrator", "administrator", "administrator", "administrator"),
    "orders_apitoken": AdminRule("administrator", "", "administrator", "superuser", row="mine:token"),
    "orders_openservice": AdminRule("manager", "manager", "manager", row="open_service"),
    "orders_markup": AdminRule("manager", "manager", "manager", "superuser", row="markup"),
    # An account with orders is switched off instead.
    "providers_provider": AdminRule("viewer", "administrator", "administrator", row="provider"),
    "providers_service": AdminRule("viewer", row="service"),
    "providers_cataloguehold": AdminRule("manager", row="hold"),
    "orders_channel": AdminRule("administrator", "administrator", "administrator", "administrator"),
    "auth_group": AdminRule("administrator", "superuser", "superuser", "superuser"),
    "auth_user": AdminRule("administrator", "administrator", "administrator", "superuser"),
    "axes_accessattempt": AdminRule("superuser", "", "superuser", "superuser"),
    "axes_accesslog": AdminRule("superuser", "", "superuser", "superuser"),
    "axes_accessfailurelog": AdminRule("superuser", "", "superuser", "superuser"),
}
# Addresses of admin that are about no table.
ADMIN_PAGES: Final = frozenset(
    {
        *("index", "login", "logout", "password_change", "password_change_done", "autocomplete", "jsi18n"),
        *("view_on_site", "app_list"),
    }
)
# Further addresses of a table, under the verb that they need.
ADMIN_EXTRAS: Final = {"auth_user_password_change": "change"}

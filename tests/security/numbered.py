"""Which tests show each control of the list that the hub is built to (after OWASP ASVS 5, level 2).

A name is a file of the suite, or a test of it after `::`. A test that is renamed is renamed here too: one that does
not exist fails the suite.
"""

from __future__ import annotations

from typing import Final

SAFETY, WIRE, PANELHUB, PROVIDERS, ORDERS = (
    "tests/security",
    "tests/providers/client",
    "tests/panelhub",
    "tests/providers",
    "tests/orders",
)

CONTROLS: Final[dict[str, tuple[str, ...]]] = {
    # S1 Keys at rest
    "S1": (
        f"{PANELHUB}/encryption/test_fields.py::test_a_dump_of_the_table_holds_no_key",
        f"{PANELHUB}/encryption/test_fields.py::test_the_wrong_keys_are_a_clear_error_and_never_the_ciphertext",
        f"{PANELHUB}/encryption/test_fields.py::test_swapped_ciphertexts_are_refused",
        f"{PANELHUB}/encryption/test_fields.py::test_a_hundred_keys_are_rotated_and_the_old_key_can_go",
        f"{PANELHUB}/security/test_second_factor.py::test_keys_are_rotated_with_all_other_secrets",
    ),
    # S2 Secrets that leak
    "S2": (
        f"{SAFETY}/test_canary.py::test_no_secret_of_an_account_that_only_fails_is_found_anywhere",
        f"{SAFETY}/test_canary.py::"
        "test_goods_tokens_and_second_factors_are_found_nowhere_but_where_they_were_requested",
        f"{PANELHUB}/monitoring/test_crash_pages.py::test_no_secret_is_shown",
        f"{PANELHUB}/security/test_second_factor.py::test_neither_the_key_nor_a_recovery_code_stands_in_the_database",
        f"{WIRE}/test_sanitize.py::test_a_key_is_found_in_every_spelling",
    ),
    # S3 Where a provider's address may lead
    "S3": (
        f"{WIRE}/test_address.py::test_a_nasty_url_is_refused_with_a_sentence",
        f"{WIRE}/test_address.py::test_no_packet_goes_to_a_nasty_url",
        f"{WIRE}/test_address.py::test_a_name_that_leads_inside_is_refused_and_nothing_is_sent",
        f"{WIRE}/test_address.py::test_the_connection_goes_to_the_address_that_was_checked",
        f"{WIRE}/test_transport.py::test_neither_proxies_nor_passwords_are_taken_from_the_environment",
    ),
    # S4 Redirects, of providers and of ours
    "S4": (
        f"{WIRE}/test_transport.py::test_no_redirect_is_followed",
        f"{SAFETY}/test_login.py::test_after_the_login_the_way_never_leads_elsewhere",
        f"{PANELHUB}/security/test_second_factor.py::test_the_way_back_never_leads_elsewhere",
    ),
    # S5 TLS
    "S5": (
        f"{WIRE}/test_tls.py::test_a_bad_certificate_stops_the_request",
        f"{WIRE}/test_tls.py::test_a_ca_that_is_not_trusted_stops_the_request",
        f"{WIRE}/test_tls.py::test_the_process_has_one_context_that_verifies",
    ),
    # S6 Replies without end
    "S6": (
        f"{WIRE}/test_transport.py::test_a_bomb_is_inflated_to_the_cap_and_no_further",
        f"{WIRE}/test_transport.py::test_a_call_that_broke_after_it_began",
        f"{WIRE}/test_transport.py::test_few_headers_are_kept_and_they_are_cut",
        f"{WIRE}/replies/test_properties.py::test_no_bytes_crash_a_reader",
    ),
    # S7 Types of what providers say
    "S7": (
        f"{WIRE}/replies/test_properties.py::test_no_document_crashes_a_reader_or_invents_anything",
        f"{WIRE}/replies/test_properties.py::test_figures_are_bounded_or_none",
        f"{WIRE}/replies/test_properties.py::test_texts_are_clean_and_cut",
        f"{PROVIDERS}/catalogue/test_sync.py",
    ),
    # S8 Markup in what providers say
    "S8": (
        "tests/browser/test_catalogue.py::test_hostile_names_stay_in_their_place",
        f"{WIRE}/test_sanitize.py::test_a_line",
        f"{SAFETY}/test_crawl.py::test_every_page_carries_its_shields_and_none_crashes",
    ),
    # S9 Content security policy
    "S9": (
        f"{SAFETY}/test_crawl.py::test_every_page_carries_its_shields_and_none_crashes",
        f"{SAFETY}/test_crawl.py::test_the_anonymous_get_the_same_shields",
    ),
    # S10 Cookies and headers
    "S10": (
        f"{SAFETY}/test_crawl.py::test_a_login_gets_cookies_that_no_neighbour_can_plant",
        f"{SAFETY}/test_crawl.py::test_plain_http_leads_to_https",
        f"{PANELHUB}/settings/test_settings.py::test_production_settings_pass_the_deployment_check",
    ),
    # S11 Methods and tokens of forms
    "S11": (
        f"{SAFETY}/test_crawl.py::test_every_form_needs_the_token_of_its_page_but_the_api",
        f"{SAFETY}/test_matrix.py::test_each_person_gets_what_the_table_says",
    ),
    # S12 Permissions
    "S12": (
        f"{SAFETY}/test_matrix.py::test_every_address_is_in_the_table",
        f"{SAFETY}/test_matrix.py::test_each_person_gets_what_the_table_says",
        f"{SAFETY}/test_matrix.py::test_rows_of_other_providers_and_other_people_are_not_there",
        f"{SAFETY}/test_matrix.py::test_pages_name_nothing_of_other_providers",
        f"{SAFETY}/test_matrix.py::test_each_person_gets_what_the_table_says_in_admin",
        f"{PANELHUB}/security/test_admin.py::test_an_administrator_makes_no_one_a_superuser",
        f"{ORDERS}/api/test_views_endpoint.py::test_a_token_can_do_no_more_than_its_person",
    ),
    # S13 Fields that a client must not set
    "S13": (
        f"{ORDERS}/placement/test_views.py::test_the_client_sets_no_price_and_no_state",
        f"{PANELHUB}/security/test_admin.py::test_an_administrator_makes_no_one_a_superuser",
    ),
    # S14 Limits of money
    "S14": (
        f"{ORDERS}/placement/test_services.py::test_two_orders_at_once_cannot_pass_a_limit_together",
        f"{ORDERS}/placement/test_services.py::test_a_large_order_waits_for_a_second_person_who_is_another_one",
        f"{ORDERS}/placement/test_services.py::test_an_order_whose_rate_jumped_waits_until_someone_agrees",
    ),
    # S15 Once, however many ask
    "S15": (
        f"{ORDERS}/placement/test_services.py::test_fifty_posts_of_one_form_at_once_are_one_order",
        f"{ORDERS}/submission/test_conservation_machine.py",
    ),
    # S16 Guessing passwords
    "S16": (
        f"{SAFETY}/test_login.py::test_guessing_is_stopped_and_the_right_password_with_it",
        f"{SAFETY}/test_login.py::test_an_address_that_the_client_claims_does_not_help",
        f"{SAFETY}/test_login.py::test_neither_the_person_elsewhere_nor_a_neighbour_is_locked_out",
        f"{SAFETY}/test_login.py::test_no_one_is_locked_out_for_ever",
        f"{ORDERS}/api/test_views_endpoint.py::test_an_address_that_guesses_is_held_up_and_its_neighbour_is_not",
    ),
    # S17 Second factor
    "S17": (
        f"{PANELHUB}/security/test_second_factor.py::test_a_password_alone_reaches_nothing",
        f"{PANELHUB}/security/test_second_factor.py::test_a_code_is_good_once",
        f"{PANELHUB}/security/test_second_factor.py::test_a_recovery_code_is_good_once",
        f"{PANELHUB}/security/test_second_factor.py::test_guessing_is_slowed_down",
    ),
    # S18 Passwords
    "S18": (
        f"{SAFETY}/test_login.py::test_bad_passwords_are_not_taken",
        f"{SAFETY}/test_login.py::test_long_sentences_are_good_passwords",
    ),
    # S19 Sessions
    "S19": (
        f"{PANELHUB}/http/test_middleware.py::test_a_login_ends_after_an_hour_without_a_click",
        f"{PANELHUB}/http/test_middleware.py::test_clicks_keep_a_login_alive_but_not_for_ever",
        f"{PANELHUB}/http/test_middleware.py::test_a_person_who_is_switched_off_is_out_with_the_next_click",
        f"{PANELHUB}/security/test_admin.py::test_logging_someone_out_ends_their_sessions_alone",
        f"{PANELHUB}/security/test_admin.py::test_a_new_password_ends_the_sessions_of_the_old_one",
        f"{SAFETY}/test_login.py::test_a_login_gets_a_new_session",
    ),
    # S20 Formulas in exports
    "S20": (
        f"{PANELHUB}/ui/test_exports.py::test_a_text_that_begins_like_a_formula_is_defused",
        f"{PANELHUB}/ui/test_exports.py::test_a_workbook_holds_texts_and_never_formulas",
    ),
    # S21 Links
    "S21": (
        f"{SAFETY}/test_links.py::test_what_is_no_link_to_a_page_is_not_ordered",
        f"{SAFETY}/test_links.py::test_a_link_that_was_imported_is_text_unless_it_leads_to_a_page",
    ),
    # S22 Searches
    "S22": (f"{SAFETY}/test_fuzzing.py::test_no_search_crashes_a_page",),
    # S23 The record of who did what
    "S23": (
        f"{PANELHUB}/audit/test_services.py::test_an_event_cannot_be_changed_or_removed",
        f"{PANELHUB}/audit/test_services.py::test_postgresql_refuses_changes_behind_djangos_back",
        f"{PANELHUB}/audit/test_services.py::test_a_summary_holds_no_secret_and_no_line_break",
        f"{PANELHUB}/security/test_admin.py::test_every_change_of_a_person_is_recorded",
    ),
    # S24 Errors
    "S24": (
        f"{SAFETY}/test_crawl.py::test_when_the_database_fails_no_page_reveals_its_inside",
        f"{PANELHUB}/monitoring/test_crash_pages.py::test_no_secret_is_shown",
    ),
    # S25 Nothing lies open
    "S25": (
        f"{SAFETY}/test_open_doors.py::test_what_lies_beside_the_hub_is_not_served",
        f"{SAFETY}/test_open_doors.py::test_the_sign_of_life_reveals_nothing_of_the_inside",
    ),
    # S26 Dependencies
    "S26": (f"{SAFETY}/test_open_doors.py::test_every_dependency_is_pinned_with_its_hashes",),
    # S27 Caches
    "S27": (f"{SAFETY}/test_crawl.py::test_every_page_carries_its_shields_and_none_crashes",),
    # S28 Messages
    "S28": (
        f"{PANELHUB}/settings/test_settings.py::test_only_json_is_taken_from_any_broker",
        f"{SAFETY}/test_open_doors.py::test_a_message_that_would_run_code_is_thrown_away",
    ),
    # S29 Exports without end
    "S29": (
        f"{PANELHUB}/ui/test_exports.py::test_a_csv_is_streamed_in_parts_and_reads_back",
        f"{SAFETY}/test_open_doors.py::test_a_long_export_takes_no_more_room_than_a_short_one",
    ),
}

"""The numbered faults that the hub must survive, each with the tests that try it; a test that is gone fails here.

`make test` tries samples, `make torture` the full sizes (`sizes.py`). What takes servers, minutes and kills without end
is a scenario of the fault run: ``torture:NAME``.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.chaos.scenarios import SCENARIOS
from tests.chaos.upgrade import NAME as UPGRADE

ROOT = Path(__file__).resolve().parents[2]

FAULTS: dict[str, tuple[str, ...]] = {
    "F1 each fault of the wire alone": (
        "tests/faults/test_f01_every_fault.py::test_an_order_that_meets_a_fault_has_its_exact_verdict",
        "tests/orders/submission/test_services_outcomes.py::test_every_outcome_of_an_order_is_judged",
        "tests/orders/submission/test_services_outcomes.py::test_every_outcome_of_a_product_order_is_judged",
        "tests/orders/submission/test_services_outcomes.py::test_what_never_left_is_sent_later_and_the_breaker_opens",
    ),
    "F2 all faults mixed, workers killed without end": (
        "tests/faults/test_fault_run.py::test_nothing_is_doubled_or_lost_on_one_machine",
        "tests/faults/test_fault_run.py::test_nothing_is_doubled_or_lost_with_four_workers_on_servers",
        "torture:services",
        "torture:rabbitmq",
        "torture:small",
    ),
    "F3 killed at every instruction that matters": (
        "tests/orders/submission/test_killed_workers.py::test_a_worker_is_killed_at_any_point",
        "tests/orders/submission/test_killed_workers.py::test_a_worker_is_killed_while_its_call_is_on_the_wire",
    ),
    "F4 a naive sender is caught": (
        "tests/orders/submission/test_negative_control.py::test_a_naive_sender_is_caught_paying_twice",
        "tests/orders/submission/test_negative_control.py::test_a_naive_sender_is_caught_losing_what_was_accepted",
        "torture:services",
    ),
    "F5 every message delivered three times": (
        "tests/faults/test_f05_messages.py::test_f5_every_message_delivered_three_times_at_once_sends_each_order_once",
    ),
    "F6 a broker that delivers again what still runs": (
        "tests/faults/test_f06_redelivery.py::test_f6_what_redis_delivers_again_while_it_runs_sends_nothing_twice",
        "tests/panelhub/settings/test_settings.py::test_redis_never_hands_out_again_what_still_runs",
    ),
    "F7 the broker loses everything": (
        "tests/faults/test_f05_messages.py::"
        "test_f7_what_is_queued_when_the_broker_loses_everything_is_sent_all_the_same",
        "torture:services",
    ),
    "F8 no broker while staff order": (
        "tests/faults/test_f05_messages.py::test_f8_staff_order_while_the_broker_is_down",
        "tests/panelhub/background/test_dispatch.py::test_a_broker_that_is_down_costs_next_to_nothing",
        "tests/panelhub/background/test_dispatch.py::test_a_broker_that_hangs_is_given_up_and_left_alone_for_a_while",
    ),
    "F9 the database is restarted while sending": (
        "tests/orders/submission/test_results.py::test_a_database_that_comes_back_gets_the_outcome",
        "torture:database",
    ),
    "F10 an outcome that cannot be recorded": (
        "tests/faults/test_f10_records.py::test_f10_an_outcome_that_the_database_refuses_is_offered_until_it_is_taken",
        "tests/faults/test_f10_records.py::"
        "test_f10_an_outcome_that_is_never_taken_ends_unconfirmed_with_its_id_in_the_log",
        "tests/orders/submission/test_results.py::test_a_conflict_that_is_no_duplicate_does_not_go_round_for_ever",
    ),
    "F11 a double click": ("tests/faults/test_f11_people.py::test_f11_a_form_posted_fifty_times_at_once_is_one_order",),
    "F12 two people on one link": ("tests/faults/test_f11_people.py::test_f12_two_people_on_one_link_at_once",),
    "F13 two schedules and several workers": (
        "tests/orders/polling/test_tasks.py::test_two_schedules_and_three_workers_ask_once_a_round",
        "tests/orders/polling/test_shared_rounds.py::test_four_processes_share_the_work_and_one_is_killed_halfway",
        "tests/panelhub/background/test_scheduler.py::test_of_two_schedulers_one_stands_by_until_the_other_ends",
    ),
    "F14 clocks that are wrong": (
        "tests/faults/test_f10_records.py::"
        "test_f14_a_worker_whose_clock_is_wrong_neither_loses_nor_sweeps_anything_early",
        "tests/panelhub/background/test_scheduler.py::test_a_wall_clock_that_jumps_changes_nothing",
        "tests/providers/calls/test_rate_limit.py::test_a_clock_that_was_set_back_an_hour_stops_no_one",
    ),
    "F15 an answer after the sweep": (
        "tests/faults/test_f10_records.py::test_f15_answers_after_the_sweep_place_their_orders_and_queue_none",
        "tests/faults/test_f10_records.py::test_f15_a_late_answer_that_is_no_yes_leaves_its_order_unconfirmed",
    ),
    "F16 a storm of rate limits": (
        "tests/faults/test_f16_providers.py::"
        "test_f16_in_a_storm_of_rate_limits_each_order_is_placed_once_and_waits_are_bounded",
        "tests/providers/calls/test_rate_limit.py::test_four_processes_together_never_go_faster_than_the_slots",
    ),
    "F17 an outage of minutes": (
        "tests/faults/test_f16_providers.py::test_f17_an_outage_stays_small_and_all_others_are_placed_after_it",
    ),
    "F18 a slow provider beside a fast one": (
        "tests/faults/test_f16_providers.py::test_f18_a_provider_that_hangs_holds_up_no_other",
        "tests/panelhub/background/test_pool.py::test_what_is_healthy_gets_a_thread_beside_so_many_that_hang",
    ),
    "F19 one id for two orders": (
        "tests/faults/test_f10_records.py::test_f19_an_id_that_another_order_has_is_never_written_twice",
        "tests/orders/submission/test_services_outcomes.py::test_the_same_id_for_two_orders_is_never_placed_twice",
        "tests/orders/submission/test_negative_control.py::test_an_id_that_is_given_twice_is_on_one_order_only",
    ),
    "F20 batches of states that lie": (
        "tests/faults/test_f20_batches.py::test_f20_whatever_a_batch_says_every_order_is_right_once_the_truth_is_known",
        "tests/orders/polling/test_services.py::test_one_poison_id_costs_few_calls_and_no_other_row",
        "tests/orders/polling/test_services.py::test_a_status_that_goes_back_is_applied_and_shown_as_reopened",
    ),
    "F21 more ids than a provider takes": (
        "tests/faults/test_f20_batches.py::test_f21_a_hundred_and_one_ids_go_in_two_calls",
        "tests/faults/test_f20_batches.py::test_f21_a_provider_that_knows_no_batches_is_polled_one_by_one",
        "tests/orders/polling/test_services_outages.py::test_a_panel_that_knows_no_batches_is_polled_one_by_one_for_a_day",
    ),
    "F22 refills and cancels with every fault": (
        "tests/faults/test_f01_every_fault.py::test_refills_that_meet_a_fault_are_accounted_for_and_not_sent_again",
        "tests/faults/test_f01_every_fault.py::test_cancels_that_meet_a_fault_are_accounted_for_and_not_sent_again",
    ),
    "F23 a person decides while the answer arrives": (
        "tests/faults/test_f10_records.py::test_f23_of_a_person_and_a_late_answer_one_wins_and_both_are_on_record",
        "tests/orders/settlement/test_services.py::test_two_people_at_once_settle_it_once",
    ),
    "F24 deployments while sending": (
        "tests/orders/submission/test_killed_workers.py::test_a_worker_that_is_stopped_finishes_the_call_in_hand",
        "torture:deployments",
    ),
    "F25 deadlines hang together": (
        "tests/panelhub/settings/test_deadlines.py::test_a_call_is_over_before_its_order_is_swept",
        "tests/panelhub/settings/test_deadlines.py::test_the_wire_keeps_to_them",
        "tests/panelhub/settings/test_deadlines.py::test_units_leave_a_worker_the_time_that_a_call_may_take",
    ),
    "F26 random walks through all of it": (
        "tests/orders/submission/test_conservation_machine.py::test_books_agree_after_every_step_through_random_faults",
    ),
    "F27 SQLite with web, worker and schedule at once": ("torture:small",),
    "F28 a million orders are brought forward while people order": (
        "tests/faults/test_f28_upgrade.py::test_f28_an_upgrade_loses_no_order_that_the_old_code_adds_meanwhile",
        "torture:upgrade",
    ),
    "F29 an older backup is put back": (
        "tests/panelhub/launcher/test_backups.py::test_a_restore_sends_nothing_by_itself_and_keeps_what_was_there",
        "tests/panelhub/launcher/test_backups.py::test_a_backup_made_during_load_has_everything_confirmed_before_it",
    ),
}


@cache
def names_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_numbered_fault_has_its_tests(fault: str) -> None:
    for name in FAULTS[fault]:
        where, separator, test = name.partition("::")
        if separator:
            assert test in names_in(where), f"{name} is gone"
        else:
            assert where.removeprefix("torture:") in {*(scenario.name for scenario in SCENARIOS), UPGRADE}, (
                f"{name} is gone"
            )


def test_none_is_missing() -> None:
    numbers = {int(fault.split()[0].removeprefix("F")) for fault in FAULTS}

    assert numbers == set(range(1, 30))

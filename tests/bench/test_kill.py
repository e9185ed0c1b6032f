"""What the kill lane calls short. Each check meets what it is there for, and only that."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from bench.crowd.gathering import raised
from bench.kill import findings
from bench.kill.strikes import IN_A_WHOLE_RUN, WHOLE_RUN, plan

if TYPE_CHECKING:
    from pathlib import Path

NOTHING: list[str] = []


def test_a_webhook_that_was_answered_well_and_is_not_kept_is_lost() -> None:
    inbox = {"evt_kept": "done", "evt_parked": "parked", "evt_never_answered": "received"}

    assert list(findings.lost_webhooks({"evt_kept"}, inbox)) == NOTHING
    assert list(findings.lost_webhooks({"evt_kept", "evt_gone", "evt_parked"}, inbox)) == [
        "webhook evt_gone was answered well and is not kept",
        "webhook evt_parked was answered well and is parked, not applied",
    ]


def test_what_the_api_promised_must_be_there() -> None:
    promised = {"refunds": {"re_1", "re_2"}}

    found = findings.broken_promises(promised, {}, {"refunds": []}, {"refunds": ["re_1"]})

    assert list(found) == ["refunds: re_2 was promised and is not kept"]


def test_what_was_made_without_a_promise_must_be_a_request_without_an_answer() -> None:
    before, after = {"refunds": ["re_old"]}, {"refunds": ["re_old", "re_1", "re_twin"]}
    promised = {"refunds": {"re_1"}}

    told = findings.broken_promises(promised, {}, before, after)

    assert list(told) == ["refunds: 1 were made that nobody asked for"]
    assert list(findings.broken_promises(promised, {"refunds": 1}, before, after)) == NOTHING


def test_a_second_receipt_of_one_capture_is_told() -> None:
    receipts = [("cap_1", "msg_1"), ("cap_2", "msg_2"), ("cap_2", "msg_3")]

    assert list(findings.doubled_receipts(receipts)) == ["cap_2 has 2 receipts"]


def test_a_message_that_the_gateway_got_twice_is_told(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "sandbox.db")) as memory, memory:
        memory.execute("CREATE TABLE message (id TEXT)")
        memory.executemany("INSERT INTO message VALUES (?)", [("msg_1",), ("msg_2",), ("msg_2",)])

    found = list(findings.doubled_messages(tmp_path / "sandbox.db"))

    assert found == ["message msg_2 was handed over 2 times"]


def test_a_database_that_comes_back_late_or_never_is_told() -> None:
    assert list(findings.slow_recoveries([1.5, 29.9])) == NOTHING
    assert list(findings.slow_recoveries([1.5, 30.2, None])) == [
        "after stop 2 of the database it took 30 s to work again",
        "after stop 3 of the database nothing was done again",
    ]


def test_only_what_a_strike_explains_is_no_mistake() -> None:
    met = [
        ("worker", "draining failed", "django.db.utils.OperationalError: the connection is lost"),
        ("worker", "draining failed", "django.db.utils.IntegrityError: duplicate key"),
    ]

    assert list(findings.unexpected(met)) == [
        "worker: draining failed: django.db.utils.IntegrityError: duplicate key"
    ]


def test_an_exception_is_told_by_its_first_line() -> None:
    traceback = (
        "Traceback (most recent call last):\n"
        '  File "core/rows.py", line 3, in read\n'
        "    cursor.execute(sql)\n"
        "    ~~~~~~^^^^^\n"
        "django.db.utils.OperationalError: connection failed:\n"
        "DETAIL:  Consistent recovery state has not been yet reached.\n"
    )

    assert raised(traceback) == "django.db.utils.OperationalError: connection failed:"


def test_a_program_that_ends_by_itself_is_told_unless_redis_was_taken_from_a_worker() -> None:
    assert list(findings.restless({"worker": 3}, 3)) == NOTHING
    assert list(findings.restless({"worker": 4, "web": 1}, 3)) == [
        "worker ended by itself 4 times",
        "web ended by itself 1 times",
    ]


def test_what_never_happened_is_told() -> None:
    found = findings.too_few({"database": 20, "web": 1}, {"database": 19, "web": 1})

    assert list(found) == ["database: 19 times, not 20"]


def test_a_plan_is_that_of_its_seed_and_never_leaves_a_strike_out() -> None:
    whole, small = plan(WHOLE_RUN, 3), plan(10, 3)

    assert {name: whole.count(name) for name in whole} == IN_A_WHOLE_RUN
    assert sorted(small) == sorted(IN_A_WHOLE_RUN)
    assert plan(WHOLE_RUN, 3) == whole
    assert plan(WHOLE_RUN, 4) != whole

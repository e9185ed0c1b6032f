"""Whoever changes a sealed row, even as the owner of the table, is found out."""

from __future__ import annotations

import io
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from core import audit, seals
from core.models import AuditEvent, Seal
from tests.factories.core import agent

if TYPE_CHECKING:
    from pytest_django import Settings

    from core.models import User
    from tests.core import Owner

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def actor() -> User:
    return agent()


def deeds(actor: User, count: int) -> None:
    for number in range(count):
        audit.record(actor, f"deed.{number}", actor)


def tamper(owner: Owner, statement: str, table: str) -> None:
    owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
    owner.execute(statement.encode())
    owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER".encode())


def verified() -> str:
    """What the command prints, or the reason why it fails."""
    out = io.StringIO()
    try:
        call_command("verify_seals", stdout=out, stderr=io.StringIO())
    except CommandError as error:
        return str(error)
    return out.getvalue()


def test_untouched_rows_hold(actor: User) -> None:
    deeds(actor, 3)
    first = seals.make_seal()
    deeds(actor, 2)
    second = seals.make_seal()

    assert first is not None
    assert second is not None
    assert first.parts["core_auditevent"]["count"] == 3
    assert second.parts["core_auditevent"]["count"] == 2
    assert second.previous == first.mac
    assert second.columns == {}
    assert "2 seals hold" in verified()


def test_nothing_new_makes_no_seal(actor: User) -> None:
    deeds(actor, 1)
    seals.make_seal()

    assert seals.make_seal() is None
    assert Seal.objects.count() == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_auditevent SET action = 'innocent' WHERE action = 'deed.1'",
        "UPDATE core_auditevent SET at = at + interval '1 microsecond' WHERE action = 'deed.1'",
        "UPDATE core_auditevent SET xid = '9000000000000000000' WHERE action = 'deed.1'",
        "DELETE FROM core_auditevent WHERE action = 'deed.1'",
        """
        INSERT INTO core_auditevent (at, actor_kind, actor_id, action, object_type, object_id,
        before_digest, after_digest, request_id, reason, reason_digest, xid)
        SELECT at, actor_kind, actor_id, 'forged', object_type, object_id,
        '', '', '', '', '', xid FROM core_auditevent WHERE action = 'deed.1'
        """,
    ],
)
def test_a_changed_range_is_named(actor: User, owner: Owner, statement: str) -> None:
    deeds(actor, 1)
    seals.make_seal()
    deeds(actor, 3)
    changed = seals.make_seal()
    assert changed is not None

    tamper(owner, statement, "core_auditevent")

    assert f"tampered: seal {changed.pk}: core_auditevent" in verified()


def test_a_row_moved_into_the_gap_between_rows_is_found(actor: User, owner: Owner) -> None:
    deeds(actor, 1)
    seals.make_seal()
    tamper(
        owner,
        "INSERT INTO core_auditevent (at, actor_kind, actor_id, action, object_type, object_id,"
        " before_digest, after_digest, request_id, reason, reason_digest, xid)"
        " VALUES (now(), 'user', 'x', 'forged', 'x', 'x', '', '', '', '', '', '1')",
        "core_auditevent",
    )

    assert "tampered: seal" in verified()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_seal SET parts = '{}' WHERE id = (SELECT min(id) FROM core_seal)",
        "UPDATE core_seal SET made_at = made_at + interval '1 day'",
        "DELETE FROM core_seal WHERE id = (SELECT min(id) FROM core_seal)",
    ],
)
def test_a_changed_chain_is_found(actor: User, owner: Owner, statement: str) -> None:
    for _ in range(3):
        deeds(actor, 1)
        seals.make_seal()

    tamper(owner, statement, "core_seal")

    assert "tampered: seal" in verified()


def test_a_chain_cut_short_is_found_by_the_head_that_was_mailed(actor: User, owner: Owner) -> None:
    deeds(actor, 1)
    head = seals.make_seal()
    assert head is not None
    call_command("verify_seals", head=head.mac, stdout=io.StringIO())

    tamper(owner, "DELETE FROM core_seal", "core_seal")
    seals.make_seal()

    with pytest.raises(CommandError, match="does not contain"):
        call_command("verify_seals", head=head.mac, stderr=io.StringIO())


def test_a_row_of_a_transaction_that_has_not_begun_is_found(actor: User, owner: Owner) -> None:
    deeds(actor, 2)
    tamper(
        owner,
        "UPDATE core_auditevent SET xid = '9000000000000000000' WHERE action = 'deed.1'",
        "core_auditevent",
    )
    seals.make_seal()

    assert "has not begun" in verified()


def test_a_row_that_commits_late_is_sealed_later_and_never_skipped(actor: User) -> None:
    written, may_commit = Event(), Event()

    def commit_late() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("BEGIN")
                audit.record(actor, "late", actor)
                written.set()
                may_commit.wait(10)
                cursor.execute("COMMIT")
        finally:
            connections.close_all()

    thread = Thread(target=commit_late)
    thread.start()
    assert written.wait(10)
    deeds(actor, 1)  # It has a higher id, and commits first.
    before = seals.make_seal()
    may_commit.set()
    thread.join()
    after = seals.make_seal()

    assert before is None or "core_auditevent" not in before.parts
    assert after is not None
    assert after.parts["core_auditevent"]["count"] == 2
    assert AuditEvent.objects.count() == 2
    assert "seals hold" in verified()


def test_blanking_a_reason_does_not_break_the_chain(actor: User) -> None:
    audit.record(actor, "refund.requested", actor, reason="Matti Meikäläinen asked")
    seals.make_seal()

    AuditEvent.objects.update(reason="")

    assert "seals hold" in verified()


def test_a_wrong_key_opens_nothing(actor: User, settings: Settings) -> None:
    deeds(actor, 1)
    seals.make_seal()

    settings.SEAL_KEY = "somebody else's key"

    assert "the seal itself was changed" in verified()


def test_a_column_added_later_leaves_old_seals_valid(
    actor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(seals._registered, "core_auditevent", ("id", "action"))
    deeds(actor, 2)
    seals.make_seal()
    monkeypatch.setitem(seals._registered, "core_auditevent", ("id", "action", "at"))
    deeds(actor, 2)
    second = seals.make_seal()

    assert second is not None
    assert second.columns["core_auditevent"] == ["id", "action", "at"]
    assert "2 seals hold" in verified()


def test_a_server_whose_transactions_began_again_is_refused(actor: User, owner: Owner) -> None:
    deeds(actor, 1)
    seals.make_seal()
    tamper(owner, "UPDATE core_seal SET to_xid = 9000000000000000000", "core_seal")
    deeds(actor, 1)

    with pytest.raises(seals.TransactionsRestarted):
        seals.make_seal()

    assert Seal.objects.count() == 1


def test_two_workers_at_once_make_one_seal(actor: User) -> None:
    deeds(actor, 1)
    made: list[Seal | None] = []

    def work() -> None:
        try:
            made.append(seals.make_seal())
        finally:
            connections.close_all()

    threads = [Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(seal is not None for seal in made) == 1
    assert "1 seals hold" in verified()

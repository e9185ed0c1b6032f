"""What Django's schema does not say: tables whose rows only grow.

The owner's login migrates. The application's login owns nothing and cannot TRUNCATE, so it
can neither switch such a trigger off nor empty the table.
"""

from __future__ import annotations

from django.db.migrations.operations import RunSQL

_REFUSE_CHANGE = """
CREATE OR REPLACE FUNCTION core_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    erasable text[] := TG_ARGV[0]::text[];
    name text;
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - erasable = to_jsonb(OLD) - erasable THEN
        FOREACH name IN ARRAY erasable LOOP
            IF to_jsonb(NEW) -> name <> to_jsonb(OLD) -> name
               AND to_jsonb(NEW) ->> name <> '' THEN
                RAISE EXCEPTION '% of % can only be blanked', name, TG_TABLE_NAME
                    USING ERRCODE = 'restrict_violation';
            END IF;
        END LOOP;
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END
$$
"""


def refuse_change_function() -> RunSQL:
    """Create the trigger function of `append_only`. Run once, in core's first migrations."""
    return RunSQL(_REFUSE_CHANGE, "DROP FUNCTION core_refuse_change()")


def append_only(table: str, *, erasable: tuple[str, ...] = ()) -> RunSQL:
    """Make the database refuse UPDATE and DELETE of a table's rows, whoever asks.

    `erasable` names text columns that may be blanked, for people who ask to be forgotten.
    """
    return RunSQL(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION core_refuse_change('{{{','.join(erasable)}}}')",
        f"DROP TRIGGER {table}_append_only ON {table}",
    )

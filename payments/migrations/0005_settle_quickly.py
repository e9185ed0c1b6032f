"""The same settlement, line by line: each lookup is planned once, none joins whole tables."""

from django.db import migrations

SETTLE = """
CREATE OR REPLACE FUNCTION ledger_settle(
    p_version bigint, p_subjects text[], p_pairs text[],
    p_debits text[], p_credits text[], p_targets bigint[]
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    change bigint;
    debit bigint;
    credit bigint;
    missing boolean := false;
    places integer[] := '{}';
    changes bigint[] := '{}';
    debits bigint[] := '{}';
    credits bigint[] := '{}';
BEGIN
    FOR i IN 1 .. coalesce(array_length(p_subjects, 1), 0) LOOP
        SELECT p_targets[i] - coalesce(sum(CASE WHEN t.is_reverse THEN -t.amount
                                                ELSE t.amount END), 0)
          INTO change FROM payments_transfer t
         WHERE t.subject = p_subjects[i] AND t.pair = p_pairs[i];
        CONTINUE WHEN change = 0;
        places := places || i;
        changes := changes || change;
        missing := missing
            OR NOT EXISTS (SELECT FROM payments_ledgeraccount a WHERE a.key = p_debits[i])
            OR NOT EXISTS (SELECT FROM payments_ledgeraccount a WHERE a.key = p_credits[i]);
    END LOOP;
    IF changes = '{}' THEN
        RETURN 0;
    END IF;

    IF missing THEN
        INSERT INTO payments_ledgeraccount (key, code, currency, owner, debits, credits)
        SELECT needed.key, split_part(needed.key, ':', 1), split_part(needed.key, ':', 2),
               split_part(needed.key, ':', 3), 0, 0
          FROM (SELECT unnest(p_debits || p_credits) AS key) AS needed
         GROUP BY needed.key
         ORDER BY needed.key
            ON CONFLICT (key) DO NOTHING;
    END IF;

    FOR i IN 1 .. array_length(places, 1) LOOP
        SELECT a.id INTO debit FROM payments_ledgeraccount a WHERE a.key = p_debits[places[i]];
        SELECT a.id INTO credit FROM payments_ledgeraccount a WHERE a.key = p_credits[places[i]];
        debits := debits || CASE WHEN changes[i] > 0 THEN debit ELSE credit END;
        credits := credits || CASE WHEN changes[i] > 0 THEN credit ELSE debit END;
    END LOOP;

    INSERT INTO payments_transfer
        (source, subject, pair, debit_id, credit_id, is_reverse, amount, created_at)
    SELECT p_subjects[line.place] || '/' || p_pairs[line.place] || '/' || p_version,
           p_subjects[line.place], p_pairs[line.place], line.debit, line.credit,
           line.change < 0, abs(line.change), now()
      FROM unnest(places, debits, credits, changes) AS line(place, debit, credit, change);
    RETURN array_length(places, 1);
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0004_days")]

    operations = [migrations.RunSQL(SETTLE, migrations.RunSQL.noop)]

"""What the database itself holds: the ledger's sums, the limits of requests, append-only rows."""

from django.db import migrations

from core.database import append_only

LEDGER = """
CREATE FUNCTION ledger_keep_sums() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM payments_ledgeraccount
      WHERE id IN (SELECT debit_id FROM new_rows UNION SELECT credit_id FROM new_rows)
      ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM new_rows t
          JOIN payments_ledgeraccount d ON d.id = t.debit_id
          JOIN payments_ledgeraccount c ON c.id = t.credit_id
         WHERE d.currency <> c.currency
    ) THEN
        RAISE EXCEPTION 'a transfer cannot join two currencies' USING ERRCODE = 'check_violation';
    END IF;
    UPDATE payments_ledgeraccount a
       SET debits = a.debits + moved.debit, credits = a.credits + moved.credit
      FROM (
        SELECT account_id, sum(debit) AS debit, sum(credit) AS credit
          FROM (SELECT debit_id AS account_id, amount AS debit, 0 AS credit FROM new_rows
                UNION ALL
                SELECT credit_id, 0, amount FROM new_rows) AS sides
         GROUP BY account_id
      ) AS moved
     WHERE a.id = moved.account_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER payments_transfer_sums AFTER INSERT ON payments_transfer
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_keep_sums();

CREATE FUNCTION ledger_refuse_direct_sums() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'the sums of % follow its transfers', OLD.key
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER payments_ledgeraccount_sums BEFORE UPDATE OF debits, credits
    ON payments_ledgeraccount FOR EACH ROW
    WHEN (OLD.debits <> NEW.debits OR OLD.credits <> NEW.credits)
    EXECUTE FUNCTION ledger_refuse_direct_sums();

CREATE FUNCTION ledger_settle(
    p_version bigint, p_subjects text[], p_pairs text[],
    p_debits text[], p_credits text[], p_targets bigint[]
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    written integer;
BEGIN
    INSERT INTO payments_ledgeraccount (key, code, currency, owner, debits, credits)
    SELECT needed.key, split_part(needed.key, ':', 1), split_part(needed.key, ':', 2),
           split_part(needed.key, ':', 3), 0, 0
      FROM (SELECT unnest(ARRAY[line.debit, line.credit]) AS key
              FROM unnest(p_debits, p_credits, p_targets) AS line(debit, credit, target)
             WHERE line.target <> 0) AS needed
     WHERE NOT EXISTS (SELECT 1 FROM payments_ledgeraccount a WHERE a.key = needed.key)
     GROUP BY needed.key
     ORDER BY needed.key
        ON CONFLICT (key) DO NOTHING;

    WITH line AS (
        SELECT l.subject, l.pair, l.debit, l.credit,
               l.target - coalesce((
                   SELECT sum(CASE WHEN t.is_reverse THEN -t.amount ELSE t.amount END)
                     FROM payments_transfer t
                    WHERE t.subject = l.subject AND t.pair = l.pair), 0) AS change
          FROM unnest(p_subjects, p_pairs, p_debits, p_credits, p_targets)
               AS l(subject, pair, debit, credit, target)
    )
    INSERT INTO payments_transfer
        (source, subject, pair, debit_id, credit_id, is_reverse, amount, created_at)
    SELECT line.subject || '/' || line.pair || '/' || p_version, line.subject, line.pair,
           CASE WHEN line.change > 0 THEN d.id ELSE c.id END,
           CASE WHEN line.change > 0 THEN c.id ELSE d.id END,
           line.change < 0, abs(line.change), now()
      FROM line
      JOIN payments_ledgeraccount d ON d.key = line.debit
      JOIN payments_ledgeraccount c ON c.key = line.credit
     WHERE line.change <> 0;
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN written;
END
$$;
"""

NO_LEDGER = """
DROP FUNCTION ledger_settle(bigint, text[], text[], text[], text[], bigint[]);
DROP TRIGGER payments_ledgeraccount_sums ON payments_ledgeraccount;
DROP FUNCTION ledger_refuse_direct_sums();
DROP TRIGGER payments_transfer_sums ON payments_transfer;
DROP FUNCTION ledger_keep_sums();
"""

LIMITS = """
CREATE FUNCTION payments_limit_attempt() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free bigint;
BEGIN
    PERFORM 1 FROM payments_paymentintent WHERE id = NEW.intent_id FOR NO KEY UPDATE;
    SELECT i.amount - i.captured - i.capturable - coalesce((
        SELECT sum(a.amount) FROM payments_paymentattempt a
          LEFT JOIN payments_checkoutsession s ON s.id = a.session_id
         WHERE a.intent_id = i.id
           AND (a.status = 'unknown'
                OR (a.status = 'pending' AND a.superseded_at IS NULL
                    AND (s.id IS NULL OR s.status = 'open')))), 0)
      INTO free FROM payments_paymentintent i WHERE i.id = NEW.intent_id;
    IF NEW.amount > free THEN
        RAISE EXCEPTION 'only % can still be charged', free
            USING ERRCODE = 'check_violation', CONSTRAINT = 'attempt_within_intent';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER payments_paymentattempt_limit BEFORE INSERT ON payments_paymentattempt
    FOR EACH ROW EXECUTE FUNCTION payments_limit_attempt();

CREATE FUNCTION payments_limit_capture() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free bigint;
BEGIN
    PERFORM 1 FROM payments_paymentattempt WHERE id = NEW.attempt_id FOR NO KEY UPDATE;
    SELECT a.authorised - a.captured - a.cancelled - coalesce((
        SELECT sum(c.amount) FROM payments_capture c
         WHERE c.attempt_id = a.id AND c.status IN ('pending', 'unknown')), 0)
      INTO free FROM payments_paymentattempt a WHERE a.id = NEW.attempt_id;
    IF NEW.amount > free THEN
        RAISE EXCEPTION 'only % can still be captured', free
            USING ERRCODE = 'check_violation', CONSTRAINT = 'capture_within_attempt';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER payments_capture_limit BEFORE INSERT ON payments_capture
    FOR EACH ROW WHEN (NEW.origin = 'ours') EXECUTE FUNCTION payments_limit_capture();

CREATE FUNCTION payments_limit_refund() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free bigint;
BEGIN
    PERFORM 1 FROM payments_capture WHERE id = NEW.capture_id FOR NO KEY UPDATE;
    SELECT c.captured - c.disputed - coalesce((
        SELECT sum(r.amount) FROM payments_refund r
         WHERE r.capture_id = c.id AND r.currency = c.currency
           AND r.status NOT IN ('not_executed', 'canceled', 'failed')), 0)
      INTO free FROM payments_capture c WHERE c.id = NEW.capture_id;
    IF NEW.amount > free THEN
        RAISE EXCEPTION 'only % can still be refunded', free
            USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_within_capture';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER payments_refund_limit BEFORE INSERT ON payments_refund
    FOR EACH ROW WHEN (NEW.origin = 'ours') EXECUTE FUNCTION payments_limit_refund();
"""

NO_LIMITS = """
DROP TRIGGER payments_refund_limit ON payments_refund;
DROP FUNCTION payments_limit_refund();
DROP TRIGGER payments_capture_limit ON payments_capture;
DROP FUNCTION payments_limit_capture();
DROP TRIGGER payments_paymentattempt_limit ON payments_paymentattempt;
DROP FUNCTION payments_limit_attempt();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial"), ("core", "0002_append_only")]

    operations = [
        migrations.RunSQL(LEDGER, NO_LEDGER),
        migrations.RunSQL(LIMITS, NO_LIMITS),
        append_only("payments_transfer"),
        append_only("payments_paymentevent"),
    ]

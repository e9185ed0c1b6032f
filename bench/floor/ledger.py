"""The least that a ledger does: one function call a transfer, with kept balances and entries."""

MAKE = """
DROP SCHEMA IF EXISTS floor CASCADE;
CREATE SCHEMA floor;
CREATE TABLE floor.account (
    id integer PRIMARY KEY,
    balance bigint NOT NULL DEFAULT 0,
    version bigint NOT NULL DEFAULT 0,
    CHECK (balance > -1000000000000)
);
CREATE TABLE floor.transfer (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key text NOT NULL UNIQUE,
    debit integer NOT NULL REFERENCES floor.account,
    credit integer NOT NULL REFERENCES floor.account,
    amount bigint NOT NULL CHECK (amount > 0),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE floor.entry (
    transfer bigint NOT NULL,
    account integer NOT NULL,
    version bigint NOT NULL,
    amount bigint NOT NULL,
    balance bigint NOT NULL,
    UNIQUE (account, version)
);
INSERT INTO floor.account (id) SELECT generate_series(0, 99);

CREATE FUNCTION floor.post(p_key text, p_debit integer, p_credit integer, p_amount bigint)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    made bigint;
    one floor.account;
    other floor.account;
BEGIN
    INSERT INTO floor.transfer (key, debit, credit, amount)
    VALUES (p_key, p_debit, p_credit, p_amount)
        ON CONFLICT (key) DO NOTHING RETURNING id INTO made;
    IF made IS NULL THEN
        RETURN false;
    END IF;
    PERFORM 1 FROM floor.account WHERE id IN (p_debit, p_credit) ORDER BY id FOR NO KEY UPDATE;
    UPDATE floor.account SET balance = balance + p_amount, version = version + 1
     WHERE id = p_debit RETURNING * INTO one;
    UPDATE floor.account SET balance = balance - p_amount, version = version + 1
     WHERE id = p_credit RETURNING * INTO other;
    INSERT INTO floor.entry (transfer, account, version, amount, balance)
    VALUES (made, one.id, one.version, p_amount, one.balance),
           (made, other.id, other.version, -p_amount, other.balance);
    RETURN true;
END
$$;
CREATE FUNCTION floor.post_many(
    p_keys text[], p_debits integer[], p_credits integer[], p_amounts bigint[]
) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM floor.account WHERE id = ANY(p_debits || p_credits) ORDER BY id
        FOR NO KEY UPDATE;
    FOR i IN 1 .. array_length(p_keys, 1) LOOP
        PERFORM floor.post(p_keys[i], p_debits[i], p_credits[i], p_amounts[i]);
    END LOOP;
    RETURN array_length(p_keys, 1);
END
$$;
GRANT USAGE ON SCHEMA floor TO kuitti_app;
GRANT ALL ON ALL TABLES IN SCHEMA floor TO kuitti_app;
"""

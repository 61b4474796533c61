-- Promotions, and the orders that use them. The constraints are the last line of defence. The program checks the
-- limits before it writes.

CREATE TABLE promotions (
    -- UUIDv7: sorted by creation, which is the order of the list.
    id              uuid        PRIMARY KEY,
    -- Read and written only as a whole. The next columns repeat the parts that queries compare.
    terms           jsonb       NOT NULL,
    -- The code in the form in which codes are compared. NULL if the promotion is automatic.
    folded_code     text,
    starts_at       timestamptz,
    ends_at         timestamptz,
    exclusive_group text,
    total_limit     bigint,
    -- The number of rows in uses.
    used            bigint      NOT NULL DEFAULT 0,
    -- The ETag. A use does not raise it.
    version         bigint      NOT NULL DEFAULT 1,
    updated_at      timestamptz NOT NULL DEFAULT now(),
    -- Claims refer to promotions, so a promotion is never erased.
    deleted_at      timestamptz,
    CONSTRAINT promotions_used_not_negative CHECK (used >= 0),
    CONSTRAINT promotions_used_within_limit CHECK (used <= total_limit)
)
-- Each order that uses a promotion updates its row and no indexed column of it. Room on the page lets PostgreSQL put
-- the new version there and leave the indexes alone (heap-only tuples).
WITH (fillfactor = 60);

-- The code of a deleted promotion may be given again.
CREATE UNIQUE INDEX promotions_folded_code_key ON promotions (folded_code) WHERE deleted_at IS NULL;

CREATE TABLE claims (
    order_id   uuid        PRIMARY KEY,
    -- NULL if the order was released before it claimed. The same is true of pricing.
    user_id    uuid,
    status     text        NOT NULL CONSTRAINT claims_status_known CHECK (status IN ('claimed', 'committed', 'released')),
    -- The price of the order at the time of the claim, read and written only as a whole.
    pricing    jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT claims_priced CHECK (status = 'released' OR pricing IS NOT NULL AND user_id IS NOT NULL)
)
-- A claim is updated at least once, when it is committed or released.
WITH (fillfactor = 60);

-- The uses that count: those of claims that are claimed or committed. A release deletes its rows.
CREATE TABLE uses (
    order_id     uuid NOT NULL REFERENCES claims,
    promotion_id uuid NOT NULL REFERENCES promotions,
    user_id      uuid NOT NULL,
    PRIMARY KEY (order_id, promotion_id)
);
CREATE INDEX uses_of_customer ON uses (promotion_id, user_id);

-- Products and what is held of them for orders. The constraints are the last line of defence: the
-- code never means to reach them, and where it does, stock stays right and the request fails.

CREATE TABLE products (
    -- UUIDv7: in the order of creation, which is the order of the list.
    id          uuid        PRIMARY KEY,
    sku         text        NOT NULL,
    name        text        NOT NULL,
    description text        NOT NULL,
    category    text        NOT NULL,
    -- Minor units. The upper bound keeps the total of the largest order within a bigint.
    price_minor bigint      NOT NULL CONSTRAINT products_price_range CHECK (price_minor BETWEEN 1 AND 1000000000000),
    currency    text        NOT NULL CONSTRAINT products_currency_code CHECK (currency ~ '^[A-Z]{3}$'),
    -- Pieces in the warehouse, and those of them that are held for orders.
    on_hand     bigint      NOT NULL DEFAULT 0,
    reserved    bigint      NOT NULL DEFAULT 0,
    updated_at  timestamptz NOT NULL DEFAULT now(),
    -- Reservations refer to products for as long as there are orders, so a product is never erased.
    deleted_at  timestamptz,
    CONSTRAINT products_reserved_not_negative CHECK (reserved >= 0),
    CONSTRAINT products_reserved_on_hand CHECK (reserved <= on_hand)
)
-- Every reservation updates its products' rows and no indexed column of them. Room on the page lets
-- PostgreSQL put the new version there and leave the indexes alone (heap-only tuples).
WITH (fillfactor = 60);

-- A deleted product's code may be given again.
CREATE UNIQUE INDEX products_sku_key ON products (sku) WHERE deleted_at IS NULL;

CREATE TABLE reservations (
    order_id   uuid        PRIMARY KEY,
    status     text        NOT NULL CONSTRAINT reservations_status_known
                           CHECK (status IN ('held', 'committed', 'released')),
    -- What was reserved at what price: a record of that moment, read and written only as a whole.
    -- Empty where the order was released before it reserved.
    lines      jsonb       NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT reservations_empty_only_released CHECK (status = 'released' OR lines <> '[]')
)
-- A reservation is updated at least once, when it is committed or released.
WITH (fillfactor = 60);

-- An order is its row and its events.

create table orders (
    id               uuid primary key,              -- UUIDv7: sorted by time
    user_id          uuid        not null,
    status           text        not null check (status in (
                         'new', 'reserved', 'rejected', 'paid', 'payment_failed', 'cancelled',
                         'completed', 'refund_requested', 'refunded')),
    version          integer     not null check (version > 0),
    attempt          integer     not null check (attempt > 0),
    items            json        not null,          -- what was ordered
    lines            json,                          -- with names and prices, once reserved
    total_minor      bigint      check (total_minor >= 0),
    currency         text,
    expected_minor   bigint,
    expected_currency text,
    payment_method   text        not null,
    shipping_address json,
    note             text,
    reason           text,
    created_at       timestamptz not null,
    updated_at       timestamptz not null,
    check ((total_minor is null) = (currency is null)),
    check ((expected_minor is null) = (expected_currency is null))
);

-- A customer's orders, newest first.
create index orders_of_user on orders (user_id, id desc);

-- History for the customer, outbox for the relay, catch-up for a client that reconnects.
create table order_events (
    id           uuid primary key,
    order_id     uuid        not null references orders (id),
    version      integer     not null,
    body         json        not null,              -- the message, as it is published
    traceparent  text,                              -- of the request that caused it
    published_at timestamptz,                       -- when the broker had confirmed it
    lease        uuid,                              -- of the relay that is publishing it
    leased_until timestamptz,
    -- A version is given once: of two writers that saw the same order, one fails.
    constraint order_events_version unique (order_id, version)
);

-- What the relay has to do; empty most of the time.
create index order_events_unpublished on order_events (id) where published_at is null;

-- The first answer to a POST /orders with an Idempotency-Key, for 24 hours.
create table idempotency_keys (
    user_id      uuid        not null,
    key          text        not null,
    request_hash bytea       not null,              -- SHA-256 of the request
    answer       json        not null,              -- the order as it was answered
    created_at   timestamptz not null default now(),
    primary key (user_id, key)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);

-- Every try to charge an order, and what became of it. A row is committed as `started` before the
-- payment provider is asked: whatever dies after that, there is a row that says what to ask about.
create table charges (
    order_id       uuid        not null,
    -- Which try of the order it is, from 1. A further one is made only after this one was declined.
    attempt        bigint      not null check (attempt >= 1),
    -- What the provider is asked for, never computed anew.
    amount_minor   bigint      not null check (amount_minor > 0),
    currency       text        not null check (currency ~ '^[A-Z]{3}$'),
    payment_method text        not null,
    status         text        not null default 'started',
    payment_id     text        unique,
    decline_code   text,
    refund_id      text        unique,
    started_at     timestamptz not null default now(),
    updated_at     timestamptz not null default now(),
    primary key (order_id, attempt),
    constraint charges_status_fits check (case status
        when 'started'  then num_nonnulls(payment_id, decline_code, refund_id) = 0
        when 'captured' then payment_id is not null and num_nonnulls(decline_code, refund_id) = 0
        when 'declined' then decline_code is not null and num_nonnulls(payment_id, refund_id) = 0
        when 'refunded' then num_nonnulls(payment_id, refund_id) = 2 and decline_code is null
        else false
    end)
);

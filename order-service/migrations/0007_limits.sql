alter table orders
    -- The sentence that tells the customer why the order was rejected.
    add column detail text,
    -- How many pieces were ordered, for the limit on what a customer holds without paying. An order of an earlier release
    -- counts as none: within an hour it is paid or expires.
    add column pieces integer not null default 0;

-- Payments that were declined, for the limit on an account's attempts. A row is removed after an hour.
create table declined_payments (
    user_id  uuid        not null,
    at       timestamptz not null,
    order_id uuid        not null,
    primary key (user_id, at, order_id)
);
create index declined_payments_by_age on declined_payments (at);

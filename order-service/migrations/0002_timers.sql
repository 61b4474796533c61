-- What the watchdog and the expiry look for: orders that somebody should be moving on. An order
-- leaves this index with its end.
create index orders_waiting on orders (updated_at)
    where status in ('new', 'reserved', 'paid', 'payment_failed', 'refund_requested');

-- How often the watchdog had the event published once more.
alter table order_events add column nudges smallint not null default 0;

-- What is still to be published has a table of its own: a narrow row that comes with its event and goes with
-- the broker's confirm. To mark an event in the history instead was to write all of it, and its indexes, anew.
-- The history is only added to from now on.
--
-- Not for a rolling upgrade: a replica of before does not know of this table. None was ever released.
create table outbox (
    order_id     uuid        not null,
    version      integer     not null,
    -- How often the event was told before. A confirm is for one telling: it must not take away the next one.
    telling      smallint    not null default 0,
    -- Until then, somebody is publishing it: at first the replica that has just committed it.
    leased_until timestamptz not null default now() + interval '5 seconds',
    primary key (order_id, version)
);
insert into outbox (order_id, version, telling, leased_until)
select order_id, version, nudges, now() from order_events where published_at is null;

-- What the watchdog knows of the order's last event. It was on the event, and goes back to none with each step.
alter table orders
    add column nudges smallint not null default 0,
    add column told_at timestamptz;
create index orders_to_tell_again on orders (updated_at) where status in ('cancelled', 'refunded') and nudges < 3;

-- An event is found by its order, and an order is not locked to write one: both are written by the same statement.
drop index order_events_unpublished, order_events_to_tell_again;
alter table order_events
    drop constraint order_events_order_id_fkey,
    drop constraint order_events_pkey,
    drop constraint order_events_version,
    drop column published_at,
    drop column lease,
    drop column leased_until,
    drop column nudges,
    add constraint order_events_version primary key (order_id, version);

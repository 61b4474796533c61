-- A charge is settled when order-service knows its outcome, or when the money is back. Until then the sweep looks at it
-- again, at growing intervals.
--
-- `looked_at` is null once the charge is settled. Its default also covers charges that the previous release enters during
-- a rolling upgrade: nothing settles those at once, so the sweep looks at each of them once.
alter table charges
    add column looked_at timestamptz,
    add column looks     smallint not null default 0;
alter table charges alter column looked_at set default now();

-- Charges from before this migration. Those with an outcome are settled, as far as anything shows; of the last day,
-- the sweep makes sure.
update charges set looked_at = now()
where status = 'started' or (status <> 'refunded' and updated_at > now() - interval '1 day');

create index charges_unsettled on charges (looked_at) where looked_at is not null;

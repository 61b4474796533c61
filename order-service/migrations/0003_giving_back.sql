-- Events that have stock given back and that were published once: a worker that has heard of one does
-- not say so, and an event leaves this index when it is told a second time.
create index order_events_giving_back on order_events (published_at)
    where nudges = 0 and body->>'status' in ('cancelled', 'refunded');

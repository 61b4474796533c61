-- Events that have stock given back are told four times in all, not twice: a worker that has heard of one
-- does not say so, and of two tellings in quick succession a queue that is lost twice takes both along.
create index order_events_to_tell_again on order_events (published_at)
    where nudges < 3 and body->>'status' in ('cancelled', 'refunded');
drop index order_events_giving_back;

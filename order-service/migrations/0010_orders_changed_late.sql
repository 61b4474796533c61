-- no-transaction
-- Orders that changed more than a day after they were placed, such as by a refund, for the WebSocket's snapshot. Built while
-- orders are written.
create index concurrently orders_changed_late on orders (user_id, updated_at)
    where updated_at - created_at > interval '24 hours'

-- no-transaction
-- A customer's orders that are not completed: those that may still move, for the WebSocket's snapshot and for the limit on
-- unpaid pieces, and the ends that are rare. Built while orders are written.
create index concurrently orders_of_user_by_status on orders (user_id, status, id) where status <> 'completed'

-- no-transaction
-- A customer's orders, all or those in some statuses. It takes the place of two indexes: each order that is placed or moved
-- on is written into every index that it belongs to. Built while orders are written.
create index concurrently orders_of_user_in_status on orders (user_id, status, id)

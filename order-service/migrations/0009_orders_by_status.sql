-- no-transaction
-- Staff's lists by status, and the expiry. Nearly all orders are completed: a list of those is read by id alone. Built while
-- orders are written.
create index concurrently orders_by_status on orders (status, id) where status <> 'completed'

-- no-transaction
-- A rejected order may hold stock and uses of promotions until its end is handled, so its end is published again, too. The
-- release before uses `orders_to_repeat`; a later one drops it. Built while orders are written.
create index concurrently orders_to_publish_again on orders (updated_at)
    where status in ('rejected', 'cancelled', 'refunded') and nudges < 6

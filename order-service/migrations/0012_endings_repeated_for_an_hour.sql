-- no-transaction
-- Ends of orders that give stock back are published six times more, as the watchdog does from this release on. The retry
-- ladder takes 36 minutes, and RabbitMQ may lose its data meanwhile. The release before uses `orders_to_tell_again`; a later
-- one drops it. Built while orders are written.
create index concurrently orders_to_repeat on orders (updated_at)
    where status in ('cancelled', 'refunded') and nudges < 6

-- Raised by each change of what a product is, and by nothing else: sales, reservations and stock counts leave it alone.
-- It is a product's ETag. A release that does not know this column does not raise it.
ALTER TABLE products ADD COLUMN version bigint NOT NULL DEFAULT 1;

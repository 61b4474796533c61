-- The search compares text that the program has folded. lower() and ILIKE depend on the locale of the cluster.
ALTER TABLE products
    ADD COLUMN search_text text,
    -- A digest of the name and the description that search_text was made of. The release before this one changes those two
    -- without it: this release then finds a digest that does not fit, and folds again.
    ADD COLUMN search_source text,
    -- Its code differs only in case from the code of an older product. Both are from before this rule.
    ADD COLUMN sku_clashes boolean NOT NULL DEFAULT false;

CREATE INDEX products_to_fold ON products (id)
    WHERE deleted_at IS NULL AND search_source IS DISTINCT FROM md5(name || E'\n' || description);

-- Codes that differ only in case are one code from now on. Products that clash already keep their codes until staff give
-- them other ones. Codes are ASCII, and the collation "C" folds ASCII alike on every cluster.
UPDATE products SET sku_clashes = true
WHERE deleted_at IS NULL AND EXISTS (
    SELECT FROM products AS older
    WHERE older.deleted_at IS NULL
      AND lower(older.sku COLLATE "C") = lower(products.sku COLLATE "C")
      AND older.id < products.id
);
CREATE UNIQUE INDEX products_folded_sku_key ON products (lower(sku COLLATE "C"))
    WHERE deleted_at IS NULL AND NOT sku_clashes;

-- The orders of the history. Each order depends only on its number, so three databases can compute the same
-- orders.

-- A UUIDv7 of this time in milliseconds (RFC 9562, 5.7).
create function pg_temp.uuid_at(ms bigint, hash text) returns uuid language sql immutable return
    (lpad(to_hex(ms), 12, '0') || '7' || substr(hash, 1, 3) || '8' || substr(hash, 4, 15))::uuid;

-- The orders from `first` up to `beyond`. The history has `total` orders between two times. Every `turn`th
-- order belongs to a customer of the bench, the others to 200,000 other people. Products have the names and
-- prices of system.rs. Every fourth order has two products.
create function pg_temp.history(
    first bigint, beyond bigint, total bigint, begins bigint, ends bigint, turn bigint,
    customers uuid[], products uuid[]
) returns table (
    id uuid, user_id uuid, items text, lines text, total_minor bigint, payment_id text, ms bigint, hash text
) language sql stable as $$
    with item (form) as (values ('{"product_id":"%s","quantity":1}')),
         line (form) as (values ('{"product_id":"%s","name":"Product %s","category":"Bench","quantity":1,'
                                 '"unit_price":{"amount_minor":1000,"currency":"EUR"},'
                                 '"total":{"amount_minor":1000,"currency":"EUR"}}'))
    select id,
           case when number % turn = 0
               then customers[1 + number / turn % cardinality(customers)]
               else md5('person ' || draw % 200000)::uuid
           end,
           case when number % 4 = 0
               then format('[' || item.form || ',' || item.form || ']', products[1 + one], products[1 + other])
               else format('[' || item.form || ']', products[1 + one])
           end,
           case when number % 4 = 0
               then format('[' || line.form || ',' || line.form || ']',
                           products[1 + one], one, products[1 + other], other)
               else format('[' || line.form || ']', products[1 + one], one)
           end,
           case when number % 4 = 0 then 2000 else 1000 end,
           'pi_' || translate(id::text, '-', ''),
           ms, hash
    -- `offset 0` computes each of these values once per order, and not at each use.
    from generate_series(first, beyond - 1) as number, item, line,
         lateral (select begins + (ends - begins) * number / total as ms, md5(number::text) as hash offset 0) as random,
         lateral (select pg_temp.uuid_at(ms, hash) as id, ('x' || right(hash, 8))::bit(32)::bigint as draw
                  offset 0) as drawn,
         lateral (select draw % cardinality(products) as one, (draw + 7) % cardinality(products) as other
                  offset 0) as chosen
$$;

-- The body of an event in the format of order-service (common/contract/src/events.rs).
create function pg_temp.event_body(
    event uuid, order_id uuid, user_id uuid, version int, status text, ms bigint, data text
) returns json language sql stable return
    format('{"id":"%s","schema":1,"order_id":"%s","user_id":"%s","version":%s,"status":"%s","at":"%s",'
           '"type":"order_%s","data":%s}',
           event, order_id, user_id, version, status,
           to_char(to_timestamp(ms / 1000.0) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"456789Z"'),
           case version when 1 then 'created' else status end, data)::json;

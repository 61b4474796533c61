-- These orders of a customer, in no order. They lie where the table was when each was placed; an index scan would wait
-- for the disk once for each. A bitmap scan knows all places first, and has the disk asked for them together.
create function orders_at_once(of_user uuid, ids uuid[]) returns setof orders
    language plpgsql stable rows 20
    set enable_indexscan = off
as $$
begin
    return query select * from orders where user_id = of_user and id = any (ids);
end
$$;

-- How many at a time; PostgreSQL's own default is 1 before version 18. Where the system cannot be asked ahead
-- (macOS), such a server refuses to be told, and does as before.
do $$
begin
    alter function orders_at_once set effective_io_concurrency = 16;
exception when invalid_parameter_value then
    null;
end
$$;

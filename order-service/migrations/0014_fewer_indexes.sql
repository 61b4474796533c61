-- `orders_of_user_in_status` lists a customer's orders, `orders_by_status` finds those that wait, and `orders_to_repeat` the
-- endings that are published again. They serve the release before, too.
drop index orders_of_user, orders_of_user_by_status, orders_waiting, orders_to_tell_again;

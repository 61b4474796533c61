-- The discount codes that the customer entered, as an array of texts. Null if there are none.
alter table orders add column codes json;

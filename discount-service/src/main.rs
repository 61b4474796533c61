//! The discounts: promotions, codes, prices, and the use of promotions by orders.

#![allow(dead_code, reason = "the routes and the database follow")]

mod domain;

fn main() {}

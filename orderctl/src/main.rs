//! Orderflow on the command line.

fn main() {}

//! What happens to orders when something breaks at the worst moment: each fault with load running, and
//! with one checker at its end.

mod crashes;

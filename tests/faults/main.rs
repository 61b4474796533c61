//! What happens to orders when something breaks at the worst moment: each fault with load running, and
//! one checker at the end of each. The numbers are those of docs/RELIABILITY.md.

mod cancels;

mod crashes;
mod provider;
mod relays;
mod replays;
mod shuffles;

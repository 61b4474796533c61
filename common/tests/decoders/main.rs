//! Everything that is read from the network, given nonsense and documents that are nearly right: no
//! decoder panics, and what one accepts it has understood.

// `cfg(test)` tells the lints that these are tests.
#[cfg(test)]
mod headers;
#[cfg(test)]
mod json;
#[cfg(test)]
mod mutation;
#[cfg(test)]
mod tokens;

//! Decoders of everything that is read from the network. They get nonsense and almost valid documents. No decoder panics,
//! and an accepted document was understood.

mod headers;
mod json;
mod mutation;
mod tokens;

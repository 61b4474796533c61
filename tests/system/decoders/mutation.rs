//! Almost valid documents.

use proptest::{collection::vec, prelude::*, sample::Index, test_runner::Config};

/// The number of cases keeps the tests fast.
pub(super) fn config() -> Config {
    Config { cases: 200, ..Config::default() }
}

/// A small change of a text.
#[derive(Clone, Debug)]
pub(super) enum Mutation {
    /// Replaces a byte.
    Replace(Index, u8),
    /// Inserts bytes.
    Insert(Index, Vec<u8>),
    /// Cuts the text off.
    Truncate(Index),
    /// Removes a part.
    Remove(Index, Index),
    /// Repeats a part.
    Repeat(Index, Index),
}

pub(super) fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    let index = any::<Index>;
    // Bytes that mean something in JSON, tokens and headers come more often than others.
    let byte =
        || prop_oneof![any::<u8>(), prop::sample::select(b"{}[]\",:0-9eE.\\ \n\0nulltrue=&%".to_vec())];
    let mutation = prop_oneof![
        (index(), byte()).prop_map(|(at, byte)| Mutation::Replace(at, byte)),
        (index(), vec(byte(), 1..8)).prop_map(|(at, bytes)| Mutation::Insert(at, bytes)),
        index().prop_map(Mutation::Truncate),
        (index(), index()).prop_map(|(from, to)| Mutation::Remove(from, to)),
        (index(), index()).prop_map(|(from, to)| Mutation::Repeat(from, to)),
    ];
    vec(mutation, 1..4)
}

pub(super) fn mutated(text: &[u8], mutations: Vec<Mutation>) -> Vec<u8> {
    let mut text = text.to_vec();
    let range = |text: &[u8], from: Index, to: Index| {
        let (from, to) = (from.index(text.len() + 1), to.index(text.len() + 1));
        from.min(to)..from.max(to)
    };
    for mutation in mutations {
        match mutation {
            Mutation::Replace(at, byte) if !text.is_empty() => {
                let at = at.index(text.len());
                text[at] = byte;
            }
            Mutation::Replace(..) => {}
            Mutation::Insert(at, bytes) => {
                let at = at.index(text.len() + 1);
                text.splice(at..at, bytes);
            }
            Mutation::Truncate(at) => text.truncate(at.index(text.len() + 1)),
            Mutation::Remove(from, to) => drop(text.drain(range(&text, from, to))),
            Mutation::Repeat(from, to) => {
                let range = range(&text, from, to);
                let part = text[range.clone()].to_vec();
                text.splice(range.end..range.end, part);
            }
        }
    }
    text
}

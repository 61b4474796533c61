//! bcrypt, with rests between its rounds.
//!
//! A hash takes a core for a quarter of a second. The bcrypt crate has no place to rest in it, and a thread that wakes up on
//! that core, for an order, may have to wait for the next tick of the kernel's clock, 4 ms: Linux lets the hash go on, however
//! low its priority, if the other had more than its share lately. When the hash rests, the other runs at once.
//!
//! The hashes are the ones that the bcrypt crate would make, and it reads them here.

use crate::domain::password::{MAX_BYTES, Password};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::{
    Engine, alphabet,
    engine::{GeneralPurpose, general_purpose::NO_PAD},
};
use bcrypt::{BcryptError, HashParts};
use blowfish::Blowfish;
use std::{ops::RangeInclusive, thread, time::Duration};

/// In base 2.
const COSTS: RangeInclusive<u32> = 4..=31;
/// About half a millisecond of a core.
const ROUNDS_BETWEEN_RESTS: u32 = 8;
/// As short as can be. Linux makes up to 0.1 ms of it: a sixth of the time, where nobody else wants the core. To yield is
/// less: the scheduler may take the same thread again.
const REST: Duration = Duration::from_micros(1);
/// All of the text, encrypted, but the last byte.
const HASH_BYTES: usize = 23;
/// `OrpheanBeholderScryDoubt`
const TEXT: [[u32; 2]; 3] =
    [[0x4f72_7068, 0x6561_6e42], [0x6568_6f6c, 0x6465_7253], [0x6372_7944, 0x6f75_6274]];
const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::BCRYPT, NO_PAD);

/// A hash of this password with a salt of its own.
pub(super) fn new(password: &Password, cost: u32) -> Result<String, BcryptError> {
    with_salt(password, cost, rand::random())
}

/// Whether the hash is one of this password.
pub(super) fn matches(password: &Password, hash: &str) -> Result<bool, BcryptError> {
    let hash: HashParts = hash.parse()?;
    let of_password = with_salt(password, hash.get_cost(), hash.get_salt_raw())?;
    // All versions of the hash, from `2a` to `2y`, are read alike, and become `2b`.
    let hash = hash.to_string();
    Ok(verify_slices_are_equal(of_password.as_bytes(), hash.as_bytes()).is_ok())
}

fn with_salt(password: &Password, cost: u32, salt: [u8; 16]) -> Result<String, BcryptError> {
    if !COSTS.contains(&cost) {
        return Err(BcryptError::CostNotAllowed(cost));
    }
    // It ends with a NUL, if there is room for one.
    let key: Vec<u8> = password.as_bytes().iter().copied().chain([0]).take(MAX_BYTES).collect();
    let hash = encrypted(&expanded(&key, cost, &salt));
    Ok(format!("$2b${cost:02}${}{}", BASE64.encode(salt), BASE64.encode(hash)))
}

/// What takes all the time.
fn expanded(key: &[u8], cost: u32, salt: &[u8]) -> Blowfish {
    let mut state = Blowfish::bc_init_state();
    state.salted_expand_key(salt, key);
    for round in 1..=1_u32 << cost {
        state.bc_expand_key(key);
        state.bc_expand_key(salt);
        if round.is_multiple_of(ROUNDS_BETWEEN_RESTS) {
            thread::sleep(REST);
        }
    }
    state
}

/// A known text, encrypted 64 times with it.
fn encrypted(state: &Blowfish) -> Vec<u8> {
    let blocks = TEXT.into_iter().map(|block| (0..64).fold(block, |block, _| state.bc_encrypt(block)));
    blocks.flatten().flat_map(u32::to_be_bytes).take(HASH_BYTES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bcrypt::Version;

    const CHEAP: u32 = 4;

    fn password(text: &str) -> Password {
        text.parse().unwrap()
    }

    /// Of each length in bytes, with and without bytes past ASCII.
    fn passwords() -> impl Iterator<Item = String> {
        let plain = (8..=MAX_BYTES).map(|bytes| "x".repeat(bytes));
        plain.chain((8..=MAX_BYTES / 2).map(|letters| "ñ".repeat(letters)))
    }

    #[test]
    fn is_what_bcrypt_would_make() {
        for text in passwords() {
            let salt = rand::random();
            let bcrypts = bcrypt::hash_with_salt(&text, CHEAP, salt).unwrap().to_string();
            assert_eq!(with_salt(&password(&text), CHEAP, salt).unwrap(), bcrypts, "{text}");
        }
        for cost in [5, 8, 12] {
            let ours = new(&password("correct horse"), cost).unwrap();
            assert!(bcrypt::verify("correct horse", &ours).unwrap(), "{ours}");
        }
    }

    #[test]
    fn is_found_to_match_by_its_password_alone() {
        for text in passwords() {
            let hash = bcrypt::hash(&text, CHEAP).unwrap();
            assert!(matches(&password(&text), &hash).unwrap(), "{text}");
            let mut other = text;
            other.pop();
            assert!(!matches(&password(&format!("{other}y")), &hash).unwrap(), "{other}y");
        }
    }

    #[test]
    fn may_come_from_elsewhere() {
        let hash = bcrypt::hash_with_salt("correct horse", CHEAP, [7; 16]).unwrap();
        for version in [Version::TwoA, Version::TwoB, Version::TwoX, Version::TwoY] {
            let hash = hash.format_for_version(version);
            assert!(matches(&password("correct horse"), &hash).unwrap(), "{hash}");
            assert!(!matches(&password("correct house"), &hash).unwrap(), "{hash}");
        }
    }

    #[test]
    fn is_refused_when_it_is_none() {
        let good = bcrypt::hash("correct horse", CHEAP).unwrap();
        for (bad, says) in [
            (String::new(), "60 ASCII bytes"),
            (good.replace("$2b$", "$1b$"), "prefix"),
            (good.replace("$04$", "$03$"), "cost"),
            (good.replace("$04$", "$32$"), "cost"),
            (good.replace("$04$", "$xx$"), "cost"),
        ] {
            let error = matches(&password("correct horse"), &bad).unwrap_err().to_string().to_lowercase();
            assert!(error.contains(&says.to_lowercase()), "{bad}: {error}");
        }
    }
}

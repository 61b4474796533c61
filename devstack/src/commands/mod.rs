//! The sub-commands of `./dev`.

pub(crate) mod bench;
pub(crate) mod cargo;
pub(crate) mod chaos;
pub(crate) mod check;
pub(crate) mod demo;
mod overview;
pub(crate) mod prepare;
mod programs;
pub(crate) mod status;
mod system;
pub(crate) mod test;
pub(crate) mod up;
pub(crate) mod upgrade;

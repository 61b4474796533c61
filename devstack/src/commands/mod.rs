//! What each sub-command does.

pub(crate) mod bench;
pub(crate) mod cargo;
pub(crate) mod chaos;
pub(crate) mod check;
pub(crate) mod demo;
pub(crate) mod prepare;
mod programs;
mod system;
pub(crate) mod test;
pub(crate) mod up;

//! The program that `./dev` runs. See `devstack help`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    devstack::cli::run().await
}

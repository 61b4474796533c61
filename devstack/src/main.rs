//! What `./dev` hands over to; see `devstack help`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    devstack::cli::run().await
}

//! The programs of RabbitMQ and of Erlang on this machine.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

#[derive(Debug)]
pub(super) struct Programs {
    pub server: PathBuf,
    pub port_mapper: PathBuf,
}

impl Programs {
    pub(super) fn find() -> Result<Self> {
        const MISSING: &str = "RabbitMQ is missing (Debian and Ubuntu: apt-get install rabbitmq-server)";
        // Debian's program on the PATH changes the user. The program in /usr/lib does not.
        let server = match std::env::var_os("RABBITMQ_SERVER").filter(|path| !path.is_empty()) {
            Some(named) => {
                let named = PathBuf::from(named);
                anyhow::ensure!(
                    named.is_file(),
                    "RABBITMQ_SERVER names {}, which is not a file",
                    named.display()
                );
                named
            }
            None => [PathBuf::from("/usr/lib/rabbitmq/bin/rabbitmq-server")]
                .into_iter()
                .find(|path| path.is_file())
                .or_else(|| on_path("rabbitmq-server"))
                .context(MISSING)?,
        };
        let port_mapper = on_path("epmd").context("epmd is missing; it is a part of Erlang")?;
        Ok(Self { server, port_mapper })
    }
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|path| path.is_file())
}

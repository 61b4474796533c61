//! A TCP proxy that can be closed and opened. Behind it, a server seems to stop and start.

use std::net::{Ipv4Addr, SocketAddr};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// A port that refuses connections at first. After it is opened, it forwards connections to a server.
pub struct Door {
    port: u16,
    forwarders: JoinSet<()>,
}

impl Door {
    /// A closed door. It refuses connections.
    #[must_use]
    pub fn closed() -> Self {
        Self { port: devstack::ports::free().expect("a free port"), forwarders: JoinSet::new() }
    }

    /// Returns the URL with the port of this door.
    #[must_use]
    pub fn redirect(&self, url: &str) -> String {
        let mut url: reqwest::Url = url.parse().expect("a URL");
        url.set_port(Some(self.port)).expect("a URL with a host");
        url.into()
    }

    /// Closes the door and all connections through it.
    pub async fn closes(&mut self) {
        self.forwarders.shutdown().await;
    }

    /// Opens the door. It forwards new connections to the server of this URL.
    pub async fn opens_to(&mut self, url: &str) {
        let url: reqwest::Url = url.parse().expect("a URL");
        let server = (url.host_str().expect("a host").to_owned(), url.port().expect("a port"));
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let listener = TcpListener::bind(address).await.expect("the port is ours");
        self.forwarders.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((mut client, _)) = listener.accept().await {
                let server = server.clone();
                connections.spawn(async move {
                    if let Ok(mut server) = TcpStream::connect(server).await {
                        // The two ends handle a broken connection.
                        drop(copy_bidirectional(&mut client, &mut server).await);
                    }
                });
            }
        });
    }
}

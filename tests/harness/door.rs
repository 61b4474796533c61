//! A TCP port behind which a server seems to come and go.

use std::net::{Ipv4Addr, SocketAddr};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// An address on which nobody listens until it is opened.
pub struct Door {
    port: u16,
    forwarders: JoinSet<()>,
}

impl Door {
    /// Closed: whoever connects is refused.
    #[must_use]
    pub fn closed() -> Self {
        Self { port: devstack::ports::free().expect("a free port"), forwarders: JoinSet::new() }
    }

    /// The same URL, but through this door.
    #[must_use]
    pub fn before(&self, url: &str) -> String {
        let mut url: reqwest::Url = url.parse().expect("a URL");
        url.set_port(Some(self.port)).expect("a URL with a host");
        url.into()
    }

    /// Closed again, every connection through it cut.
    pub async fn closes(&mut self) {
        self.forwarders.shutdown().await;
    }

    /// From now on, whoever connects reaches the server of this URL.
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
                        // A connection that breaks is for its two ends to deal with.
                        drop(copy_bidirectional(&mut client, &mut server).await);
                    }
                });
            }
        });
    }
}

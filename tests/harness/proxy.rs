//! A TCP proxy between a process and a server. It simulates network faults: it resets connections, delays
//! them, or drops their data without an error.

use crate::shop::Shop;
use std::{
    io,
    net::Ipv4Addr,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{AbortHandle, JoinSet},
    time::sleep,
};

/// The size of a read.
const BUFFER_BYTES: usize = 16 * 1024;

/// A TCP port that forwards to a server until this is dropped.
pub struct Proxy {
    port: u16,
    mode: watch::Sender<Mode>,
    /// A counter. Each increment resets all connections.
    resets: watch::Sender<u64>,
    forwarder: AbortHandle,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Forward(Duration),
    BlackHole,
}

impl Proxy {
    /// A proxy to the server of this URL.
    pub async fn to(url: &str) -> Self {
        let url: reqwest::Url = url.parse().expect("a URL");
        let server = (url.host_str().expect("a host").to_owned(), url.port().expect("a port"));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let (mode, mode_receiver) = watch::channel(Mode::Forward(Duration::ZERO));
        let (resets, reset) = watch::channel(0);
        let forwarder = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                while connections.try_join_next().is_some() {}
                connections.spawn(serve(client, server.clone(), mode_receiver.clone(), reset.clone()));
            }
        });
        Self { port, mode, resets, forwarder: forwarder.abort_handle() }
    }

    /// Returns the URL with the port of this proxy.
    #[must_use]
    pub fn redirect(&self, url: &str) -> String {
        let mut url: reqwest::Url = url.parse().expect("a URL");
        url.set_port(Some(self.port)).expect("a URL with a host");
        url.into()
    }

    /// Forwards data without a delay. A connection that lost data in a black hole stays silent, because TCP
    /// cannot continue after a gap.
    pub fn forwards(&self) {
        self.mode.send_replace(Mode::Forward(Duration::ZERO));
    }

    /// Delays data in both directions.
    pub fn delays(&self, by: Duration) {
        self.mode.send_replace(Mode::Forward(by));
    }

    /// Accepts connections, but drops all data. When one end closes its connection, the other end is not
    /// notified.
    pub fn becomes_black_hole(&self) {
        self.mode.send_replace(Mode::BlackHole);
    }

    /// Resets every connection (RST), once.
    pub fn resets(&self) {
        self.resets.send_modify(|count| *count += 1);
    }
}

impl Shop {
    /// Puts a proxy between a service and the server in this variable, and restarts the replicas of the
    /// service.
    pub async fn proxy(&self, service: &str, variable: &str) -> Proxy {
        let url = match variable {
            devstack::servers::AMQP_URL => self.stack().amqp_url_of(service).expect("a broker").to_string(),
            _ => self.stack().database_url(service).expect("a database"),
        };
        let proxy = Proxy::to(&url).await;
        self.stack().set_env(service, variable, &proxy.redirect(&url)).expect("a service");
        for replica in 1..=self.replicas(service) {
            self.stack().restart(service, replica).await.expect("restart it");
        }
        proxy
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.forwarder.abort();
    }
}

async fn serve(
    mut client: TcpStream,
    server: (String, u16),
    mode: watch::Receiver<Mode>,
    mut reset: watch::Receiver<u64>,
) {
    reset.mark_unchanged();
    if *mode.borrow() == Mode::BlackHole {
        tokio::select! {
            () = discard(&mut client) => {}
            _ = reset.changed() => drop(client.set_zero_linger()),
        }
        return;
    }
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    drop((client.set_nodelay(true), server.set_nodelay(true)));
    tokio::select! {
        () = forward(&mut client, &mut server, &mode) => {}
        _ = reset.changed() => drop((client.set_zero_linger(), server.set_zero_linger())),
    }
}

async fn forward(client: &mut TcpStream, server: &mut TcpStream, mode: &watch::Receiver<Mode>) {
    let has_gap = AtomicBool::new(false);
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    // The two ends handle a broken connection.
    drop(tokio::try_join!(
        pump(from_client, to_server, mode, &has_gap),
        pump(from_server, to_client, mode, &has_gap)
    ));
}

async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mode: &watch::Receiver<Mode>,
    has_gap: &AtomicBool,
) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let read = from.read(&mut buffer).await;
        let now = *mode.borrow();
        let delay = match now {
            Mode::Forward(delay) if !has_gap.load(Ordering::Relaxed) => delay,
            _ => {
                has_gap.store(true, Ordering::Relaxed);
                if matches!(read, Ok(0) | Err(_)) {
                    return std::future::pending().await;
                }
                continue;
            }
        };
        sleep(delay).await;
        match read? {
            0 => return to.shutdown().await,
            count => to.write_all(&buffer[..count]).await?,
        }
    }
}

/// Reads and drops all data, and never returns.
async fn discard(client: &mut TcpStream) {
    let mut buffer = vec![0; BUFFER_BYTES];
    while !matches!(client.read(&mut buffer).await, Ok(0) | Err(_)) {}
    std::future::pending::<()>().await;
}

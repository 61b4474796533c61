//! The way between a process and a server, which can break like a network: connections are reset,
//! delayed, or lead into a black hole.

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

/// What is forwarded at a time.
const BUFFER: usize = 16 * 1024;

/// A TCP port that forwards to a server, for as long as the value lives.
pub struct Wire {
    port: u16,
    mood: watch::Sender<Mood>,
    /// Counts up; each connection ends when it does.
    resets: watch::Sender<u64>,
    forwarder: AbortHandle,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    Carries(Duration),
    Swallows,
}

impl Wire {
    /// A wire to the server of this URL.
    pub async fn to(url: &str) -> Self {
        let url: reqwest::Url = url.parse().expect("a URL");
        let server = (url.host_str().expect("a host").to_owned(), url.port().expect("a port"));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let (mood, mood_seen) = watch::channel(Mood::Carries(Duration::ZERO));
        let (resets, reset) = watch::channel(0);
        let forwarder = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                while connections.try_join_next().is_some() {}
                connections.spawn(serve(client, server.clone(), mood_seen.clone(), reset.clone()));
            }
        });
        Self { port, mood, resets, forwarder: forwarder.abort_handle() }
    }

    /// The same URL, but through this wire.
    #[must_use]
    pub fn before(&self, url: &str) -> String {
        let mut url: reqwest::Url = url.parse().expect("a URL");
        url.set_port(Some(self.port)).expect("a URL with a host");
        url.into()
    }

    /// From now on everything passes at once. What went into a black hole stays there, and so do the
    /// connections that lost something to it: TCP does not go on with a gap.
    pub fn carries(&self) {
        self.mood.send_replace(Mood::Carries(Duration::ZERO));
    }

    /// From now on everything takes so much longer each way.
    pub fn delays(&self, by: Duration) {
        self.mood.send_replace(Mood::Carries(by));
    }

    /// From now on it is a black hole: new connections stand, all are silent, and that one end is gone
    /// is not told to the other.
    pub fn swallows(&self) {
        self.mood.send_replace(Mood::Swallows);
    }

    /// Resets every connection (RST), once.
    pub fn resets(&self) {
        self.resets.send_modify(|count| *count += 1);
    }
}

impl Shop {
    /// Restarts the replicas of a service so that there is a wire between them and the server that this
    /// variable names.
    pub async fn wires(&self, service: &str, variable: &str) -> Wire {
        let url = match variable {
            devstack::servers::AMQP_URL => self.stack().amqp_url_of(service).expect("a broker").to_string(),
            _ => self.stack().database_url(service).expect("a database"),
        };
        let wire = Wire::to(&url).await;
        self.stack().set_env(service, variable, &wire.before(&url)).expect("a service");
        for replica in 1..=self.replicas(service) {
            self.stack().restart(service, replica).await.expect("restart it");
        }
        wire
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.forwarder.abort();
    }
}

async fn serve(
    mut client: TcpStream,
    server: (String, u16),
    mood: watch::Receiver<Mood>,
    mut reset: watch::Receiver<u64>,
) {
    reset.mark_unchanged();
    if *mood.borrow() == Mood::Swallows {
        tokio::select! {
            () = swallow(&mut client) => {}
            _ = reset.changed() => drop(client.set_zero_linger()),
        }
        return;
    }
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    drop((client.set_nodelay(true), server.set_nodelay(true)));
    tokio::select! {
        () = carry(&mut client, &mut server, &mood) => {}
        _ = reset.changed() => drop((client.set_zero_linger(), server.set_zero_linger())),
    }
}

async fn carry(client: &mut TcpStream, server: &mut TcpStream, mood: &watch::Receiver<Mood>) {
    let has_gap = AtomicBool::new(false);
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    // A connection that breaks is for its two ends to deal with.
    drop(tokio::try_join!(
        pump(from_client, to_server, mood, &has_gap),
        pump(from_server, to_client, mood, &has_gap)
    ));
}

async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mood: &watch::Receiver<Mood>,
    has_gap: &AtomicBool,
) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    loop {
        let read = from.read(&mut buffer).await;
        let now = *mood.borrow();
        let delay = match now {
            Mood::Carries(delay) if !has_gap.load(Ordering::Relaxed) => delay,
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

/// Reads without an end, and says nothing.
async fn swallow(client: &mut TcpStream) {
    let mut buffer = vec![0; BUFFER];
    while !matches!(client.read(&mut buffer).await, Ok(0) | Err(_)) {}
    std::future::pending::<()>().await;
}

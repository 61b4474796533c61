//! The HTTP client of every program, with time limits and the proxies of the environment.

pub mod proxy;

use proxy::Proxies;
use reqwest::{Client, Proxy};
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// A client whose requests end within `timeout`, connecting included. It uses the proxies of the environment,
/// except for addresses of this machine.
pub fn client(timeout: Duration) -> Result<Client, reqwest::Error> {
    client_with(timeout, Proxies::from_env())
}

fn client_with(timeout: Duration, proxies: Proxies) -> Result<Client, reqwest::Error> {
    let builder = Client::builder().no_proxy();
    let builder =
        if proxies.is_empty() { builder } else { builder.proxy(Proxy::custom(move |url| proxies.of(url))) };
    builder
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(timeout)
        // A redirect between services is a mistake in the configuration, not something to follow.
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("orderflow/", env!("CARGO_PKG_VERSION")))
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

    #[tokio::test]
    async fn requests_go_through_the_proxy_but_not_to_this_machine() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let proxies = || Proxies::new(&address.to_string(), "", "");
        // Answers two requests and returns their first lines.
        let server = tokio::spawn(async move {
            let mut asked = Vec::new();
            for _ in 0..2 {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut line = String::new();
                let mut reader = BufReader::new(&mut stream);
                reader.read_line(&mut line).await.unwrap();
                stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").await.unwrap();
                asked.push(line);
            }
            asked
        });
        for url in ["http://shop.example/products".to_owned(), format!("http://{address}/products")] {
            let client = client_with(Duration::from_secs(5), proxies()).unwrap();
            client.get(url).send().await.unwrap();
        }
        let asked = server.await.unwrap();
        assert_eq!(asked, ["GET http://shop.example/products HTTP/1.1\r\n", "GET /products HTTP/1.1\r\n"]);
    }
}

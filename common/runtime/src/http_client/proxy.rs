//! The proxies of the environment: `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, also in lower
//! case. Used by every HTTP client and by the client of the WebSocket. No proxy is used for this machine
//! itself.

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;

/// This machine, in the syntax of `NO_PROXY`. A name includes its subdomains.
const LOOPBACK: &str = "localhost,127.0.0.0/8,::1";

/// Finds the proxy for a URL.
#[derive(Debug)]
pub struct Proxies {
    http: String,
    https: String,
    matcher: Matcher,
}

impl Proxies {
    /// The proxies of this process's environment.
    #[must_use]
    pub fn from_env() -> Self {
        let of = |names: [&str; 2]| names.into_iter().find_map(|name| std::env::var(name).ok());
        let all = of(["ALL_PROXY", "all_proxy"]).unwrap_or_default();
        let http = of(["HTTP_PROXY", "http_proxy"]).unwrap_or_else(|| all.clone());
        let https = of(["HTTPS_PROXY", "https_proxy"]).unwrap_or(all);
        Self::new(&http, &https, &of(["NO_PROXY", "no_proxy"]).unwrap_or_default())
    }

    /// A proxy for `http` and `ws`, and one for `https` and `wss`; an empty text is no proxy. `none` lists
    /// hosts that are reached without a proxy, in the syntax of `NO_PROXY`.
    #[must_use]
    pub fn new(http: &str, https: &str, none: &str) -> Self {
        let [http, https] = [http, https].map(with_scheme);
        let none = format!("{LOOPBACK},{none}");
        let matcher = Matcher::builder().http(http.as_str()).https(https.as_str()).no(none).build();
        Self { http, https, matcher }
    }

    /// Whether no proxy is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.http.is_empty() && self.https.is_empty()
    }

    /// The proxy for this URL, with the user and password for it. `None` if there is no proxy.
    #[must_use]
    pub fn of(&self, url: &Url) -> Option<Url> {
        let (scheme, proxy) = match url.scheme() {
            "http" | "ws" => ("http", &self.http),
            "https" | "wss" => ("https", &self.https),
            _ => return None,
        };
        let target = format!("{scheme}://{}/", url.host_str()?).parse().ok()?;
        self.matcher.intercept(&target).and_then(|_| proxy.parse().ok())
    }
}

/// `proxy:3128` is a proxy that speaks HTTP, as for curl.
fn with_scheme(proxy: &str) -> String {
    if proxy.is_empty() || proxy.contains("://") { proxy.to_owned() } else { format!("http://{proxy}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(proxies: &Proxies, url: &str) -> Option<String> {
        proxies.of(&url.parse().unwrap()).map(String::from)
    }

    #[test]
    fn loopback_is_reached_without_a_proxy() {
        let proxies = Proxies::new("http://proxy:3128", "http://proxy:3128", "");
        for url in [
            "http://127.0.0.1:8080/products",
            "http://127.1.2.3",
            "http://localhost:8080",
            "http://LOCALHOST",
            "http://shop.localhost",
            "ws://[::1]:8083/ws",
            "wss://localhost/ws",
        ] {
            assert_eq!(found(&proxies, url), None, "{url}");
        }
        assert_eq!(found(&proxies, "http://notlocalhost/").as_deref(), Some("http://proxy:3128/"));
        assert_eq!(found(&proxies, "http://128.0.0.1/").as_deref(), Some("http://proxy:3128/"));
    }

    #[test]
    fn a_websocket_uses_the_proxy_of_http() {
        let proxies =
            Proxies::new("ada:word@plain:3128", "socks5h://secure:1080", "inside.example, 10.0.0.0/8");
        for (urls, expected) in [
            (["http://shop.example", "ws://shop.example/ws"], Some("http://ada:word@plain:3128/")),
            (["https://shop.example", "wss://shop.example/ws"], Some("socks5h://secure:1080")),
            (["https://a.inside.example", "wss://inside.example/ws"], None),
            (["http://10.1.2.3", "ws://10.1.2.3:8083/ws"], None),
        ] {
            for url in urls {
                assert_eq!(found(&proxies, url).as_deref(), expected, "{url}");
            }
        }
    }

    #[test]
    fn a_variable_that_names_no_proxy_is_not_used() {
        for text in ["", "://", "ftp://proxy", "http://"] {
            assert_eq!(found(&Proxies::new(text, text, ""), "http://shop.example"), None, "{text}");
        }
    }
}

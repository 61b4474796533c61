//! RabbitMQ's management HTTP API, for one virtual host. It is the same on 3.10 and 4.x as far as it is used here.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use reqwest::{Client, Method, RequestBuilder, StatusCode, Url};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use crate::broker_users::BrokerUser;

/// Looks into, and meddles with, one virtual host.
#[derive(Debug, Clone)]
pub struct Broker {
    http: Client,
    /// With user and password.
    management: Url,
    vhost: String,
}

/// A queue as the management console shows it.
#[derive(Debug, Clone, Deserialize)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// All messages, delivered and unacknowledged ones included.
    #[serde(default, deserialize_with = "or_default")]
    pub messages: u64,
    /// Messages that wait to be delivered.
    #[serde(default, deserialize_with = "or_default")]
    pub messages_ready: u64,
    /// Messages that a consumer has and has not acknowledged.
    #[serde(default, deserialize_with = "or_default")]
    pub messages_unacknowledged: u64,
    /// How many consume from it.
    #[serde(default, deserialize_with = "or_default")]
    pub consumers: u64,
    /// Its optional arguments, `x-queue-type` among them.
    #[serde(default)]
    pub arguments: Value,
}

/// A message that was looked at in a queue, and is still in it.
#[derive(Debug, Clone, Deserialize)]
pub struct Peeked {
    /// The key it was routed by.
    pub routing_key: String,
    /// Properties, with `headers` among them.
    pub properties: Value,
    /// The body.
    pub payload: String,
}

/// A client's connection.
#[derive(Debug, Clone, Deserialize)]
pub struct Connection {
    /// The name to close it by.
    pub name: String,
    /// The virtual host it is for.
    #[serde(default)]
    pub vhost: String,
    /// What the client calls itself, `connection_name` among it.
    #[serde(default)]
    pub client_properties: Value,
}

/// The statistics of an object that was made a moment ago are missing, or `null`.
fn or_default<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl Broker {
    pub(crate) fn new(management: Url, vhost: &str) -> Result<Self> {
        let http = runtime::http_client::client(Duration::from_secs(15))?;
        Ok(Self { http, management, vhost: vhost.to_owned() })
    }

    /// The virtual host.
    #[must_use]
    pub fn vhost(&self) -> &str {
        &self.vhost
    }

    /// All queues, with the youngest counts of their messages, see
    /// [`Servers::age_of_counts`](crate::Servers::age_of_counts); consumers are not counted.
    pub async fn queues(&self) -> Result<Vec<Queue>> {
        // The statistics that are left out are collected every five seconds, and would hide the counts.
        let totals = [("disable_stats", "true"), ("enable_queue_totals", "true")];
        let request = self.request(Method::GET, &["queues", &self.vhost])?.query(&totals);
        Ok(accepted(request).await?.json().await?)
    }

    /// One queue, with counts that are up to some ten seconds old; `None` where there is none of this name.
    pub async fn queue(&self, name: &str) -> Result<Option<Queue>> {
        self.get(&["queues", &self.vhost, name]).await
    }

    /// Drops every message that waits in a queue.
    pub async fn purge(&self, queue: &str) -> Result<()> {
        self.order(Method::DELETE, &["queues", &self.vhost, queue, "contents"], None).await
    }

    /// Deletes a queue with all that is in it.
    pub async fn delete_queue(&self, queue: &str) -> Result<()> {
        self.order(Method::DELETE, &["queues", &self.vhost, queue], None).await
    }

    /// Up to `count` messages of a queue, which go back to it. Counts as a delivery of each.
    pub async fn peek(&self, queue: &str, count: usize) -> Result<Vec<Peeked>> {
        self.fetch(queue, count, "ack_requeue_true").await
    }

    /// Takes up to `count` messages out of a queue.
    pub async fn take(&self, queue: &str, count: usize) -> Result<Vec<Peeked>> {
        self.fetch(queue, count, "ack_requeue_false").await
    }

    /// Refuses up to `count` messages of a queue, as a consumer would that cannot make sense of them: they go where the
    /// queue dead-letters to.
    pub async fn reject(&self, queue: &str, count: usize) -> Result<Vec<Peeked>> {
        self.fetch(queue, count, "reject_requeue_false").await
    }

    async fn fetch(&self, queue: &str, count: usize, mode: &str) -> Result<Vec<Peeked>> {
        let body = json!({ "count": count, "ackmode": mode, "encoding": "auto" });
        let request = self.request(Method::POST, &["queues", &self.vhost, queue, "get"])?.json(&body);
        Ok(accepted(request).await?.json().await?)
    }

    /// Publishes to an exchange. Fails when no queue took the message.
    pub async fn publish(&self, exchange: &str, key: &str, properties: &Value, payload: &str) -> Result<()> {
        #[derive(Deserialize)]
        struct Answer {
            routed: bool,
        }
        let body = json!({ "routing_key": key, "properties": properties, "payload": payload, "payload_encoding": "string" });
        let request =
            self.request(Method::POST, &["exchanges", &self.vhost, exchange, "publish"])?.json(&body);
        let Answer { routed } = accepted(request).await?.json().await?;
        if !routed {
            bail!("no queue takes {key} from {exchange}");
        }
        Ok(())
    }

    /// Creates a queue that gets a copy of every message to an exchange whose key matches.
    pub async fn tap(&self, queue: &str, exchange: &str, key: &str) -> Result<()> {
        self.order(Method::PUT, &["queues", &self.vhost, queue], Some(json!({ "durable": true }))).await?;
        let binding = json!({ "routing_key": key });
        self.order(Method::POST, &["bindings", &self.vhost, "e", exchange, "q", queue], Some(binding)).await
    }

    /// Lets the queues whose name matches hold this many messages at most, whatever their own arguments allow.
    pub async fn limit_queues(&self, pattern: &str, length: u32) -> Result<()> {
        let policy = json!({
            "pattern": pattern, "definition": { "max-length": length }, "apply-to": "queues", "priority": 1,
        });
        self.order(Method::PUT, &["policies", &self.vhost, "limit"], Some(policy)).await
    }

    /// The connections to this virtual host.
    pub async fn connections(&self) -> Result<Vec<Connection>> {
        let all: Vec<Connection> = self.get(&["connections"]).await?.unwrap_or_default();
        Ok(all.into_iter().filter(|connection| connection.vhost == self.vhost).collect())
    }

    /// Closes a client's connection from the broker's side.
    pub async fn close_connection(&self, name: &str) -> Result<()> {
        self.order(Method::DELETE, &["connections", name], None).await
    }

    /// Removes the way from an exchange into a queue.
    pub async fn unbind(&self, exchange: &str, queue: &str, key: &str) -> Result<()> {
        self.order(Method::DELETE, &["bindings", &self.vhost, "e", exchange, "q", queue, key], None).await
    }

    /// Deletes an exchange with all its bindings.
    pub async fn delete_exchange(&self, exchange: &str) -> Result<()> {
        self.order(Method::DELETE, &["exchanges", &self.vhost, exchange], None).await
    }

    /// Creates a durable classic queue.
    pub async fn create_classic_queue(&self, queue: &str) -> Result<()> {
        let classic = json!({ "durable": true, "arguments": { "x-queue-type": "classic" } });
        self.order(Method::PUT, &["queues", &self.vhost, queue], Some(classic)).await
    }

    /// Gives a service's user another password. Connections that stand are not asked for it.
    pub async fn set_password(&self, service: &str, password: &str) -> Result<()> {
        let user = BrokerUser::of(service)?;
        let body = json!({ "password": password, "tags": user.tags });
        self.order(Method::PUT, &["users", &user.name(&self.vhost)], Some(body)).await
    }

    /// Takes the permissions of a service's user for the virtual host away.
    pub async fn revoke(&self, service: &str) -> Result<()> {
        let user = BrokerUser::of(service)?.name(&self.vhost);
        self.order(Method::DELETE, &["permissions", &self.vhost, &user], None).await
    }

    /// Creates the user of a service with its permissions, or sets it right.
    pub(crate) async fn admit(&self, user: &BrokerUser, password: &str) -> Result<()> {
        let name = user.name(&self.vhost);
        self.set_password(user.service, password).await?;
        self.order(Method::PUT, &["permissions", &self.vhost, &name], Some(user.permissions())).await?;
        for topic in user.topics {
            self.order(Method::PUT, &["topic-permissions", &self.vhost, &name], Some(topic.json())).await?;
        }
        Ok(())
    }

    /// Deletes the user of a service.
    pub(crate) async fn dismiss(&self, user: &BrokerUser) -> Result<()> {
        self.order(Method::DELETE, &["users", &user.name(&self.vhost)], None).await
    }

    /// Creates the virtual host if it is not there, and lets the broker's own user in.
    pub(crate) async fn create_vhost(&self) -> Result<()> {
        self.order(Method::PUT, &["vhosts", &self.vhost], Some(json!({}))).await?;
        let everything = json!({ "configure": ".*", "write": ".*", "read": ".*" });
        let user = self.whoami().await?;
        self.order(Method::PUT, &["permissions", &self.vhost, &user], Some(everything)).await
    }

    /// Deletes the virtual host with all that is in it.
    pub async fn delete_vhost(&self) -> Result<()> {
        self.order(Method::DELETE, &["vhosts", &self.vhost], None).await
    }

    async fn whoami(&self) -> Result<String> {
        #[derive(Deserialize)]
        struct User {
            name: String,
        }
        let user: User = self.get(&["whoami"]).await?.context("the broker does not tell who we are")?;
        Ok(user.name)
    }

    async fn get<T: DeserializeOwned>(&self, path: &[&str]) -> Result<Option<T>> {
        let response = self.request(Method::GET, path)?.send().await?;
        if response.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        Ok(Some(response.error_for_status()?.json().await?))
    }

    async fn order(&self, method: Method, path: &[&str], body: Option<Value>) -> Result<()> {
        let mut request = self.request(method, path)?;
        if let Some(body) = body {
            request = request.json(&body);
        }
        accepted(request).await.map(drop)
    }

    fn request(&self, method: Method, path: &[&str]) -> Result<RequestBuilder> {
        let mut url = self.management.clone();
        match url.path_segments_mut() {
            Ok(mut segments) => segments.pop_if_empty().push("api").extend(path),
            Err(()) => bail!("AMQP_MANAGEMENT_URL cannot be the address of a management API"),
        };
        Ok(self.http.request(method, url))
    }
}

async fn accepted(request: RequestBuilder) -> Result<reqwest::Response> {
    request.send().await?.error_for_status().context("RabbitMQ's management API")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_in_paths() {
        let broker = Broker::new("http://user:word@127.0.0.1:15672".parse().unwrap(), "a/b").unwrap();
        let request = broker.request(Method::GET, &["queues", "a/b", "q 1"]).unwrap().build().unwrap();
        assert_eq!(request.url().as_str(), "http://127.0.0.1:15672/api/queues/a%2Fb/q%201");
        assert!(request.headers().contains_key("authorization"));
    }

    #[test]
    fn a_queue_without_statistics_is_empty() {
        let queue: Queue = serde_json::from_str(r#"{"name":"parking","messages":null}"#).unwrap();
        assert_eq!((queue.messages, queue.consumers), (0, 0));
    }
}

//! RabbitMQ's management HTTP API, for one virtual host. The parts used here are the same on 3.10 and 4.x.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use reqwest::{Client, Method, RequestBuilder, StatusCode, Url};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use crate::broker_users::BrokerUser;

/// Inspects and changes one virtual host.
#[derive(Debug, Clone)]
pub struct Broker {
    http: Client,
    /// The URL of the API, with user and password.
    management: Url,
    vhost: String,
}

/// A queue as the management console shows it.
#[derive(Debug, Clone, Deserialize)]
pub struct Queue {
    /// The name of the queue.
    pub name: String,
    /// All messages, including unacknowledged ones.
    #[serde(default, deserialize_with = "or_default")]
    pub messages: u64,
    /// Messages that wait to be delivered.
    #[serde(default, deserialize_with = "or_default")]
    pub messages_ready: u64,
    /// Messages that a consumer has and has not acknowledged.
    #[serde(default, deserialize_with = "or_default")]
    pub messages_unacknowledged: u64,
    /// The number of consumers.
    #[serde(default, deserialize_with = "or_default")]
    pub consumers: u64,
    /// The optional arguments, such as `x-queue-type`.
    #[serde(default)]
    pub arguments: Value,
}

/// A message that was fetched from a queue.
#[derive(Debug, Clone, Deserialize)]
pub struct Peeked {
    /// The routing key.
    pub routing_key: String,
    /// The properties, including `headers`.
    pub properties: Value,
    /// The body.
    pub payload: String,
}

/// A client's connection.
#[derive(Debug, Clone, Deserialize)]
pub struct Connection {
    /// The name to close it by.
    pub name: String,
    /// The virtual host of the connection.
    #[serde(default)]
    pub vhost: String,
    /// The client's description of itself, including `connection_name`.
    #[serde(default)]
    pub client_properties: Value,
}

/// Reads a statistic, which is missing or `null` for a new object.
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

    /// Lists all queues with the latest counts of their messages, but without consumers. See
    /// [`Servers::age_of_counts`](crate::Servers::age_of_counts).
    pub async fn queues(&self) -> Result<Vec<Queue>> {
        // RabbitMQ collects the other statistics only every five seconds. They would replace the latest
        // counts.
        let totals = [("disable_stats", "true"), ("enable_queue_totals", "true")];
        let request = self.request(Method::GET, &["queues", &self.vhost])?.query(&totals);
        Ok(accepted(request).await?.json().await?)
    }

    /// Finds a queue. Its counts may be about ten seconds old.
    pub async fn queue(&self, name: &str) -> Result<Option<Queue>> {
        self.get(&["queues", &self.vhost, name]).await
    }

    /// Drops all messages that wait in a queue.
    pub async fn purge(&self, queue: &str) -> Result<()> {
        self.order(Method::DELETE, &["queues", &self.vhost, queue, "contents"], None).await
    }

    /// Deletes a queue with its messages.
    pub async fn delete_queue(&self, queue: &str) -> Result<()> {
        self.order(Method::DELETE, &["queues", &self.vhost, queue], None).await
    }

    /// Fetches up to `count` messages of a queue and puts them back. RabbitMQ counts this as a delivery.
    pub async fn peek(&self, queue: &str, count: usize) -> Result<Vec<Peeked>> {
        self.fetch(queue, count, "ack_requeue_true").await
    }

    /// Removes up to `count` messages from a queue, and returns them.
    pub async fn take(&self, queue: &str, count: usize) -> Result<Vec<Peeked>> {
        self.fetch(queue, count, "ack_requeue_false").await
    }

    /// Rejects up to `count` messages of a queue like a consumer that cannot parse them. The queue
    /// dead-letters them.
    pub async fn reject(&self, queue: &str, count: usize) -> Result<Vec<Peeked>> {
        self.fetch(queue, count, "reject_requeue_false").await
    }

    async fn fetch(&self, queue: &str, count: usize, mode: &str) -> Result<Vec<Peeked>> {
        let body = json!({ "count": count, "ackmode": mode, "encoding": "auto" });
        let request = self.request(Method::POST, &["queues", &self.vhost, queue, "get"])?.json(&body);
        Ok(accepted(request).await?.json().await?)
    }

    /// Publishes to an exchange. Fails if the exchange routes the message to no queue.
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
            bail!("{exchange} routes {key} to no queue");
        }
        Ok(())
    }

    /// Creates a queue that receives a copy of all messages to an exchange with a matching routing key.
    pub async fn tap(&self, queue: &str, exchange: &str, key: &str) -> Result<()> {
        self.order(Method::PUT, &["queues", &self.vhost, queue], Some(json!({ "durable": true }))).await?;
        let binding = json!({ "routing_key": key });
        self.order(Method::POST, &["bindings", &self.vhost, "e", exchange, "q", queue], Some(binding)).await
    }

    /// Limits the length of all queues with a matching name, regardless of their own arguments.
    pub async fn limit_queues(&self, pattern: &str, length: u32) -> Result<()> {
        let policy = json!({
            "pattern": pattern, "definition": { "max-length": length }, "apply-to": "queues", "priority": 1,
        });
        self.order(Method::PUT, &["policies", &self.vhost, "limit"], Some(policy)).await
    }

    /// Lists the connections to this virtual host.
    pub async fn connections(&self) -> Result<Vec<Connection>> {
        let all: Vec<Connection> = self.get(&["connections"]).await?.unwrap_or_default();
        Ok(all.into_iter().filter(|connection| connection.vhost == self.vhost).collect())
    }

    /// Makes the broker close a client's connection.
    pub async fn close_connection(&self, name: &str) -> Result<()> {
        self.order(Method::DELETE, &["connections", name], None).await
    }

    /// Removes a binding.
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

    /// Changes the password of a service's user. Open connections remain valid.
    pub async fn set_password(&self, service: &str, password: &str) -> Result<()> {
        let user = BrokerUser::of(service)?;
        let body = json!({ "password": password, "tags": user.tags });
        self.order(Method::PUT, &["users", &user.name(&self.vhost)], Some(body)).await
    }

    /// Revokes all permissions of a service's user for the virtual host.
    pub async fn revoke(&self, service: &str) -> Result<()> {
        let user = BrokerUser::of(service)?.name(&self.vhost);
        self.order(Method::DELETE, &["permissions", &self.vhost, &user], None).await
    }

    /// Creates or updates the user of a service with its permissions.
    pub(crate) async fn admit(&self, user: &BrokerUser, password: &str) -> Result<()> {
        let name = user.name(&self.vhost);
        self.set_password(user.service, password).await?;
        self.order(Method::PUT, &["permissions", &self.vhost, &name], Some(user.permissions())).await?;
        for topic in &user.topics {
            self.order(Method::PUT, &["topic-permissions", &self.vhost, &name], Some(topic.json())).await?;
        }
        Ok(())
    }

    /// Deletes the user of a service.
    pub(crate) async fn dismiss(&self, user: &BrokerUser) -> Result<()> {
        self.order(Method::DELETE, &["users", &user.name(&self.vhost)], None).await
    }

    /// Creates the virtual host if it is missing, and grants all permissions to the administrator.
    pub(crate) async fn create_vhost(&self) -> Result<()> {
        self.order(Method::PUT, &["vhosts", &self.vhost], Some(json!({}))).await?;
        let everything = json!({ "configure": ".*", "write": ".*", "read": ".*" });
        let user = self.whoami().await?;
        self.order(Method::PUT, &["permissions", &self.vhost, &user], Some(everything)).await
    }

    /// Deletes the virtual host with all its objects.
    pub async fn delete_vhost(&self) -> Result<()> {
        self.order(Method::DELETE, &["vhosts", &self.vhost], None).await
    }

    async fn whoami(&self) -> Result<String> {
        #[derive(Deserialize)]
        struct User {
            name: String,
        }
        let user: User = self.get(&["whoami"]).await?.context("the management API did not name the user")?;
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
    fn names_are_percent_encoded_in_paths() {
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

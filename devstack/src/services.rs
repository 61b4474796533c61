//! The services: their names, their usual ports, and the variables each is started with.

use anyhow::{Context as _, Result};
use serde_json::json;

/// One kind of process.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Service {
    /// The name of its program.
    pub name: &'static str,
    /// Where it listens when nobody says otherwise; here, where its first replica listens if the port is free.
    pub usual_port: u16,
    /// What its database is called, with the variable that names it.
    pub database: Option<(&'static str, &'static str)>,
    /// Whether several can run side by side.
    pub scales: bool,
    /// The variable that names its replicas to the gateway (`deploy/Caddyfile`), where clients may reach it.
    pub upstreams: Option<&'static str>,
}

/// All of them, in the order in which they are shown.
pub(crate) const SERVICES: [Service; 7] = [
    Service {
        name: "user-service",
        usual_port: 8081,
        database: Some(("users", "USERS_DATABASE_URL")),
        scales: true,
        upstreams: Some("USERS_UPSTREAMS"),
    },
    Service {
        name: "catalog-service",
        usual_port: 8082,
        database: Some(("catalog", "CATALOG_DATABASE_URL")),
        scales: true,
        upstreams: Some("CATALOG_UPSTREAMS"),
    },
    Service {
        name: "order-service",
        usual_port: 8083,
        database: Some(("orders", "ORDERS_DATABASE_URL")),
        scales: true,
        upstreams: Some("ORDERS_UPSTREAMS"),
    },
    Service { name: "order-processor", usual_port: 8084, database: None, scales: true, upstreams: None },
    Service {
        name: "payment-worker",
        usual_port: 8085,
        database: Some(("payments", "PAYMENTS_DATABASE_URL")),
        scales: true,
        upstreams: Some("PAYMENTS_UPSTREAMS"),
    },
    Service {
        name: "operations-service",
        usual_port: 8087,
        database: Some(("operations", "OPERATIONS_DATABASE_URL")),
        scales: true,
        upstreams: Some("OPERATIONS_UPSTREAMS"),
    },
    // Its ledger is a file that one process writes.
    Service { name: "payment-simulator", usual_port: 8086, database: None, scales: false, upstreams: None },
];

/// The service of this name.
pub(crate) fn find(name: &str) -> Result<&'static Service> {
    let names = || SERVICES.each_ref().map(|service| service.name).join(", ");
    SERVICES
        .iter()
        .find(|service| service.name == name)
        .with_context(|| format!("there is no service `{name}`; there are {}", names()))
}

/// A name and its number of replicas, as in `order-processor=3`.
pub(crate) fn parse_scale(text: &str) -> Result<(&'static Service, usize)> {
    /// More processes than anyone can mean on one machine.
    const MOST: usize = 32;
    let (name, count) = text.split_once('=').context("expected NAME=N, such as order-processor=3")?;
    let service = find(name)?;
    let count: usize = count
        .parse()
        .ok()
        .filter(|count| *count <= MOST)
        .with_context(|| format!("`{count}` is not a number of replicas (0 to {MOST})"))?;
    anyhow::ensure!(service.scales || count <= 1, "{name} does not scale: one process keeps its ledger");
    Ok((service, count))
}

/// What a service must know of the rest of the system.
pub(crate) struct Wiring<'a> {
    pub database_url: &'a dyn Fn(&'static str) -> Result<String>,
    pub amqp_url: &'a dyn Fn(&str) -> Result<String>,
    pub amqp_management_url: String,
    pub url_of: &'a dyn Fn(&'static str) -> String,
    pub staff: (&'static str, &'a str),
    pub secrets: &'a crate::instance::Secrets,
    pub folder: &'a crate::instance::Folder,
}

impl Wiring<'_> {
    /// The variables of one service, but for the address it listens on.
    pub(crate) fn variables(&self, service: &Service) -> Result<Vec<(&'static str, String)>> {
        let mut variables = vec![("LOG_FORMAT", "text".to_owned())];
        if let Some((database, variable)) = service.database {
            variables.push((variable, (self.database_url)(database)?));
        }
        match service.name {
            "user-service" => variables.extend(self.identity()?),
            "payment-simulator" => variables.push(("LEDGER_FILE", self.file("ledger.jsonl"))),
            "order-processor" => {
                variables.extend(self.client("order-processor", &self.secrets.order_processor));
                variables.push(("CATALOG_SERVICE_URL", (self.url_of)("catalog-service")));
            }
            "payment-worker" => {
                variables.extend(self.client("payment-worker", &self.secrets.payment_worker));
                variables.push(("PAYMENT_PROVIDER_URL", (self.url_of)("payment-simulator")));
                variables
                    .push(("PAYMENT_PROVIDER_KEY", format!("sk_test_{}", self.secrets.payment_provider)));
                variables.push(self.keys());
            }
            _ => variables.push(self.keys()),
        }
        if !matches!(service.name, "user-service" | "catalog-service" | "payment-simulator") {
            variables.push(("AMQP_URL", (self.amqp_url)(service.name)?));
        }
        if service.name == "operations-service" {
            variables.push(("AMQP_MANAGEMENT_URL", self.amqp_management_url.clone()));
        }
        Ok(variables)
    }

    fn identity(&self) -> Result<Vec<(&'static str, String)>> {
        // `orders:write` is what an order-service of the release before asks for: both may run side by side.
        let clients = json!([
            {
                "id": "order-processor",
                "secret": self.secrets.order_processor,
                "scopes": ["orders:stock", "orders:write", "reservations:write"],
            },
            {
                "id": "payment-worker",
                "secret": self.secrets.payment_worker,
                "scopes": ["orders:payment", "orders:write"],
            },
        ]);
        let (name, password) = self.staff;
        Ok(vec![
            ("APP_ENV", "development".to_owned()), // Creates the signing key on the first start.
            ("SIGNING_KEY_FILE", self.file("signing-key.pem")),
            ("STAFF_USERNAME", name.to_owned()),
            ("STAFF_EMAIL", format!("{name}@example.com")),
            ("STAFF_PASSWORD", password.to_owned()),
            ("SERVICE_CLIENTS", serde_json::to_string(&clients)?),
        ])
    }

    /// Where the keys are that verify tokens.
    fn keys(&self) -> (&'static str, String) {
        ("JWKS_URL", format!("{}/.well-known/jwks.json", (self.url_of)("user-service")))
    }

    fn client(&self, id: &str, secret: &str) -> [(&'static str, String); 4] {
        [
            ("ORDER_SERVICE_URL", (self.url_of)("order-service")),
            ("TOKEN_URL", format!("{}/token", (self.url_of)("user-service"))),
            ("CLIENT_ID", id.to_owned()),
            ("CLIENT_SECRET", secret.to_owned()),
        ]
    }

    fn file(&self, name: &str) -> String {
        self.folder.path(name).to_string_lossy().into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_is_a_service_and_a_number() {
        let (service, count) = parse_scale("order-processor=3").unwrap();
        assert_eq!((service.name, count), ("order-processor", 3));
    }

    #[test]
    fn bad_scales_say_what_is_wrong() {
        for (text, expected) in [
            ("order-processor", "expected NAME=N"),
            ("orders=3", "there is no service `orders`; there are user-service"),
            ("order-service=many", "`many` is not a number of replicas"),
            ("order-service=-1", "`-1` is not a number of replicas"),
            ("order-service=33", "`33` is not a number of replicas"),
            ("payment-simulator=2", "payment-simulator does not scale"),
        ] {
            let error = parse_scale(text).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{text}: {error}");
        }
    }
}

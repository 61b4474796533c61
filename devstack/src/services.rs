//! The table of programs. This crate and the tests read it. A test compares it with the files of the
//! containers and of the gateway.

use anyhow::{Context as _, Result};

/// A service or a worker.
#[derive(Debug, PartialEq, Eq)]
pub struct Service {
    /// The name of the program.
    pub name: &'static str,
    /// The default port of the program. The first replica of a lasting stack uses it if it is free.
    pub usual_port: u16,
    /// Whether several replicas can run.
    pub scales: bool,
    /// The name of the database, and the variable with its URL.
    pub database: Option<(&'static str, &'static str)>,
    /// The use of RabbitMQ. `None` for a program without RabbitMQ. Every other program has its own user.
    pub broker: Option<BrokerRole>,
    /// The scopes of the program's tokens. Empty if the program calls no other service.
    pub scopes: &'static [&'static str],
    /// The variables that only this program requires. `wiring.rs` has their values.
    pub own_variables: &'static [&'static str],
    /// The public routes. `None` if clients cannot reach the program.
    pub gateway: Option<Gateway>,
}

/// The use that a program makes of RabbitMQ. It determines the rights of the program's user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrokerRole {
    /// Declares the topology, publishes events, and reads them from queues of its own replicas.
    Publisher,
    /// Consumes these events from the work queue that has the name of the program.
    Worker(&'static [&'static str]),
    /// Consumes these events of orders like a worker, and publishes its own events to this exchange.
    PublishingWorker {
        /// The consumed events.
        consumes: &'static [&'static str],
        /// The exchange of its own events.
        exchange: &'static str,
        /// The beginning of the names of its own events.
        prefix: &'static str,
    },
    /// Moves parked messages to its database, and replays them.
    Operator,
}

/// The public routes of a service. `deploy/Caddyfile` has the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gateway {
    /// The name of the service at the gateway. Its document is `/openapi/NAME.json`.
    pub name: &'static str,
    /// The variable with the addresses of the replicas.
    pub upstreams: &'static str,
    /// The paths below `/api`.
    pub paths: &'static [&'static str],
}

/// All programs, in the order in which they are shown.
pub static SERVICES: [Service; 10] = [
    Service {
        name: "user-service",
        usual_port: 8081,
        scales: true,
        database: Some(("users", "USERS_DATABASE_URL")),
        broker: None,
        scopes: &[],
        own_variables: &["SIGNING_KEY_FILE"],
        gateway: Some(Gateway {
            name: "users",
            upstreams: "USERS_UPSTREAMS",
            paths: &[
                "/register",
                "/login",
                "/refresh",
                "/logout",
                "/me",
                "/users",
                "/users/*",
                "/session",
                "/session/refresh",
                "/.well-known/jwks.json",
            ],
        }),
    },
    Service {
        name: "catalog-service",
        usual_port: 8082,
        scales: true,
        database: Some(("catalog", "CATALOG_DATABASE_URL")),
        broker: None,
        scopes: &[],
        own_variables: &[],
        gateway: Some(Gateway {
            name: "catalog",
            upstreams: "CATALOG_UPSTREAMS",
            paths: &["/products", "/products/*", "/currencies"],
        }),
    },
    Service {
        name: "discount-service",
        usual_port: 8088,
        scales: true,
        database: Some(("discounts", "DISCOUNTS_DATABASE_URL")),
        broker: None,
        scopes: &[],
        own_variables: &[],
        gateway: Some(Gateway {
            name: "discounts",
            upstreams: "DISCOUNTS_UPSTREAMS",
            paths: &["/quote", "/prices", "/promotions", "/promotions/*"],
        }),
    },
    Service {
        name: "order-service",
        usual_port: 8083,
        scales: true,
        database: Some(("orders", "ORDERS_DATABASE_URL")),
        broker: Some(BrokerRole::Publisher),
        scopes: &[],
        own_variables: &[],
        gateway: Some(Gateway {
            name: "orders",
            upstreams: "ORDERS_UPSTREAMS",
            paths: &["/orders", "/orders/*"],
        }),
    },
    Service {
        name: "order-processor",
        usual_port: 8084,
        scales: true,
        database: None,
        broker: Some(BrokerRole::Worker(&[
            "order_created",
            "order_rejected",
            "order_paid",
            "order_cancelled",
            "order_refunded",
        ])),
        // An order-service of the previous release requires `orders:write`, and both releases may run together.
        scopes: &["discounts:claim", "orders:stock", "orders:write", "reservations:write"],
        own_variables: &[],
        gateway: None,
    },
    Service {
        name: "payment-worker",
        usual_port: 8085,
        scales: true,
        database: Some(("payments", "PAYMENTS_DATABASE_URL")),
        broker: Some(BrokerRole::Worker(&["order_reserved", "order_refund_requested"])),
        scopes: &["orders:payment", "orders:write"],
        own_variables: &["PAYMENT_PROVIDER_KEY"],
        gateway: Some(Gateway {
            name: "payments",
            upstreams: "PAYMENTS_UPSTREAMS",
            paths: &["/charges", "/provider/charges"],
        }),
    },
    Service {
        name: "delivery-service",
        usual_port: 8089,
        scales: true,
        database: Some(("deliveries", "DELIVERIES_DATABASE_URL")),
        broker: Some(BrokerRole::PublishingWorker {
            consumes: &["order_completed"],
            exchange: "deliveries",
            prefix: "delivery_",
        }),
        scopes: &["orders:delivery"],
        own_variables: &["CARRIER_KEY", "CARRIER_WEBHOOK_SECRET"],
        gateway: Some(Gateway {
            name: "deliveries",
            upstreams: "DELIVERIES_UPSTREAMS",
            paths: &["/deliveries", "/deliveries/*", "/carrier/events"],
        }),
    },
    Service {
        name: "operations-service",
        usual_port: 8087,
        scales: true,
        database: Some(("operations", "OPERATIONS_DATABASE_URL")),
        broker: Some(BrokerRole::Operator),
        scopes: &[],
        own_variables: &[],
        gateway: Some(Gateway {
            name: "operations",
            upstreams: "OPERATIONS_UPSTREAMS",
            paths: &["/queues", "/parked", "/parked/*"],
        }),
    },
    Service {
        name: "payment-simulator",
        usual_port: 8086,
        // Only one process may write its ledger file.
        scales: false,
        database: None,
        broker: None,
        scopes: &[],
        own_variables: &["LEDGER_FILE"],
        gateway: None,
    },
    Service {
        name: "carrier-simulator",
        usual_port: 8095,
        // Only one process may write its file of parcels.
        scales: false,
        database: None,
        broker: None,
        scopes: &[],
        own_variables: &["PARCELS_FILE", "WEBHOOK_SECRET"],
        gateway: None,
    },
];

impl Service {
    /// Returns whether the program consumes a work queue.
    #[must_use]
    pub fn is_worker(&self) -> bool {
        matches!(self.broker, Some(BrokerRole::Worker(_) | BrokerRole::PublishingWorker { .. }))
    }

    /// The folder with the sources of the program.
    #[must_use]
    pub fn folder(&self) -> String {
        match self.name {
            "payment-simulator" => self.name.to_owned(),
            name => match name.strip_suffix("-simulator") {
                Some(company) => format!("simulators/{company}"),
                None => name.to_owned(),
            },
        }
    }

    /// The variables that the program does not start without.
    #[must_use]
    pub fn required_variables(&self) -> Vec<&'static str> {
        let client: &[&str] = if self.scopes.is_empty() { &[] } else { &["CLIENT_ID", "CLIENT_SECRET"] };
        let servers = [self.database.map(|(_, variable)| variable), self.broker.map(|_| "AMQP_URL")];
        servers.into_iter().flatten().chain(client.iter().chain(self.own_variables).copied()).collect()
    }
}

/// Finds the service with this name.
pub(crate) fn find(name: &str) -> Result<&'static Service> {
    let names = || SERVICES.each_ref().map(|service| service.name).join(", ");
    SERVICES
        .iter()
        .find(|service| service.name == name)
        .with_context(|| format!("there is no service `{name}`; there are {}", names()))
}

/// Parses a service and its number of replicas, as in `order-processor=3`.
pub(crate) fn parse_scale(text: &str) -> Result<(&'static Service, usize)> {
    /// More processes than one machine can use.
    const MAX_REPLICAS: usize = 32;
    let (name, count) = text.split_once('=').context("expected NAME=N, such as order-processor=3")?;
    let service = find(name)?;
    let count: usize = count
        .parse()
        .ok()
        .filter(|count| *count <= MAX_REPLICAS)
        .with_context(|| format!("`{count}` is not a number of replicas (0 to {MAX_REPLICAS})"))?;
    anyhow::ensure!(service.scales || count <= 1, "{name} does not scale: one process keeps its ledger");
    Ok((service, count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    #[test]
    fn a_scale_is_a_service_and_a_number() {
        let (service, count) = parse_scale("order-processor=3").unwrap();
        assert_eq!((service.name, count), ("order-processor", 3));
    }

    #[test]
    fn errors_explain_a_bad_scale() {
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

    /// Finds what was forgotten for a new program.
    #[test]
    fn every_service_is_in_the_files_of_the_containers_and_the_gateway() {
        let mut files = Files::default();
        for service in &SERVICES {
            let (name, port) = (service.name, service.usual_port);
            let folder = service.folder();
            files.need(&format!("{folder}/src/config.rs"), &format!("127.0.0.1:{port}"));
            files.need("Cargo.toml", &format!("\"{folder}\""));
            files.need(COMPOSE, &format!("\n  {name}:\n    <<: *program\n    command: [{name}]\n"));
            files.need_variables(service);
            if let Some((database, variable)) = service.database {
                let password = files.need_secret(&format!("{database}_DATABASE_PASSWORD"), &[COMPOSE]);
                files.need(
                    COMPOSE,
                    &format!("{variable}: postgres://{database}:{password}@postgres/{database}"),
                );
                files.need("deploy/postgres/create-databases.sh", &format!("owned_database {database} "));
            }
            if service.broker.is_some() {
                let start = "deploy/rabbitmq/start.sh";
                let password = files.need_secret(&format!("{name}_BROKER_PASSWORD"), &[COMPOSE, start]);
                files.need(COMPOSE, &format!("AMQP_URL: amqp://{name}:{password}@rabbitmq:5672/%2f"));
            }
            if !service.scopes.is_empty() {
                let secret = files.need_secret(&format!("{name}_SECRET"), &[]);
                let scopes = service.scopes.join("\", \"");
                let client = format!(r#"{{"id": "{name}", "secret": "{secret}", "scopes": ["{scopes}"]}}"#);
                files.need(COMPOSE, &client);
            }
            if let Some(Gateway { name: area, upstreams, paths }) = service.gateway {
                let caddyfile = "deploy/Caddyfile";
                files.need(COMPOSE, &format!("{upstreams}: \"dynamic a {name} 8080 "));
                files.need(caddyfile, &format!("#   {upstreams} "));
                let replicas =
                    format!("reverse_proxy {{ {{${upstreams}:to 127.0.0.1:{port}}} import replicas");
                let paths = paths.join(" ");
                files.need(caddyfile, &format!("@{area} path {paths} handle @{area} {{ {replicas}"));
                // The other paths below `/api` belong to user-service.
                let prefixes = paths.split(' ').filter(|path| area != "users" && !path.ends_with('*'));
                for prefix in prefixes {
                    files.need("web/vite.config.ts", &format!("'/api{prefix}': withoutPrefix({area})"));
                }
                let document = "rewrite * /openapi/public.json";
                files.need(caddyfile, &format!("handle /openapi/{area}.json {{ {document} {replicas}"));
            }
        }
        assert!(files.missing.is_empty(), "\n{}", files.missing.join("\n"));
    }

    const COMPOSE: &str = "docker-compose.yml";

    /// The files of the checkout, and the texts that they lack.
    #[derive(Default)]
    struct Files {
        missing: Vec<String>,
    }

    impl Files {
        fn need(&mut self, file: &str, text: &str) {
            // Lines may be folded and indented in any way.
            if !folded(&read(file)).contains(&folded(text)) {
                self.missing.push(format!("{file} lacks: {}", text.trim()));
            }
        }

        /// Needs a secret in `.env.example` and the given files. Returns the reference to it.
        fn need_secret(&mut self, name: &str, files: &[&str]) -> String {
            let name = name.to_uppercase().replace('-', "_");
            let reference = format!("${{{name}:?is missing in .env}}");
            self.need(".env.example", &format!("\n{name}="));
            for file in files {
                let is_compose = *file == COMPOSE;
                self.need(file, &if is_compose { format!("{name}: {reference}") } else { name.clone() });
            }
            reference
        }

        /// Needs the variables that the program requires, in its own part of the file.
        fn need_variables(&mut self, service: &Service) {
            let compose = read(COMPOSE);
            let rest = compose.split(&format!("\n  {}:\n", service.name)).nth(1).unwrap_or_default();
            let part = rest.split("\n\n").next().unwrap_or_default();
            for variable in service.required_variables() {
                if !part.contains(&format!("\n      {variable}: ")) {
                    self.missing.push(format!("{COMPOSE} lacks: {}: environment: {variable}", service.name));
                }
            }
        }
    }

    fn read(file: &str) -> String {
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        fs::read_to_string(checkout.join(file)).unwrap_or_default()
    }

    /// The text with one space instead of each group of spaces and line ends.
    fn folded(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

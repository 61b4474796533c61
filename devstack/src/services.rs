//! The services with their names, usual ports and environment variables.

use anyhow::{Context as _, Result};

/// A service or a worker.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Service {
    /// The name of the program.
    pub name: &'static str,
    /// The default port of the program. The first replica of a lasting stack uses it if it is free.
    pub usual_port: u16,
    /// The name of the database and the variable with its URL.
    pub database: Option<(&'static str, &'static str)>,
    /// Whether several replicas can run.
    pub scales: bool,
    /// The variable of `deploy/Caddyfile` with the addresses of the replicas. `None` if clients cannot reach
    /// the service.
    pub upstreams: Option<&'static str>,
}

/// All services, in the order in which they are shown.
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
    // Only one process may write its ledger file.
    Service { name: "payment-simulator", usual_port: 8086, database: None, scales: false, upstreams: None },
];

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

    /// Finds what was forgotten for a new service.
    #[test]
    fn every_service_is_in_the_files_of_the_containers_and_the_gateway() {
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let has = |file: &str, text: &str| {
            let content = fs::read_to_string(checkout.join(file)).unwrap();
            assert!(content.contains(text), "{file} lacks {text}");
        };
        for service in &SERVICES {
            let (name, port) = (service.name, service.usual_port);
            has(&format!("{name}/src/config.rs"), &format!("127.0.0.1:{port}"));
            has("Cargo.toml", &format!("\"{name}\""));
            has("docker-compose.yml", &format!("\n  {name}:\n    <<: *program\n    command: [{name}]\n"));
            if let Some((database, variable)) = service.database {
                let password = format!("{}_DATABASE_PASSWORD", database.to_uppercase());
                has("docker-compose.yml", &format!("{variable}: postgres://{database}:${{{password}:?"));
                has("deploy/postgres/create-databases.sh", database);
                has(".env.example", &password);
            }
            if let Some(upstreams) = service.upstreams {
                has("docker-compose.yml", &format!("{upstreams}: \"dynamic a {name} 8080 "));
                has("deploy/Caddyfile", &format!("{{${upstreams}:to 127.0.0.1:{port}}}"));
            }
        }
    }
}

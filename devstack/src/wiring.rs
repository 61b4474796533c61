//! The environment variables of each service.

use anyhow::Result;
use serde_json::json;

use crate::instance::Folder;
use crate::secrets::Secrets;
use crate::servers::{AMQP_MANAGEMENT_URL, AMQP_URL};
use crate::services::{SERVICES, Service};

/// The addresses and secrets from which the variables of the services are made.
pub(crate) struct Wiring<'a> {
    pub database_url: &'a dyn Fn(&'static str) -> Result<String>,
    pub amqp_url: &'a dyn Fn(&str) -> Result<String>,
    pub amqp_management_url: String,
    pub url_of: &'a dyn Fn(&'static str) -> String,
    pub staff: (&'static str, &'a str),
    pub secrets: &'a Secrets,
    pub folder: &'a Folder,
}

impl Wiring<'_> {
    /// Returns the variables of a service, except for the address that it listens on.
    pub(crate) fn variables(&self, service: &Service) -> Result<Vec<(&'static str, String)>> {
        let mut variables = vec![("LOG_FORMAT", "text".to_owned())];
        if let Some((database, variable)) = service.database {
            variables.push((variable, (self.database_url)(database)?));
        }
        if service.broker.is_some() {
            variables.push((AMQP_URL, (self.amqp_url)(service.name)?));
        }
        if !service.scopes.is_empty() {
            variables.extend(self.client(service.name)?);
        }
        match service.name {
            "user-service" => variables.extend(self.identity()?),
            "catalog-service" | "order-service" => variables.push(self.keys()),
            "discount-service" => {
                variables.push(self.keys());
                variables.push(("CATALOG_SERVICE_URL", (self.url_of)("catalog-service")));
            }
            "order-processor" => {
                variables.push(("CATALOG_SERVICE_URL", (self.url_of)("catalog-service")));
                variables.push(("DISCOUNT_SERVICE_URL", (self.url_of)("discount-service")));
            }
            "payment-worker" => {
                variables.push(self.keys());
                variables.push(("PAYMENT_PROVIDER_URL", (self.url_of)("payment-simulator")));
                let key = format!("sk_test_{}", self.secrets.payment_provider);
                variables.push(("PAYMENT_PROVIDER_KEY", key));
            }
            "operations-service" => {
                variables.push(self.keys());
                variables.push((AMQP_MANAGEMENT_URL, self.amqp_management_url.clone()));
            }
            "delivery-service" => {
                variables.push(self.keys());
                variables.push(("CARRIER_URL", (self.url_of)("carrier-simulator")));
                variables.push(("CARRIER_KEY", self.secrets.carrier.clone()));
                variables.push(("CARRIER_WEBHOOK_SECRET", self.secrets.carrier_webhook.clone()));
            }
            "carrier-simulator" => {
                variables.push(("PARCELS_FILE", self.file("parcels.jsonl")));
                variables.push(("SIMULATOR_API_KEY", self.secrets.carrier.clone()));
                variables.push(("WEBHOOK_SECRET", self.secrets.carrier_webhook.clone()));
                variables
                    .push(("WEBHOOK_URL", format!("{}/carrier/events", (self.url_of)("delivery-service"))));
            }
            "payment-simulator" => variables.push(("LEDGER_FILE", self.file("ledger.jsonl"))),
            _ => {}
        }
        Ok(variables)
    }

    fn identity(&self) -> Result<Vec<(&'static str, String)>> {
        let clients = SERVICES.iter().filter(|service| !service.scopes.is_empty()).map(|service| {
            let secret = self.secrets.client(service.name)?;
            Ok(json!({ "id": service.name, "secret": secret, "scopes": service.scopes }))
        });
        let clients = clients.collect::<Result<Vec<_>>>()?;
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

    /// The variable with the URL of the keys that verify tokens.
    fn keys(&self) -> (&'static str, String) {
        ("JWKS_URL", format!("{}/.well-known/jwks.json", (self.url_of)("user-service")))
    }

    /// The variables of a program that calls order-service with its own tokens.
    fn client(&self, id: &str) -> Result<[(&'static str, String); 4]> {
        Ok([
            ("ORDER_SERVICE_URL", (self.url_of)("order-service")),
            ("TOKEN_URL", format!("{}/token", (self.url_of)("user-service"))),
            ("CLIENT_ID", id.to_owned()),
            ("CLIENT_SECRET", self.secrets.client(id)?.to_owned()),
        ])
    }

    fn file(&self, name: &str) -> String {
        self.folder.path(name).to_string_lossy().into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn every_program_gets_the_variables_that_it_requires() {
        let folder = Folder::of("test").unwrap().inner(&format!("wiring-{}", std::process::id()));
        folder.create().unwrap();
        let secrets = Secrets::of(&folder).unwrap();
        let wiring = Wiring {
            database_url: &|database| Ok(format!("postgres://127.0.0.1/{database}")),
            amqp_url: &|service| Ok(format!("amqp://{service}@127.0.0.1")),
            amqp_management_url: "http://127.0.0.1:15672".to_owned(),
            url_of: &|service| format!("http://{service}"),
            staff: ("staff", "secret"),
            secrets: &secrets,
            folder: &folder,
        };
        for service in &SERVICES {
            let variables = wiring.variables(service).unwrap();
            for required in service.required_variables() {
                assert!(
                    variables.iter().any(|(name, _)| *name == required),
                    "devstack/src/wiring.rs lacks {required} of {}",
                    service.name
                );
            }
        }
        fs::remove_dir_all(folder.path("")).unwrap();
    }
}

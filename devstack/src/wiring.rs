//! The environment variables of each service.

use anyhow::Result;
use serde_json::json;

use crate::instance::Folder;
use crate::secrets::Secrets;
use crate::services::Service;

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
        // An order-service of the previous release requires `orders:write`, and both releases may run
        // together.
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

    /// The variable with the URL of the keys that verify tokens.
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

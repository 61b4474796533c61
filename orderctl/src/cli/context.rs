//! The context of a command: the services, the session file and the output.

use super::{failure::Failure, output::Output, value};
use clap::Args;
use orderctl::{Client, Endpoints, Session, SessionFile, Url};
use std::{env, path::PathBuf};

/// The flags of all commands.
#[derive(Args)]
pub(crate) struct Options {
    /// Write JSON, also for failures. `watch` and `place --watch` write one document on each line.
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// The address of the gateway.
    #[arg(
        long,
        env = "ORDERFLOW_URL",
        default_value = "http://127.0.0.1:8080",
        value_name = "URL",
        value_parser = value::http_url,
        global = true
    )]
    url: Url,

    /// The address of user-service, if not through the gateway.
    #[arg(
        long,
        env = "ORDERFLOW_USERS_URL",
        value_name = "URL",
        value_parser = value::http_url,
        global = true,
        help_heading = "Services"
    )]
    users_url: Option<Url>,

    /// The address of catalog-service, if not through the gateway.
    #[arg(
        long,
        env = "ORDERFLOW_CATALOG_URL",
        value_name = "URL",
        value_parser = value::http_url,
        global = true,
        help_heading = "Services"
    )]
    catalog_url: Option<Url>,

    /// The address of order-service with its WebSocket at `/ws`, if not through the gateway.
    #[arg(
        long,
        env = "ORDERFLOW_ORDERS_URL",
        value_name = "URL",
        value_parser = value::http_url,
        global = true,
        help_heading = "Services"
    )]
    orders_url: Option<Url>,

    /// The address of payment-worker, if not through the gateway. Only `reconcile` uses it.
    #[arg(
        long,
        env = "ORDERFLOW_PAYMENTS_URL",
        value_name = "URL",
        value_parser = value::http_url,
        global = true,
        help_heading = "Services"
    )]
    payments_url: Option<Url>,

    /// The address of delivery-service, if not through the gateway. Only `track` uses it.
    #[arg(
        long,
        env = "ORDERFLOW_DELIVERIES_URL",
        value_name = "URL",
        value_parser = value::http_url,
        global = true,
        help_heading = "Services"
    )]
    deliveries_url: Option<Url>,

    /// The address of operations-service, if not through the gateway. Only `parked` uses it.
    #[arg(
        long,
        env = "ORDERFLOW_OPERATIONS_URL",
        value_name = "URL",
        value_parser = value::http_url,
        global = true,
        help_heading = "Services"
    )]
    operations_url: Option<Url>,

    /// The file of the session [default: orderflow/session.json in `$XDG_STATE_HOME` or
    /// `~/.local/state`].
    #[arg(long = "session", env = "ORDERFLOW_SESSION", value_name = "FILE", global = true)]
    session_file: Option<PathBuf>,
}

impl Options {
    fn endpoints(&self) -> Endpoints {
        let gateway = Endpoints::gateway(&self.url);
        let own = |url: &Option<Url>, behind: &Url| url.clone().unwrap_or_else(|| behind.clone());
        let users = own(&self.users_url, &gateway.users);
        let catalog = own(&self.catalog_url, &gateway.catalog);
        let payments = own(&self.payments_url, &gateway.payments);
        let deliveries = own(&self.deliveries_url, &gateway.deliveries);
        let operations = own(&self.operations_url, &gateway.operations);
        match &self.orders_url {
            Some(orders) => {
                // No command uses discount-service.
                let discounts = gateway.discounts;
                let orders = orders.clone();
                Endpoints::services(users, catalog, discounts, orders, payments, deliveries, operations)
            }
            None => Endpoints { users, catalog, payments, deliveries, operations, ..gateway },
        }
    }
}

/// The context of a command.
pub(crate) struct Context {
    pub(crate) client: Client,
    pub(crate) session_file: SessionFile,
    pub(crate) output: Output,
}

impl Context {
    pub(crate) fn new(options: Options, output: Output) -> Result<Self, Failure> {
        let client = Client::new(options.endpoints())?;
        let path = options.session_file.or_else(default_session_file).ok_or_else(|| {
            Failure::Usage("there is no home directory; set the session file with --session".to_owned())
        })?;
        Ok(Self { client, session_file: SessionFile::at(path), output })
    }

    /// The address of user-service, as in the session file.
    pub(crate) fn users(&self) -> &str {
        self.client.endpoints().users.as_str()
    }

    /// The session of the logged-in user.
    pub(crate) fn session(&self) -> Result<Session, Failure> {
        let saved = self.session_file.load().map_err(orderctl::Error::from)?;
        let saved = saved.ok_or(Failure::NotLoggedIn)?;
        if saved.users != self.users() {
            return Err(Failure::LoggedInElsewhere { there: saved.users, here: self.users().to_owned() });
        }
        Ok(Session::open(self.client.clone(), self.session_file.clone())?)
    }
}

/// The default path by the XDG Base Directory Specification, which ignores relative paths.
fn default_session_file() -> Option<PathBuf> {
    let state = env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let state = state.or_else(|| Some(env::home_dir()?.join(".local/state")))?;
    Some(state.join("orderflow/session.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_can_have_another_address_than_the_gateway() {
        let url = |text: &str| text.parse::<Url>().unwrap();
        let mut options = Options {
            json: false,
            url: url("https://shop.example"),
            users_url: None,
            catalog_url: None,
            orders_url: None,
            payments_url: None,
            deliveries_url: None,
            operations_url: None,
            session_file: None,
        };
        assert_eq!(options.endpoints(), Endpoints::gateway(&options.url));
        options.users_url = Some(url("http://u"));
        options.orders_url = Some(url("http://o"));
        let endpoints = options.endpoints();
        assert_eq!((endpoints.users, endpoints.socket), (url("http://u"), url("ws://o/ws")));
        assert_eq!(endpoints.catalog, url("https://shop.example/api"));
    }
}

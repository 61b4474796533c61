//! The start of programs: they wait for missing servers, and report a wrong configuration in one line.

use contract::orders::OrderStatus::Completed;
use devstack::{
    instance::Folder,
    servers::AMQP_URL,
    services::{BrokerRole, SERVICES, Service},
};
use reqwest::Method;
use std::net::TcpListener;
use system_tests::{Door, Ended, LogLine, Program, Shop, answer, eventually, unique};

/// A service with the variables that name one of its servers.
type Needs = [(&'static str, &'static str)];

#[tokio::test]
async fn services_wait_for_postgresql() {
    let shop = Shop::start().await;
    let needs = SERVICES.iter().filter_map(|service| Some((service.name, service.database?.1)));
    let needs: Vec<_> = needs.collect();
    let url_of = |service: &str| shop.stack().database_url(service).unwrap();
    services_wait(&shop, &needs, url_of, "PostgreSQL").await;
}

#[tokio::test]
async fn services_wait_for_rabbitmq() {
    let shop = Shop::start().await;
    let needs = services_with_a_broker().map(|service| (service, AMQP_URL));
    let needs: Vec<_> = needs.collect();
    let url_of = |service: &str| shop.stack().amqp_url_of(service).unwrap().into();
    services_wait(&shop, &needs, url_of, "RabbitMQ").await;
}

/// The services that are not ready without RabbitMQ.
fn services_with_a_broker() -> impl Iterator<Item = &'static str> {
    let needs = |service: &&Service| service.broker.is_some_and(|role| role != BrokerRole::Operator);
    SERVICES.iter().filter(needs).map(|service| service.name)
}

/// Starts these services before the server that they need listens. They must wait, and become ready when it
/// listens.
async fn services_wait(shop: &Shop, needs: &Needs, url_of: impl Fn(&str) -> String, server: &str) {
    let mut door = Door::closed();
    for (service, variable) in needs {
        shop.stack().stop(service, 1).await.unwrap();
        shop.stack().set_env(service, variable, &door.redirect(&url_of(service))).unwrap();
        shop.stack().launch(service, 1).unwrap();
    }
    for (service, _) in needs {
        eventually(&format!("{service} listens"), async || {
            let live = shop.request(Method::GET, service, "/health/live").send().await.ok()?;
            live.status().is_success().then_some(())
        })
        .await;
        let ready = answer(shop.request(Method::GET, service, "/health/ready")).await;
        let detail = ready.is_problem(503).body["detail"].as_str().unwrap().to_lowercase();
        assert!(detail.contains(&server.to_lowercase()), "{service}: {detail}");
        eventually(&format!("{service} logs that it waits for {server}"), async || {
            let message = format!("waiting for {server}");
            shop.log(service, 1).iter().any(|line| line["message"] == *message).then_some(())
        })
        .await;
    }
    let processes: Vec<_> = needs.iter().map(|(service, _)| shop.stack().pid(service, 1).unwrap()).collect();

    door.opens_to(&url_of(needs[0].0)).await;
    for (service, _) in needs {
        shop.stack().wait_until_ready(service, 1).await.unwrap();
    }

    let after: Vec<_> = needs.iter().map(|(service, _)| shop.stack().pid(service, 1).unwrap()).collect();
    assert_eq!(after, processes, "no service was restarted");
    let tea = shop.sells("tea", 450, 10).await;
    shop.customer("ada").await.places(&[(&tea, 1)]).await.reaches(Completed).await;
}

#[tokio::test]
async fn a_service_uses_the_next_node_when_one_is_unavailable() {
    let shop = Shop::start().await;
    let (tea, ada) = (shop.sells("tea", 450, 10).await, shop.customer("ada").await);
    let services: Vec<_> = services_with_a_broker().collect();
    let broker = shop.stack().amqp_url().unwrap().to_string();
    let (mut first, mut second) = (Door::closed(), Door::closed());
    second.opens_to(&broker).await;
    for service in &services {
        let url: String = shop.stack().amqp_url_of(service).unwrap().into();
        let nodes = format!("{},{}", first.redirect(&url), second.redirect(&url));
        shop.stack().set_env(service, AMQP_URL, &nodes).unwrap();
        shop.stack().restart(service, 1).await.unwrap();
    }
    ada.places(&[(&tea, 1)]).await.reaches(Completed).await;

    first.opens_to(&broker).await;
    second.closes().await;
    ada.places(&[(&tea, 1)]).await.reaches(Completed).await;
    for service in &services {
        let waited = |line: &LogLine| line["message"] == "waiting for RabbitMQ";
        assert!(shop.log(service, 1).iter().any(waited), "{service} detects that its node is unavailable");
    }

    second.opens_to(&broker).await;
    first.closes().await;
    ada.places(&[(&tea, 1)]).await.reaches(Completed).await;
}

/// No server listens on this address.
const CLOSED_ADDRESS: &str = "127.0.0.1:1";

/// Every program with values for its required variables.
fn programs() -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let folder = Folder::of("test").unwrap().inner(&unique("programs"));
    folder.create().unwrap();
    std::fs::write(folder.path("SIGNING_KEY_FILE"), SIGNING_KEY).unwrap();
    let value = |variable: &str| match variable {
        AMQP_URL => format!("amqp://{CLOSED_ADDRESS}"),
        _ if variable.ends_with("_DATABASE_URL") => format!("postgres://nobody@{CLOSED_ADDRESS}/none"),
        _ if variable.ends_with("_FILE") => folder.path(variable).display().to_string(),
        // The shortest secret of a webhook has 16 characters.
        _ => "only-for-this-test".to_owned(),
    };
    let variables = |service: &Service| {
        service.required_variables().into_iter().map(|name| (name, value(name))).collect()
    };
    SERVICES.iter().map(|service| (service.name, variables(service))).collect()
}

/// The public example key of RFC 8410, 10.3.
const SIGNING_KEY: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
";

fn program(name: &str, variables: &[(&'static str, String)]) -> Program {
    let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Program::named(name).with(&[("LISTEN", "127.0.0.1:0")]).with(&variables)
}

/// Asserts that the program failed and printed one line with these words.
fn complains(ended: &Ended, program: &str, words: &[&str]) {
    assert_ne!(ended.code, 0, "{program}");
    assert_eq!(ended.stderr.lines().count(), 1, "{program}: {}", ended.stderr);
    for word in words.iter().chain([&program]) {
        assert!(ended.stderr.contains(word), "`{word}` is not in: {}", ended.stderr);
    }
}

/// The variables with a URL that programs read, with a part of the good value that the error shows.
fn good_url(variable: &str) -> Option<&'static str> {
    match variable {
        AMQP_URL => Some("amqp://user:password@host"),
        _ if variable.ends_with("_DATABASE_URL") => Some("postgres://user:password@host"),
        _ if variable.ends_with("_URL") => Some("http://"),
        _ => None,
    }
}

#[tokio::test]
async fn the_error_names_a_missing_variable_and_a_good_value() {
    for (name, variables) in programs() {
        for (missing, _) in &variables {
            let rest: Vec<_> = variables.iter().filter(|(name, _)| name != missing).cloned().collect();
            let ended = program(name, &rest).ends().await;
            complains(&ended, name, &[missing, good_url(missing).unwrap_or_default()]);
            let empty = program(name, &variables).with(&[(missing, "")]).ends().await;
            complains(&empty, name, &[missing, good_url(missing).unwrap_or_default()]);
        }
    }
}

#[tokio::test]
async fn the_error_names_a_bad_flag_or_variable_and_a_good_value() {
    for (name, variables) in programs() {
        let flag = program(name, &variables).arguments(&["--colour"]).ends().await;
        complains(&flag, name, &["--colour"]);
        let address = program(name, &variables).with(&[("LISTEN", "everywhere")]).ends().await;
        complains(&address, name, &["LISTEN", "everywhere", "127.0.0.1:"]);
        let filter = program(name, &variables).with(&[("RUST_LOG", "info,lapin=loud")]).ends().await;
        complains(&filter, name, &["RUST_LOG", "info,lapin=off"]);
        let help = Program::named(name).arguments(&["--help"]).ends().await.stdout;
        let known = help.split("[env: ").skip(1).filter_map(|rest| rest.split(['=', ']']).next());
        for (variable, good) in known.filter_map(|variable| Some((variable, good_url(variable)?))) {
            let url = program(name, &variables).with(&[(variable, "nowhere")]).ends().await;
            complains(&url, name, &[variable, good]);
        }
    }
}

#[tokio::test]
async fn the_error_names_a_taken_port() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (name, variables) in programs() {
        let ended = program(name, &variables).with(&[("LISTEN", &address)]).ends().await;
        complains(&ended, name, &[&address, "LISTEN"]);
    }
}

#[tokio::test]
async fn a_missing_signing_key_is_an_error() {
    let (name, variables) = &programs()[0];
    let ended = program(name, variables).with(&[("SIGNING_KEY_FILE", "/nowhere/key.pem")]).ends().await;
    complains(&ended, name, &["SIGNING_KEY_FILE", "/nowhere/key.pem", "openssl genpkey"]);
}

#[tokio::test]
async fn a_service_on_all_addresses_accepts_ipv4_and_ipv6() {
    let shop = Shop::start().await;
    let url = shop.stack().url("catalog-service", 1).unwrap();
    let (_, port) = url.rsplit_once(':').unwrap();
    shop.stack().set_env("catalog-service", "LISTEN", &format!("[::]:{port}")).unwrap();
    shop.stack().restart("catalog-service", 1).await.unwrap();
    let client = runtime::http_client::client(std::time::Duration::from_secs(10)).unwrap();
    for host in ["127.0.0.1", "[::1]"] {
        let live = client.get(format!("http://{host}:{port}/health/live")).send().await.unwrap();
        assert_eq!(live.status(), 200, "{host}");
    }
}

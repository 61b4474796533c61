//! The services against their own OpenAPI documents. Schemathesis makes requests up, good ones and bad
//! ones, and holds every answer against the document: its status, its media type, its body.

use devstack::instance::checkout;
use futures_util::future::join_all;
use reqwest::Method;
use system_tests::{Shop, tool};

/// Who calls which routes of which service.
struct Visit<'a> {
    service: &'static str,
    routes: &'static [&'static str],
    token: &'a str,
}

#[tokio::test]
async fn every_answer_is_one_that_the_document_knows() {
    let shop = Shop::start().await;
    shop.sells("tea", 840, 1_000).await;
    let customer = shop.customer("ada").await.token().await;
    let staff = shop.staff().await.tokens().await.expect("tokens").access_token;
    let worker = service_token(&shop).await;

    let visits = [
        Visit { service: "user-service", routes: &[], token: &customer },
        Visit { service: "catalog-service", routes: &["--exclude-tag", "reservations"], token: &staff },
        Visit { service: "catalog-service", routes: &["--include-tag", "reservations"], token: &worker },
        Visit { service: "order-service", routes: &["--exclude-tag", "workers"], token: &customer },
        Visit { service: "order-service", routes: &["--include-tag", "workers"], token: &worker },
        Visit { service: "operations-service", routes: &[], token: &staff },
        Visit { service: "payment-worker", routes: &[], token: &staff },
    ];
    let reports = join_all(visits.iter().map(|visit| pay(visit, &shop))).await;
    let failures: Vec<_> = reports.into_iter().filter_map(Result::err).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

/// Schemathesis' report, where it has found something.
async fn pay(visit: &Visit<'_>, shop: &Shop) -> Result<(), String> {
    let base = shop.stack().url(visit.service, 1).expect("a running service");
    let settings = checkout().expect("a checkout").join("tests/tools/schemathesis.toml");
    let output = tool("schemathesis")
        .arg("--config-file")
        .arg(settings)
        .args(["run", &format!("{base}/openapi.json")])
        .args(visit.routes)
        .env("TOKEN", visit.token)
        // It keeps what it has seen in the current directory.
        .current_dir(shop.stack().folder().path(""))
        .output()
        .await
        .expect("schemathesis can be started");
    let report =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    // It succeeds, too, where nothing was there to be tried.
    let tried = report.contains("No issues found in");
    if output.status.success() && tried {
        Ok(())
    } else {
        Err(format!("{} {:?}\n{report}", visit.service, visit.routes))
    }
}

async fn service_token(shop: &Shop) -> String {
    let client = shop.stack().service_client("order-processor").expect("a client of user-service");
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &client.username),
        ("client_secret", &client.password),
    ];
    let answer =
        shop.request(Method::POST, "user-service", "/token").form(&form).send().await.expect("an answer");
    let token: contract::users::ServiceToken = answer.json().await.expect("a token");
    token.access_token
}

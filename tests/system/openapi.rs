//! Checks the services against their OpenAPI documents. Schemathesis generates valid and invalid requests. It
//! compares the status, media type and body of each answer with the document.

use devstack::instance::checkout;
use futures_util::future::join_all;
use reqwest::Method;
use system_tests::{Shop, tool};

/// One run of schemathesis: a service, its routes, and the token of the requests.
struct Run<'a> {
    service: &'static str,
    routes: &'static [&'static str],
    token: &'a str,
}

#[tokio::test]
async fn every_answer_conforms_to_the_document() {
    let shop = Shop::start().await;
    shop.sells("tea", 840, 1_000).await;
    let customer = shop.customer("ada").await.token().await;
    let staff = shop.staff().await.tokens().await.expect("tokens").access_token;
    let worker = service_token(&shop).await;

    let runs = [
        Run { service: "user-service", routes: &[], token: &customer },
        Run { service: "catalog-service", routes: &["--exclude-tag", "reservations"], token: &staff },
        Run { service: "catalog-service", routes: &["--include-tag", "reservations"], token: &worker },
        Run { service: "discount-service", routes: &["--exclude-tag", "claims"], token: &staff },
        Run { service: "discount-service", routes: &["--include-tag", "claims"], token: &worker },
        Run { service: "order-service", routes: &["--exclude-tag", "workers"], token: &customer },
        Run { service: "order-service", routes: &["--include-tag", "workers"], token: &worker },
        Run { service: "operations-service", routes: &[], token: &staff },
        Run { service: "payment-worker", routes: &[], token: &staff },
        Run { service: "delivery-service", routes: &[], token: &staff },
    ];
    let reports = join_all(runs.iter().map(|run| execute(run, &shop))).await;
    let failures: Vec<_> = reports.into_iter().filter_map(Result::err).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

/// Runs schemathesis. The error is its report.
async fn execute(run: &Run<'_>, shop: &Shop) -> Result<(), String> {
    let base = shop.stack().url(run.service, 1).expect("a running service");
    let settings = checkout().expect("a checkout").join("tests/tools/schemathesis.toml");
    let output = tool("schemathesis")
        .arg("--config-file")
        .arg(settings)
        .args(["run", &format!("{base}/openapi.json")])
        .args(run.routes)
        .env("TOKEN", run.token)
        // schemathesis writes files to the current directory.
        .current_dir(shop.stack().folder().path(""))
        .output()
        .await
        .expect("schemathesis can be started");
    let report =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    // schemathesis also succeeds if there was nothing to try.
    let has_tried = report.contains("No issues found in");
    if output.status.success() && has_tried {
        Ok(())
    } else {
        Err(format!("{} {:?}\n{report}", run.service, run.routes))
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

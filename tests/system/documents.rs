//! The API documents at the gateway. The tests also run the examples.

use contract::problems::ProblemType;
use devstack::instance::checkout;
use reqwest::Method;
use serde_json::json;
use system_tests::{Program, Shop, answer, tool};

async fn page(shop: &Shop, path: &str) -> (u16, String, String) {
    let answer = shop.request_at_gateway(Method::GET, path).send().await.expect("an answer");
    let policy = answer.headers().get("content-security-policy").expect("a policy");
    let policy = policy.to_str().expect("text").to_owned();
    (answer.status().as_u16(), policy, answer.text().await.expect("text"))
}

#[tokio::test]
async fn every_problem_type_has_a_page() {
    let shop = Shop::shared().await;
    for kind in ProblemType::ALL {
        let (status, policy, text) = page(&shop, &kind.to_string()).await;
        assert_eq!(status, 200, "{kind}");
        assert!(!policy.contains("unsafe"), "{policy}");
        for part in [kind.title(), kind.slug(), "Cause.", "Fix."] {
            assert!(text.contains(part), "{kind} has no {part}: {text}");
        }
    }
    for missing in ["/problems/nothing", "/problems/", "/problems/valid"] {
        assert_eq!(page(&shop, missing).await.0, 404, "{missing}");
    }
}

#[tokio::test]
async fn the_documents_list_all_public_routes_and_no_internal_ones() {
    let shop = Shop::shared().await;
    for (path, part) in [
        ("/docs", "/docs/site/routes.js"),
        ("/docs/site/routes.js", "SwaggerUIBundle"),
        ("/docs/site/style.css", "body"),
        ("/docs/ui/swagger-ui-bundle.js", "SwaggerUIBundle"),
        ("/docs/ui/swagger-ui.css", ".swagger-ui"),
        ("/docs/websocket.md", "<h1"),
        ("/docs/api.md", "<h1"),
        ("/docs/problems.md", "<h1"),
        ("/docs/asyncapi.yaml", "asyncapi: 3.0.0"),
    ] {
        let answer = shop.request_at_gateway(Method::GET, path).send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "{path}");
        assert!(answer.text().await.expect("text").contains(part), "{path} has no {part}");
    }

    let mut routes = Vec::new();
    for service in ["users", "catalog", "discounts", "orders", "operations", "payments", "deliveries"] {
        let path = format!("/api/openapi/{service}.json");
        let document = answer(shop.request_at_gateway(Method::GET, &path)).await;
        assert_eq!(document.status, 200, "{path}");
        assert_eq!(document.body["servers"], json!([{ "url": "/api" }]));
        for (path, operations) in document.body["paths"].as_object().expect("paths") {
            routes.extend(
                operations.as_object().expect("operations").keys().map(|method| format!("{method} {path}")),
            );
        }
    }
    assert!(
        routes.contains(&"post /register".to_owned()) && routes.contains(&"get /ws".to_owned()),
        "{routes:?}"
    );
    let internal = |route: &String| {
        route.contains("/reservations") || route.contains("/token") || route.starts_with("patch")
    };
    assert!(!routes.iter().any(internal), "{routes:?}");
}

/// Runs the shell commands of `docs/api.md` as they are printed.
#[tokio::test]
async fn the_example_of_an_order_works() {
    let shop = Shop::shared().await;
    shop.sells_in_category("Tea", "earl-grey", 790, 100).await;
    let text =
        std::fs::read_to_string(checkout().expect("a checkout").join("docs/api.md")).expect("docs/api.md");
    let lines: String = text.split("```").filter_map(|block| block.strip_prefix("sh\n")).collect();

    let output = tool("bash")
        .args(["-euo", "pipefail", "-c", &lines])
        .env("SHOP", shop.stack().gateway_url().expect("a gateway"))
        .output()
        .await
        .expect("bash can be started");
    let stdout = String::from_utf8_lossy(&output.stdout);
    let context = format!("{stdout}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{context}");
    let mut rest: &str = &stdout;
    for next in [
        r#""username":"grace""#,
        r#""status":"new","version":1"#,
        r#""status":"completed","version":4"#,
        r#""status": "completed""#,
        "4\torder_completed",
        r#""status":"payment_failed""#,
        "\nreserved\n",
        "/problems/validation",
        "Fix.",
    ] {
        let (_, after) =
            rest.split_once(next).unwrap_or_else(|| panic!("{next} is not at its place in {context}"));
        rest = after;
    }
}

/// Compares the table in `docs/api.md` with the `--help` of the programs.
#[tokio::test]
async fn the_document_names_every_limit_with_its_default() {
    let text =
        std::fs::read_to_string(checkout().expect("a checkout").join("docs/api.md")).expect("docs/api.md");
    let mut documented = Vec::new();
    for row in text.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        if let [_, _, default, variable, _] = cells[..]
            && let Some(variable) = variable.strip_prefix('`')
        {
            documented.push((variable.trim_end_matches('`').to_owned(), default.to_owned()));
        }
    }
    documented.sort();

    let mut actual = Vec::new();
    for service in ["user-service", "order-service"] {
        let help = Program::named(service).arguments(&["--help"]).ends().await.stdout;
        for option in help.split("[env: ").skip(1) {
            // Secrets are shown without a value.
            let Some((variable, rest)) = option.split_once('=') else { continue };
            if !(variable.ends_with("_PER_MINUTE")
                || variable.contains("_ATTEMPTS_")
                || variable.contains("PIECES"))
            {
                continue;
            }
            let default = rest.split_once("[default: ").and_then(|(_, default)| default.split_once(']'));
            actual.push((variable.to_owned(), default.expect("a default").0.to_owned()));
        }
    }
    actual.sort();
    assert_eq!(documented, actual);
}

#[tokio::test]
async fn the_privacy_document_names_every_table() {
    let shop = Shop::shared().await;
    let text = std::fs::read_to_string(checkout().expect("a checkout").join("docs/PRIVACY.md"))
        .expect("docs/PRIVACY.md");
    for service in [
        "user-service",
        "catalog-service",
        "discount-service",
        "order-service",
        "payment-worker",
        "delivery-service",
    ] {
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '\\_sqlx%'",
        )
        .fetch_all(&shop.database(service))
        .await
        .expect("the names of tables");
        assert!(!tables.is_empty(), "{service}");
        for table in tables {
            assert!(
                text.contains(&format!("`{table}`")),
                "docs/PRIVACY.md does not name {service}'s `{table}`"
            );
        }
    }
}

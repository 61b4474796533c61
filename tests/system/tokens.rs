//! Every service that verifies tokens accepts valid ones and refuses invalid ones.

use contract::claims::Claims;
use jsonwebtoken::Header;
use reqwest::Method;
use system_tests::{Forge, Shop, answer};

/// A route of each service that verifies tokens, with the status for a valid token of a customer.
const ROUTES: [(&str, Method, &str, u16); 3] = [
    ("order-service", Method::GET, "/orders", 200),
    ("user-service", Method::GET, "/me", 200),
    // This route is for staff. The service must verify the token before it can answer 403.
    ("catalog-service", Method::DELETE, "/products/01900000-0000-7000-8000-000000000000", 403),
];

/// Signs a token with changed claims.
fn signed(forge: &Forge, good: &Claims, change: impl FnOnce(&mut Claims)) -> String {
    let mut claims = good.clone();
    change(&mut claims);
    forge.sign(&claims)
}

/// Signs a token with a changed header.
fn signed_under(forge: &Forge, good: &Claims, change: impl FnOnce(&mut Header)) -> String {
    let mut header = forge.header();
    change(&mut header);
    forge.sign_under(&header, good)
}

#[tokio::test]
async fn an_invalid_token_is_refused() {
    let shop = Shop::shared().await;
    let ada = shop.customer("ada").await;
    let forge = Forge::of(&shop).await;
    let good = forge.claims(ada.id());
    let tampered = {
        // The claims of another customer with her signature.
        let eve = shop.customer("eve").await;
        let (hers, eves) = (forge.sign(&good), forge.sign(&forge.claims(eve.id())));
        let (head, signature) = hers.rsplit_once('.').unwrap();
        let (eves_head, _) = eves.rsplit_once('.').unwrap();
        assert_ne!(head, eves_head);
        format!("{eves_head}.{signature}")
    };
    let bad = [
        ("expired", signed(&forge, &good, |claims| claims.exp = claims.iat - 60)),
        ("not valid yet", signed(&forge, &good, |claims| claims.nbf = claims.iat + 60)),
        ("for another audience", signed(&forge, &good, |claims| claims.aud = "elsewhere".to_owned())),
        ("of another issuer", signed(&forge, &good, |claims| claims.iss = "elsewhere".to_owned())),
        ("with an invalid subject", signed(&forge, &good, |claims| claims.sub = "nobody".to_owned())),
        ("without a role", signed(&forge, &good, |claims| claims.role = None)),
        ("alg: none", forge.unsigned(&good)),
        ("HS256 with the public key", forge.signed_with_public_key(&good)),
        ("an unknown key", forge.sign_as("unknown", &good)),
        ("with claims of another customer", tampered),
        ("of another type", signed_under(&forge, &good, |header| header.typ = Some("JWT".to_owned()))),
        ("without a type", signed_under(&forge, &good, |header| header.typ = None)),
        ("with an extension", signed_under(&forge, &good, |header| header.crit = Some(vec!["x".to_owned()]))),
        ("no token at all", "nonsense".to_owned()),
    ];
    for (service, method, path, status) in ROUTES {
        let send = |token: &str| answer(shop.request(method.clone(), service, path).bearer_auth(token));
        assert_eq!(send(&forge.sign(&good)).await.status, status, "a valid token, at {service}");
        for (what, token) in &bad {
            let refused = send(token).await;
            assert_eq!(refused.status, 401, "{what}, at {service}: {}", refused.body);
            refused.is_problem(401);
            let challenge = refused.header("www-authenticate");
            assert!(challenge.starts_with(r#"Bearer error="invalid_token""#), "{what}: {challenge}");
        }
    }
}

#[tokio::test]
async fn a_request_without_a_token_gets_a_challenge() {
    let shop = Shop::shared().await;
    for (service, method, path, _) in ROUTES {
        for authorization in [None, Some("Basic YWRhOmFkYQ=="), Some("Bearer")] {
            let mut request = shop.request(method.clone(), service, path);
            if let Some(authorization) = authorization {
                request = request.header("authorization", authorization);
            }
            let refused = answer(request).await;
            refused.is_problem(401);
            assert_eq!(refused.header("www-authenticate"), "Bearer", "{authorization:?} at {service}");
        }
    }
}

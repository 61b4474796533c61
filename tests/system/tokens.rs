//! Which tokens are good, over the proxy, at every service that verifies them.

use common::auth::claims::Claims;
use jsonwebtoken::Header;
use reqwest::Method;
use system_tests::{Forge, Shop, answer};

/// A route of each service that verifies tokens, with its answer to a customer's good one.
const DOORS: [(&str, Method, &str, u16); 3] = [
    ("order-service", Method::GET, "/orders", 200),
    ("user-service", Method::GET, "/me", 200),
    // For staff: but to know that it is not staff who asks, the token must be good.
    ("catalog-service", Method::DELETE, "/products/01900000-0000-7000-8000-000000000000", 403),
];

/// A token of a customer whose claims are changed before it is signed.
fn signed(forge: &Forge, good: &Claims, change: impl FnOnce(&mut Claims)) -> String {
    let mut claims = good.clone();
    change(&mut claims);
    forge.sign(&claims)
}

/// A good token of a customer, under a header that is changed.
fn signed_under(forge: &Forge, good: &Claims, change: impl FnOnce(&mut Header)) -> String {
    let mut header = forge.header();
    change(&mut header);
    forge.sign_under(&header, good)
}

#[tokio::test]
async fn a_token_that_is_not_good_is_refused() {
    let shop = Shop::shared().await;
    let ada = shop.customer("ada").await;
    let forge = Forge::of(&shop).await;
    let good = forge.claims(ada.id());
    let tampered = {
        // Somebody else's claims under her signature.
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
        ("of nobody", signed(&forge, &good, |claims| claims.sub = "nobody".to_owned())),
        ("of no role", signed(&forge, &good, |claims| claims.role = None)),
        ("alg: none", forge.unsigned(&good)),
        ("HS256 with the public key", forge.signed_with_public_key(&good)),
        ("an unknown key", forge.sign_as("unknown", &good)),
        ("another's claims", tampered),
        ("of another kind", signed_under(&forge, &good, |header| header.typ = Some("JWT".to_owned()))),
        ("of no kind", signed_under(&forge, &good, |header| header.typ = None)),
        ("with an extension", signed_under(&forge, &good, |header| header.crit = Some(vec!["x".to_owned()]))),
        ("no token at all", "nonsense".to_owned()),
    ];
    for (service, method, path, welcome) in DOORS {
        let knock = |token: &str| answer(shop.request(method.clone(), service, path).bearer_auth(token));
        assert_eq!(knock(&forge.sign(&good)).await.status, welcome, "a good one, at {service}");
        for (what, token) in &bad {
            let refused = knock(token).await;
            assert_eq!(refused.status, 401, "{what}, at {service}: {}", refused.body);
            refused.is_problem(401);
            let challenge = refused.header("www-authenticate");
            assert!(challenge.starts_with(r#"Bearer error="invalid_token""#), "{what}: {challenge}");
        }
    }
}

#[tokio::test]
async fn without_a_token_there_is_a_challenge() {
    let shop = Shop::shared().await;
    for (service, method, path, _) in DOORS {
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

//! Fault 25: signing keys are rotated while tokens are in use (docs/KEYS.md).

use contract::users::Login;
use jsonwebtoken::{EncodingKey, Header};
use reqwest::Method;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use system_tests::{Customer, Forge, Load, PASSWORD, Shop, answer, eventually};
use tokio::sync::watch;

/// The example key of RFC 8410, 10.3.
const NEXT_KEY: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
";

/// The status of a request with this token to a service that verifies tokens with fetched keys.
async fn status(shop: &Shop, token: &str) -> u16 {
    answer(shop.request(Method::GET, "order-service", "/orders").bearer_auth(token)).await.status
}

/// Restarts user-service with a key file that signs, and a key file that is only published.
async fn restart_with(shop: &Shop, signing: &str, published: &str) {
    let stack = shop.stack();
    stack.set_env("user-service", "SIGNING_KEY_FILE", signing).unwrap();
    stack.set_env("user-service", "PUBLISHED_KEY_FILES", published).unwrap();
    stack.restart("user-service", 1).await.unwrap();
}

/// A token that is signed with the published key, before user-service signs with this key.
async fn token_of_the_next_key(shop: &Shop, customer: &Customer<'_>, old_token: &str) -> String {
    let old = jsonwebtoken::decode_header(old_token).unwrap().kid;
    let published = answer(shop.request(Method::GET, "user-service", "/.well-known/jwks.json")).await;
    let mut kids = published.body["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap());
    let kid = kids.find(|kid| Some(*kid) != old.as_deref()).map(str::to_owned);
    let forge = Forge::of(shop).await;
    let key = EncodingKey::from_ed_pem(NEXT_KEY.as_bytes()).unwrap();
    jsonwebtoken::encode(&Header { kid, ..forge.header() }, &forge.claims(customer.id()), &key).unwrap()
}

#[tokio::test]
async fn fault_25_valid_tokens_are_accepted_while_keys_are_rotated() {
    let shop = Shop::start().await;
    let folder = shop.stack().folder();
    let file = |name: &str| folder.path(name).display().to_string();
    let (old_key, next_key) = (file("signing-key.pem"), file("next-key.pem"));
    std::fs::write(&next_key, NEXT_KEY).unwrap();
    let ada = shop.customer("ada").await;
    let old_token = ada.token().await;

    let (valid, tokens) = watch::channel(vec![old_token.clone()]);
    let (over, checks) = (AtomicBool::new(false), AtomicUsize::new(0));
    let every_valid_token_is_accepted = async {
        while !over.load(Relaxed) {
            let now = tokens.borrow().clone();
            for token in now {
                assert_eq!(status(&shop, &token).await, 200);
                checks.fetch_add(1, Relaxed);
            }
        }
    };
    let more_checks = async || {
        let enough = checks.load(Relaxed) + 20;
        eventually("20 more checks", async || (checks.load(Relaxed) >= enough).then_some(())).await;
    };
    let rotation = async {
        restart_with(&shop, &old_key, &next_key).await;
        let token = token_of_the_next_key(&shop, &ada, &old_token).await;
        eventually("order-service has fetched the next key", async || {
            (status(&shop, &token).await == 200).then_some(())
        })
        .await;
        restart_with(&shop, &next_key, &old_key).await;
        let login = Login { username: ada.user.username.clone(), password: PASSWORD.to_owned() };
        let new_token = shop.client(1).login(&login).await.unwrap().tokens().await.unwrap().access_token;
        valid.send_modify(|tokens| tokens.push(new_token.clone()));
        more_checks().await;
        // The test no longer expects the old token to be valid. In production, it expires after 15 minutes.
        valid.send_modify(|tokens| tokens.retain(|token| *token == new_token));
        restart_with(&shop, &next_key, "").await;
        more_checks().await;
        over.store(true, Relaxed);
        new_token
    };
    let fault = async { futures_util::future::join(every_valid_token_is_accepted, rotation).await.1 };
    let mut new_token = String::new();
    let during = async { new_token = fault.await };
    Load::on(&shop).during(during).await.holds(&shop).await;

    let kid = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid;
    assert_ne!(kid(&old_token), kid(&new_token), "the new key signs");
    let me = |token: &str| answer(shop.request(Method::GET, "user-service", "/me").bearer_auth(token));
    me(&old_token).await.is_problem(401);
    assert_eq!(me(&new_token).await.status, 200);
    let forge = Forge::of(&shop).await;
    eventually("order-service learns that the old key is withdrawn", async || {
        // A token that names an unknown key makes a service fetch the keys.
        let unknown = forge.sign_as("unknown", &forge.claims(ada.id()));
        assert_eq!(status(&shop, &unknown).await, 401);
        (status(&shop, &old_token).await == 401).then_some(())
    })
    .await;
    assert_eq!(status(&shop, &new_token).await, 200);
}

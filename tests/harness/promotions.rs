//! Promotions.

use crate::{answer::answer, customer::euros, shop::Shop};
use contract::{
    catalog::Product,
    discounts::{Promotion, PromotionTerms, Reduction, Scope},
};
use reqwest::Method;

/// The name of each promotion.
const NAME: &str = "Sale";

/// Terms of a promotion that takes this percentage off each line with this product.
#[must_use]
pub fn percent_off(product: &Product, percent: u32) -> PromotionTerms {
    let scope = Scope::Products { product_ids: vec![product.id] };
    PromotionTerms::new(NAME, Reduction::Percent { basis_points: percent * 100 }, scope)
}

/// Terms of a promotion that takes this many cents off an order with this code. It can be used this many times.
#[must_use]
pub fn amount_off(code: &str, cents: i64, total_limit: i64) -> PromotionTerms {
    let (code, total_limit) = (Some(code.to_owned()), Some(total_limit));
    let terms = PromotionTerms::new(NAME, Reduction::Amount { amount: euros(cents) }, Scope::Order {});
    PromotionTerms { code, total_limit, ..terms }
}

impl Shop {
    /// Creates a promotion.
    pub async fn promotes(&self, terms: &PromotionTerms) -> Promotion {
        let token = self.staff().await.tokens().await.expect("tokens").access_token;
        let post = self.request(Method::POST, "discount-service", "/promotions").bearer_auth(token);
        let created = answer(post.json(terms)).await;
        assert_eq!(created.status, 201, "{}", created.body);
        serde_json::from_value(created.body).expect("a promotion")
    }

    /// The number of orders that use a promotion.
    pub async fn uses(&self, promotion: &Promotion) -> i64 {
        sqlx::query_scalar("SELECT used FROM promotions WHERE id = $1")
            .bind(promotion.id.uuid())
            .fetch_one(&self.database("discount-service"))
            .await
            .expect("read a promotion")
    }
}

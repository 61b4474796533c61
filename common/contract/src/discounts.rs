//! The requests and answers of discount-service.

use crate::{
    adjustment::Adjustment,
    folding,
    ids::{OrderId, ProductId, PromotionId, UserId},
    money::Money,
    orders::Item,
    problems::{FieldError, ProblemDetails},
    text,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use utoipa::ToSchema;

/// Body of `POST /promotions` and `PUT /promotions/{id}`: the terms of a promotion. All amounts are in the
/// shop's currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PromotionTerms {
    /// One line of 1 to 100 visible characters, which customers see.
    #[schema(example = "Tea week", min_length = 1, max_length = 100)]
    pub name: String,
    /// The percentage or the amount that the promotion takes off.
    pub reduction: Reduction,
    /// The part of an order that the promotion reduces.
    pub scope: Scope,
    /// The code that a customer enters: 1 to 64 letters, digits, `.`, `_` or `-`, unique whatever its case.
    /// Without a code the promotion applies automatically.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "TEA-WEEK", pattern = "^[A-Za-z0-9._-]{1,64}$")]
    pub code: Option<String>,
    /// The promotion applies from this time. By default it applies immediately.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<DateTime<Utc>>,
    /// The promotion applies before this time. By default it has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<DateTime<Utc>>,
    /// The promotion applies only if the list prices of all lines sum to at least this amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<super::money::Price>)]
    pub minimum: Option<Money>,
    /// The most that the promotion takes off an order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<super::money::Price>)]
    pub cap: Option<Money>,
    /// The most orders that can use the promotion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1_000_000_000, example = 100)]
    pub total_limit: Option<i64>,
    /// The most orders of one customer that can use the promotion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1_000_000, example = 1)]
    pub customer_limit: Option<i64>,
    /// Promotions of the same group are never combined. The best one for the customer applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "seasonal", min_length = 1, max_length = 64)]
    pub exclusive_group: Option<String>,
    /// Promotions with a higher priority apply first.
    #[serde(default)]
    #[schema(value_type = i64, minimum = -1000, maximum = 1000, example = 0)]
    pub priority: i32,
}

/// The percentage or the amount that a promotion takes off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Reduction {
    /// A percentage.
    Percent {
        /// Hundredths of a percent: 1,000 is 10 %.
        #[schema(value_type = u64, minimum = 1, maximum = 10_000, example = 1000)]
        basis_points: u32,
    },
    /// An amount: for each piece, or once for the whole order.
    Amount {
        /// More than zero.
        #[schema(value_type = super::money::Price)]
        amount: Money,
    },
}

/// The part of an order that a promotion reduces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Scope {
    /// The whole order, after all promotions for products and categories.
    Order {},
    /// Lines with these products, from their list prices.
    Products {
        /// 1 to 500 different products.
        #[schema(min_items = 1, max_items = 500)]
        product_ids: Vec<ProductId>,
    },
    /// Lines with products of these categories, from their list prices.
    Categories {
        /// 1 to 50 different categories of the catalogue.
        #[schema(min_items = 1, max_items = 50, example = json!(["Tea"]))]
        categories: Vec<String>,
    },
}

/// A promotion, as staff see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Promotion {
    /// Its id.
    pub id: PromotionId,
    /// Its terms.
    pub terms: PromotionTerms,
    /// The number of orders that use it: claimed and committed.
    #[schema(example = 12)]
    pub used: i64,
    /// When its terms were last changed.
    pub updated_at: DateTime<Utc>,
}

/// Answer of `POST /promotions/effect`: the effect that a promotion would have had on the latest orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PromotionEffect {
    /// The number of orders that were priced. It is smaller than requested if the shop has fewer orders.
    #[schema(example = 100)]
    pub orders: u64,
    /// The number of these orders that would have used the promotion.
    #[schema(example = 12)]
    pub orders_with_promotion: u64,
    /// The sum of the totals of all these orders without the promotion.
    pub total_without: Money,
    /// The sum of the totals of all these orders with the promotion.
    pub total_with: Money,
}

/// Body of `POST /quote`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuoteRequest {
    /// 1 to 100 different products.
    #[schema(min_items = 1, max_items = 100)]
    pub items: Vec<Item>,
    /// The codes that the customer entered, at most 10. Upper and lower case do not matter.
    #[serde(default)]
    #[schema(max_items = 10, example = json!(["TEA-WEEK"]))]
    pub codes: Vec<String>,
}

/// The price of a quote or an order. The lines' totals sum to `total`, and a line's adjustments explain the
/// difference from its list price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Pricing {
    /// The lines, in the order of the request.
    pub lines: Vec<PricedLine>,
    /// Each promotion that was considered, and each code.
    pub promotions: Vec<ConsideredPromotion>,
    /// The sum of the list prices.
    pub list_total: Money,
    /// The sum to pay.
    pub total: Money,
}

/// A line with its price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PricedLine {
    /// The product.
    pub product_id: ProductId,
    /// Its category.
    #[serde(default)] // Claims of the previous release are stored without it.
    #[schema(example = "Tea")]
    pub category: String,
    /// Pieces.
    #[schema(value_type = u64, example = 2)]
    pub quantity: u32,
    /// The list price of one piece.
    pub list_price: Money,
    /// The amounts that promotions take off this line.
    pub adjustments: Vec<Adjustment>,
    /// The price of all pieces of the line, after discounts.
    pub total: Money,
}

/// A promotion or a code that was considered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConsideredPromotion {
    /// The promotion. Missing if the shop does not have the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promotion_id: Option<PromotionId>,
    /// The promotion's name. Missing if the shop does not have the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Tea week")]
    pub name: Option<String>,
    /// The code, as the customer entered it. Missing if the promotion is automatic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "TEA-WEEK")]
    pub code: Option<String>,
    /// Whether the promotion applied.
    pub result: PromotionResult,
}

/// Whether a promotion applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum PromotionResult {
    /// It applied.
    Applied {
        /// The amount that it takes off the order.
        amount: Money,
    },
    /// It did not apply.
    NotApplied {
        /// The reason, for programs.
        reason: NotApplied,
        /// The reason, as one sentence for the customer.
        #[schema(example = "Tea week ended on 2026-05-01 00:00 UTC.")]
        detail: String,
    },
}

/// Why a promotion did not apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotApplied {
    /// The shop has no promotion with this code.
    UnknownCode,
    /// The promotion has not started.
    NotStarted,
    /// The promotion has ended.
    Expired,
    /// Other orders have taken all uses.
    UsedUp,
    /// Other orders of this customer have taken all uses of a customer.
    UsedUpByCustomer,
    /// The list prices sum to less than the minimum.
    BelowMinimum,
    /// No line is in the scope of the promotion.
    NoMatchingLine,
    /// Another promotion of the same group is better for the customer.
    BetterPromotion,
    /// Nothing is left to take off.
    NoEffect,
}

/// Answer of `GET /prices`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProductPrices {
    /// The prices of the products, in the order of the request. A product that the shop does not have is left
    /// out.
    pub items: Vec<ProductPrice>,
}

/// The price of one piece of a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProductPrice {
    /// The product.
    pub product_id: ProductId,
    /// The list price.
    pub list_price: Money,
    /// The price under the automatic promotions for products and categories that have no minimum and no limit
    /// for each customer.
    pub price: Money,
    /// The amounts that these promotions take off.
    pub adjustments: Vec<Adjustment>,
}

/// Body of `PATCH /claims`: updates of the claims of several orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimUpdates {
    /// At most 64 updates. They are carried out in this order.
    #[schema(max_items = 64)]
    pub updates: Vec<ClaimUpdate>,
}

/// An update of the claim of one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimUpdate {
    /// The order. It is also the idempotency key.
    pub order_id: OrderId,
    /// The update.
    pub update: UsageUpdate,
    /// The W3C Trace Context of the cause of this update.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
}

/// The update of an order's claim. Repeating it gives the first answer again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "to", rename_all = "snake_case", deny_unknown_fields)]
pub enum UsageUpdate {
    /// Prices the order, and claims one use of each promotion that applies. If a code cannot be used, it
    /// claims nothing.
    Claim {
        /// The customer.
        user_id: UserId,
        /// The lines, with their list prices: 1 to 100 different products.
        lines: Vec<ClaimLine>,
        /// The codes of the order, at most 10.
        #[serde(default)]
        codes: Vec<String>,
    },
    /// Keeps the claimed uses for good, because the order is paid.
    Commit {},
    /// Frees the uses, claimed or committed. A release before the claim prevents it.
    Release {},
}

/// A line of an order, before discounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimLine {
    /// The product.
    pub product_id: ProductId,
    /// Its category.
    #[schema(example = "Tea")]
    pub category: String,
    /// Pieces, 1 to 1,000.
    #[schema(value_type = u64, minimum = 1, maximum = 1000, example = 2)]
    pub quantity: u32,
    /// The list price of one piece.
    #[schema(value_type = super::money::Price)]
    pub list_price: Money,
}

/// The status of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClaimStatus {
    /// The uses count, and the order is not paid.
    Claimed,
    /// The uses count for good, because the order is paid. A claim without uses has this status at once.
    Committed,
    /// The uses are free again. This order cannot claim again.
    Released,
}

/// The claim of an order, with its price at the time of the claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Claim {
    /// The order.
    pub order_id: OrderId,
    /// Its status.
    pub status: ClaimStatus,
    /// The price of the order. Missing if the claim was released before it was made.
    pub pricing: Option<Pricing>,
}

/// Nothing is claimed, because a code of the order cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClaimRefusal {
    /// The code, as the customer entered it.
    #[schema(example = "TEA-WEEK")]
    pub code: String,
    /// The reason, for programs.
    pub reason: NotApplied,
    /// The reason, as one sentence for the customer.
    #[schema(example = "Tea week ended on 2026-05-01 00:00 UTC.")]
    pub detail: String,
}

/// Answer to `PATCH /claims`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ClaimAnswers {
    /// The answers, in the order of the updates.
    pub answers: Vec<ClaimAnswer>,
}

/// The answer to one update.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClaimAnswer {
    /// The update was carried out, now or before.
    Claim(Claim),
    /// Nothing is claimed, for this reason.
    Refusal(ClaimRefusal),
    /// The update cannot be carried out.
    Problem(ProblemDetails),
}

/// The most codes of a quote or an order.
pub const MAX_CODES: usize = 10;
/// The most characters of a code.
const MAX_CODE_CHARACTERS: usize = 64;

/// Reads the codes of a quote or an order. Surrounding space is removed, and a code that is entered twice
/// counts once.
///
/// # Errors
///
/// Names each code that is not one line of 1 to 64 visible characters.
pub fn read_codes(codes: &[String]) -> Result<Vec<String>, Vec<FieldError>> {
    let mut errors = Vec::new();
    if codes.len() > MAX_CODES {
        let detail = format!("an order has at most {MAX_CODES} codes, not {}", codes.len());
        errors.push(FieldError::new("/codes", detail));
    }
    let mut seen = HashSet::new();
    let mut entered = Vec::new();
    for (index, code) in codes.iter().enumerate().take(MAX_CODES) {
        match text::line(format!("/codes/{index}"), "code", code, MAX_CODE_CHARACTERS) {
            Ok(code) if seen.insert(folding::folded(&code)) => entered.push(code),
            Ok(_) => {}
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(entered) } else { Err(errors) }
}

impl PromotionTerms {
    /// Terms without a code, conditions and limits.
    #[must_use]
    pub fn new(name: impl Into<String>, reduction: Reduction, scope: Scope) -> Self {
        Self {
            name: name.into(),
            reduction,
            scope,
            code: None,
            starts_at: None,
            ends_at: None,
            minimum: None,
            cap: None,
            total_limit: None,
            customer_limit: None,
            exclusive_group: None,
            priority: 0,
        }
    }
}

impl ClaimUpdates {
    /// The most updates in one request.
    pub const MAX_BATCH: usize = 64;
}

impl NotApplied {
    /// Its name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownCode => "unknown_code",
            Self::NotStarted => "not_started",
            Self::Expired => "expired",
            Self::UsedUp => "used_up",
            Self::UsedUpByCustomer => "used_up_by_customer",
            Self::BelowMinimum => "below_minimum",
            Self::NoMatchingLine => "no_matching_line",
            Self::BetterPromotion => "better_promotion",
            Self::NoEffect => "no_effect",
        }
    }

    /// Whether an order with such a code is refused. If the customer gets a better promotion, or has nothing
    /// to pay, the code does no harm.
    #[must_use]
    pub const fn refuses_order(self) -> bool {
        !matches!(self, Self::BetterPromotion | Self::NoEffect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const ID: &str = "01900000-0000-7000-8000-000000000004";

    fn eur(amount_minor: i64) -> Value {
        json!({ "amount_minor": amount_minor, "currency": "EUR" })
    }

    /// Asserts that the value is read from this JSON and written as the same JSON.
    fn golden<T: Serialize + serde::de::DeserializeOwned>(json: &Value) {
        let value: T = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(&serde_json::to_value(value).unwrap(), json);
    }

    #[test]
    fn the_json_of_a_promotion_does_not_change() {
        golden::<Promotion>(&json!({
            "id": ID,
            "terms": {
                "name": "Tea week",
                "reduction": { "kind": "percent", "basis_points": 1000 },
                "scope": { "kind": "categories", "categories": ["Tea"] },
                "code": "TEA-WEEK",
                "starts_at": "2026-04-24T00:00:00Z",
                "ends_at": "2026-05-01T00:00:00Z",
                "minimum": eur(2_000),
                "cap": eur(500),
                "total_limit": 100,
                "customer_limit": 1,
                "exclusive_group": "seasonal",
                "priority": 5,
            },
            "used": 12,
            "updated_at": "2026-04-20T00:00:00Z",
        }));
        golden::<PromotionTerms>(&json!({
            "name": "Five off",
            "reduction": { "kind": "amount", "amount": eur(500) },
            "scope": { "kind": "order" },
            "priority": 0,
        }));
        golden::<Scope>(&json!({ "kind": "products", "product_ids": [ID] }));
    }

    #[test]
    fn the_json_of_a_claim_does_not_change() {
        golden::<ClaimUpdates>(&json!({ "updates": [
            { "order_id": ID, "update": {
                "to": "claim",
                "user_id": ID,
                "lines": [{ "product_id": ID, "category": "Tea", "quantity": 2, "list_price": eur(690) }],
                "codes": ["TEA-WEEK"],
            } },
            { "order_id": ID, "update": { "to": "commit" } },
            { "order_id": ID, "update": { "to": "release" }, "traceparent": "00-x" },
        ] }));
        let pricing = json!({
            "lines": [{
                "product_id": ID,
                "category": "Tea",
                "quantity": 2,
                "list_price": eur(690),
                "adjustments": [{ "promotion_id": ID, "name": "Tea week", "amount": eur(138) }],
                "total": eur(1_242),
            }],
            "promotions": [
                { "promotion_id": ID, "name": "Tea week", "result": { "status": "applied", "amount": eur(138) } },
                { "code": "X", "result": {
                    "status": "not_applied", "reason": "unknown_code", "detail": "The shop has no code X.",
                } },
            ],
            "list_total": eur(1_380),
            "total": eur(1_242),
        });
        golden::<ClaimAnswers>(&json!({ "answers": [
            { "claim": { "order_id": ID, "status": "claimed", "pricing": pricing } },
            { "claim": { "order_id": ID, "status": "released", "pricing": null } },
            { "refusal": { "code": "X", "reason": "used_up", "detail": "All 100 uses of X are taken." } },
        ] }));
    }

    #[test]
    fn a_line_of_a_release_without_categories_is_read() {
        let line = json!({
            "product_id": ID, "quantity": 2, "list_price": eur(690), "adjustments": [], "total": eur(1_380),
        });
        let line: PricedLine = serde_json::from_value(line).unwrap();
        assert_eq!(line.category, "");
    }

    #[test]
    fn the_name_of_a_reason_is_its_json() {
        for reason in [
            NotApplied::UnknownCode,
            NotApplied::NotStarted,
            NotApplied::Expired,
            NotApplied::UsedUp,
            NotApplied::UsedUpByCustomer,
            NotApplied::BelowMinimum,
            NotApplied::NoMatchingLine,
            NotApplied::BetterPromotion,
            NotApplied::NoEffect,
        ] {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
    }
}

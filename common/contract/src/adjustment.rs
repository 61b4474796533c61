//! The part of a discount that belongs to one line of a quote or an order.

use crate::{ids::PromotionId, money::Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The amount that a promotion takes off a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Adjustment {
    /// The promotion.
    pub promotion_id: PromotionId,
    /// Its name at that time.
    #[schema(example = "Tea week")]
    pub name: String,
    /// The amount, more than zero.
    pub amount: Money,
}

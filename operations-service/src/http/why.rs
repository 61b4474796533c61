//! The reason of an action on one message, as a query parameter.

use crate::domain::selection::checked_reason;
use contract::problems::FieldError;
use serde::Deserialize;
use utoipa::IntoParams;

/// The query of a replay or a discard of one message.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Why {
    /// Why, for the audit: up to 500 characters.
    #[param(max_length = 500, example = "the provider is back")]
    reason: Option<String>,
}

impl Why {
    /// The reason, validated.
    pub(super) fn reason(self) -> Result<Option<String>, Vec<FieldError>> {
        let mut errors = Vec::new();
        let reason = checked_reason(self.reason, "reason", &mut errors);
        if errors.is_empty() { Ok(reason) } else { Err(errors) }
    }
}

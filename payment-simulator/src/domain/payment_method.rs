//! Stripe's test payment methods, and the outcome of a charge on each (<https://docs.stripe.com/testing>).

/// The answer of the card's issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The money is captured.
    Approved,
    /// The card is declined.
    Declined(Decline),
}

/// The reason of a decline (<https://docs.stripe.com/declines/codes>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decline {
    /// Stripe's error code.
    pub code: &'static str,
    /// The issuer's reason code.
    pub reason: &'static str,
    /// A message for the customer.
    pub message: &'static str,
}

impl Decline {
    /// A decline without a reason.
    pub(crate) const GENERIC: Self = Self::new("card_declined", "generic_decline", "Your card was declined.");

    const fn new(code: &'static str, reason: &'static str, message: &'static str) -> Self {
        Self { code, reason, message }
    }
}

/// The outcome of a charge on the payment method `token`, or `None` if it does not exist.
pub(crate) fn outcome(token: &str) -> Option<Outcome> {
    let card = token.strip_prefix("pm_card_")?;
    if is_good(card) {
        return Some(Outcome::Approved);
    }
    // Stripe names each declined card with and without its brand.
    let reason = card.strip_prefix("visa_").unwrap_or(card).strip_prefix("chargeDeclined")?;
    decline(reason).map(Outcome::Declined)
}

fn is_good(card: &str) -> bool {
    matches!(
        card,
        "visa"
            | "visa_debit"
            | "mastercard"
            | "mastercard_debit"
            | "mastercard_prepaid"
            | "amex"
            | "discover"
            | "diners"
            | "jcb"
            | "unionpay"
    )
}

fn decline(reason: &str) -> Option<Decline> {
    Some(match reason {
        "" => Decline::GENERIC,
        "InsufficientFunds" => {
            Decline::new("card_declined", "insufficient_funds", "Your card has insufficient funds.")
        }
        "LostCard" => Decline::new("card_declined", "lost_card", "Your card was declined."),
        "StolenCard" => Decline::new("card_declined", "stolen_card", "Your card was declined."),
        "Fraudulent" => Decline::new("card_declined", "fraudulent", "Your card was declined."),
        "VelocityLimitExceeded" => Decline::new(
            "card_declined",
            "card_velocity_exceeded",
            "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
        ),
        "ExpiredCard" => Decline::new("expired_card", "expired_card", "Your card has expired."),
        "IncorrectCvc" => {
            Decline::new("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.")
        }
        "ProcessingError" => Decline::new(
            "processing_error",
            "processing_error",
            "An error occurred while processing your card. Try again in a little bit.",
        ),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_cards_are_approved() {
        for token in ["pm_card_visa", "pm_card_mastercard", "pm_card_amex"] {
            assert_eq!(outcome(token), Some(Outcome::Approved), "{token}");
        }
    }

    #[test]
    fn declined_cards_have_a_reason() {
        let golden = [
            ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
            ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
            ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
            ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
            ("pm_card_chargeDeclinedLostCard", "card_declined", "lost_card"),
            ("pm_card_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
            ("pm_card_chargeDeclinedFraudulent", "card_declined", "fraudulent"),
            ("pm_card_chargeDeclinedVelocityLimitExceeded", "card_declined", "card_velocity_exceeded"),
            ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
            ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
            ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
        ];
        for (token, code, reason) in golden {
            let Some(Outcome::Declined(decline)) = outcome(token) else { panic!("{token}") };
            assert_eq!((decline.code, decline.reason), (code, reason), "{token}");
        }
    }

    #[test]
    fn unknown_payment_methods_do_not_exist() {
        for token in ["", "visa", "pm_card_", "pm_card_gold", "pm_card_chargeDeclinedTwice", "tok_visa"] {
            assert_eq!(outcome(token), None, "{token}");
        }
    }
}

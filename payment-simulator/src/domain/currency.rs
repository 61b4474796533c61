//! The currencies that Stripe supports, and its rules for amounts (<https://docs.stripe.com/currencies>).

/// ISO 4217 codes in lower case, as Stripe writes them.
const SUPPORTED: &str = "\
    aed afn all amd ang aoa ars aud awg azn bam bbd bdt bhd bif bmd bnd bob brl bsd bwp byn bzd cad \
    cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd \
    hkd hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl \
    mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php \
    pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs tnd top try \
    ttd twd tzs uah ugx usd uyu uzs vnd vuv wst xaf xcd xof xpf yer zar zmw";

/// An amount that Stripe refuses in this currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AmountError {
    /// The currency has three decimals, and the last one is not 0.
    ThirdDecimal,
    /// The currency has no decimals, Stripe expects two for compatibility, and they are not 00.
    Fraction,
}

/// Whether Stripe supports this currency.
pub(crate) fn is_supported(code: &str) -> bool {
    SUPPORTED.split(' ').any(|supported| supported == code)
}

/// Checks an amount in Stripe's smallest unit of the currency.
pub(crate) fn check_amount(code: &str, amount: u64) -> Result<(), AmountError> {
    match code {
        "bhd" | "jod" | "kwd" | "omr" | "tnd" if !amount.is_multiple_of(10) => Err(AmountError::ThirdDecimal),
        "isk" | "ugx" if !amount.is_multiple_of(100) => Err(AmountError::Fraction),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lower_case_codes_are_supported() {
        assert!(["aed", "eur", "usd", "zmw"].into_iter().all(is_supported));
        assert!(!["", "EUR", "eu", "xyz", "eur usd"].into_iter().any(is_supported));
    }

    #[test]
    fn amounts_follow_the_rules_of_their_currency() {
        for (code, amount, checked) in [
            ("eur", 1999, Ok(())),
            ("jpy", 697, Ok(())),
            ("kwd", 5120, Ok(())),
            ("kwd", 5124, Err(AmountError::ThirdDecimal)),
            ("ugx", 69_700, Ok(())),
            ("ugx", 697, Err(AmountError::Fraction)),
            ("isk", 500, Ok(())),
            ("isk", 4010, Err(AmountError::Fraction)),
        ] {
            assert_eq!(check_amount(code, amount), checked, "{code} {amount}");
        }
    }
}

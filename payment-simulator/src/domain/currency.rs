//! The currencies that Stripe charges in (<https://docs.stripe.com/currencies>).

/// ISO 4217 codes in lower case, as Stripe writes them.
const SUPPORTED: &str = "\
    aed afn all amd ang aoa ars aud awg azn bam bbd bdt bif bmd bnd bob brl bsd bwp byn bzd cad cdf \
    chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd \
    hnl htg huf idr ils inr isk jmd jpy kes kgs khr kmf krw kyd kzt lak lbp lkr lrd lsl mad mdl mga \
    mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln pyg qar \
    ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah ugx \
    usd uyu uzs vnd vuv wst xaf xcd xof xpf yer zar zmw";

/// Whether `code` is one of them.
pub(crate) fn is_supported(code: &str) -> bool {
    SUPPORTED.split(' ').any(|supported| supported == code)
}

#[cfg(test)]
mod tests {
    use super::is_supported;

    #[test]
    fn codes_are_known_in_lower_case() {
        assert!(["aed", "eur", "usd", "zmw"].into_iter().all(is_supported));
        assert!(!["", "EUR", "eu", "xyz", "eur usd"].into_iter().any(is_supported));
    }
}

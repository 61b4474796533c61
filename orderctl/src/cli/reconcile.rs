//! `orderctl reconcile`

use super::{context::Context, failure::Failure, output::moment, text::Text, value};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use clap::Args;
use contract::ids::OrderId;
use orderctl::{Books, ChargeQuery, Comparison, OrderQuery, Session};
use serde::Serialize;

/// The largest page size of a service.
const LARGEST_PAGE: u32 = 100;
/// The provider's clock may differ from this machine's by this much.
const MAX_CLOCK_DIFFERENCE: TimeDelta = TimeDelta::minutes(10);

#[derive(Args)]
pub(crate) struct Reconcile {
    /// Only orders placed since this time: a date, a time such as 2026-01-02T03:04:05Z, or an age such as
    /// 90m, 24h or 30d.
    #[arg(long, default_value = "7d", value_name = "T", value_parser = read_since)]
    since: DateTime<Utc>,
    /// Skip orders that changed within this many seconds.
    #[arg(long, default_value = "60", value_name = "SECONDS", value_parser = value::seconds)]
    grace: u32,
}

/// The result as JSON.
#[derive(Serialize)]
struct Report {
    since: DateTime<Utc>,
    orders: usize,
    ledger_charges: usize,
    provider_charges: usize,
    /// Charges at the provider that belong to no order of this shop.
    other_charges: usize,
    #[serde(flatten)]
    comparison: Comparison,
}

impl Reconcile {
    pub(crate) async fn run(self, context: &Context) -> Result<(), Failure> {
        let unchanged_since = Utc::now() - TimeDelta::seconds(self.grace.into());
        let report = read(&context.session()?, self.since, unchanged_since).await?;
        context.output.result(&report, text)?;
        context.output.note(&summary(&report));
        match report.comparison.differences.len() {
            0 => Ok(()),
            count => Err(Failure::Differences(count)),
        }
    }
}

/// Reads the three records and compares them. The order of reading is provider, ledger, orders, because
/// changes happen in that order.
async fn read(
    session: &Session,
    since: DateTime<Utc>,
    unchanged_since: DateTime<Utc>,
) -> Result<Report, Failure> {
    let mut books = Books::default();
    let (mut provider_charges, mut other_charges) = (0, 0);
    let mut query =
        ChargeQuery { since: Some(since - MAX_CLOCK_DIFFERENCE), limit: Some(LARGEST_PAGE), cursor: None };
    loop {
        let page = session.provider_charges(&query).await?;
        for charge in page.items {
            if books.add_provider_charge(charge) { provider_charges += 1 } else { other_charges += 1 }
        }
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    let mut ledger_charges = 0;
    query.since = Some(since);
    loop {
        let page = session.ledger_charges(&query).await?;
        ledger_charges += page.items.len();
        page.items.into_iter().for_each(|charge| books.add_ledger_charge(charge));
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    let orders = add_orders(session, OrderId::earliest(since), &mut books).await?;
    let comparison = books.compare(since, unchanged_since);
    Ok(Report { since, orders, ledger_charges, provider_charges, other_charges, comparison })
}

/// Adds orders, newest first, back to `first`. Returns the number of orders.
async fn add_orders(session: &Session, first: OrderId, books: &mut Books) -> Result<usize, Failure> {
    let mut query = OrderQuery { limit: Some(LARGEST_PAGE), ..OrderQuery::default() };
    let mut count = 0;
    loop {
        let page = session.orders(&query).await?;
        for order in &page.items {
            if order.id < first {
                return Ok(count);
            }
            books.add_order(order);
            count += 1;
        }
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            return Ok(count);
        }
    }
}

/// One line for each difference.
fn text(report: &Report) -> Text {
    Text::Lines(report.comparison.differences.iter().map(ToString::to_string).collect())
}

fn summary(report: &Report) -> String {
    let Report { since, orders, ledger_charges, provider_charges, other_charges, comparison } = report;
    let since = moment(*since);
    let mut sentences = vec![format!(
        "Since {since}: {orders} orders, {ledger_charges} charges in the ledger, {provider_charges} at the provider."
    )];
    if comparison.under_way > 0 {
        sentences.push(format!("{} orders changed recently and were not compared.", comparison.under_way));
    }
    if *other_charges > 0 {
        sentences.push(format!("{other_charges} charges at the provider belong to no order of this shop."));
    }
    if comparison.differences.is_empty() {
        sentences.push("No differences.".to_owned());
    }
    sentences.join(" ")
}

/// Parses a date (midnight UTC), a time with its offset, or an age in minutes, hours or days.
pub(crate) fn read_since(text: &str) -> Result<DateTime<Utc>, String> {
    let age = || {
        let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let number = number.parse::<u32>().ok()?;
        let minutes = match unit {
            "m" => 1,
            "h" => 60,
            "d" => 24 * 60,
            _ => return None,
        };
        Utc::now().checked_sub_signed(TimeDelta::minutes(i64::from(number) * minutes))
    };
    let date = || text.parse::<NaiveDate>().ok().map(|date| date.and_time(chrono::NaiveTime::MIN).and_utc());
    let time = || DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc());
    age().or_else(date).or_else(time).ok_or_else(|| {
        "expected a date such as 2026-01-31, a time such as 2026-01-31T12:00:00Z, or an age such as 90m, 24h or 7d"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_is_a_date_a_time_or_an_age() {
        assert_eq!(read_since("2026-01-31").unwrap().to_rfc3339(), "2026-01-31T00:00:00+00:00");
        assert_eq!(
            read_since("2026-01-31T12:00:00+02:00").unwrap().to_rfc3339(),
            "2026-01-31T10:00:00+00:00"
        );
        for (text, minutes) in [("90m", 90), ("24h", 1440), ("7d", 10_080)] {
            let since = read_since(text).unwrap();
            assert_eq!((Utc::now() - since).num_minutes(), minutes, "{text}");
        }
        for bad in ["", "yesterday", "7", "d", "-1d", "7w", "2026-13-01", "99999999999d", "é"] {
            assert!(read_since(bad).is_err(), "{bad}");
        }
    }
}

//! `orderctl parked list`

use super::super::{
    failure::Failure,
    output::Output,
    table::{Cell, Table},
    text::Text,
};
use chrono::{DateTime, TimeDelta, Utc};
use contract::ids::OrderId;
use messaging::parking::{Parking, Summary};

pub(super) async fn run(parking: &Parking, output: Output) -> Result<(), Failure> {
    let parked = parking.list(usize::MAX).await?.messages;
    let text = |parked: &Vec<Summary>| {
        if parked.is_empty() {
            "No messages are parked.".to_owned().into()
        } else {
            Text::from(table(parked))
        }
    };
    Ok(output.result(&parked, text)?)
}

fn table(parked: &[Summary]) -> Table {
    let mut table = Table::with_head(["ID", "FROM", "TYPE", "ORDER", ">FAILED", ">AGE", "REASON"]);
    for message in parked {
        let or_none = |text: &Option<String>| Cell::text(text.as_deref().unwrap_or("-"));
        table.row([
            Cell::text(&message.id),
            or_none(&message.queue),
            or_none(&message.kind),
            Cell::text(message.order_id.as_deref().map_or("-".into(), short)),
            Cell::number(message.attempt),
            Cell::number(message.at.map_or_else(|| "-".to_owned(), |at| age(Utc::now() - at))),
            Cell::text(&message.reason),
        ]);
    }
    table
}

/// The short id of an order, or the text itself if it is no id.
fn short(order: &str) -> String {
    order.parse().map_or_else(|_| order.to_owned(), |order: OrderId| order.short())
}

/// Formats an age in the largest unit that is at least one.
fn age(age: TimeDelta) -> String {
    let (days, hours, minutes) = (age.num_days(), age.num_hours(), age.num_minutes());
    match (days, hours, minutes) {
        (1.., ..) => format!("{days} d"),
        (_, 1.., _) => format!("{hours} h"),
        (_, _, 1..) => format!("{minutes} min"),
        _ => format!("{} s", age.num_seconds().max(0)),
    }
}

/// Formats a time together with its age.
pub(super) fn time_and_age(at: DateTime<Utc>) -> String {
    format!("{}, {} ago", super::super::output::moment(at), age(Utc::now() - at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_in_the_largest_unit() {
        for (seconds, text) in
            [(-5, "0 s"), (59, "59 s"), (60, "1 min"), (7_199, "1 h"), (86_400, "1 d"), (8_640_000, "100 d")]
        {
            assert_eq!(age(TimeDelta::seconds(seconds)), text);
        }
    }

    #[test]
    fn a_message_without_properties_has_dashes() {
        let bare = Summary {
            id: "body-44136fa355b3678a".into(),
            queue: None,
            kind: None,
            order_id: None,
            reason: "evil\u{1b}[2J".into(),
            attempt: 0,
            at: None,
            parked_at: None,
            bytes: 2,
        };
        let text = table(&[bare]).render(false);
        assert!(
            text.ends_with("body-44136fa355b3678a  -     -     -           0    -  evil\\u{1b}[2J\n"),
            "{text}"
        );
    }
}

//! `orderctl parked list`

use super::{
    super::{
        failure::Failure,
        output::Output,
        table::{Cell, Table},
        text::Text,
        value,
    },
    selected::Filter,
};
use chrono::{DateTime, TimeDelta, Utc};
use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};
use contract::{
    ids::OrderId,
    parked::{ParkedFilter, ParkedQuery, ParkedState, ParkedSummary},
};
use orderctl::Session;

/// The largest page size of the service.
const LARGEST_PAGE: u32 = 100;

#[derive(Args)]
pub(super) struct List {
    #[command(flatten)]
    filter: Filter,
    /// Only messages in this state.
    #[arg(long, default_value = "parked", value_parser = state())]
    state: ParkedState,
    /// The maximum number of messages.
    #[arg(long, default_value = "1000", value_parser = value::count)]
    limit: u32,
}

/// Parses a state. clap lists the values in `--help` and suggests one after a typing error.
fn state() -> impl TypedValueParser<Value = ParkedState> {
    let parse = |name: String| ParkedState::ALL.into_iter().find(|state| state.as_str() == name);
    PossibleValuesParser::new(ParkedState::ALL.map(ParkedState::as_str))
        .try_map(move |name| parse(name).ok_or("no such state"))
}

impl List {
    pub(super) async fn run(self, session: &Session, output: Output) -> Result<(), Failure> {
        let nothing = format!("No messages are {}.", self.state);
        let (messages, more) = self.fetch(session).await?;
        let text = |messages: &Vec<ParkedSummary>| {
            if messages.is_empty() { nothing.into() } else { Text::from(table(messages)) }
        };
        output.result(&messages, text)?;
        if more {
            output.note("There are more messages. Use a larger --limit to see them.");
        }
        Ok(())
    }

    /// Reads page after page. The second value says whether there are more messages.
    async fn fetch(self, session: &Session) -> Result<(Vec<ParkedSummary>, bool), Failure> {
        let ParkedFilter { queue, kind, order_id, message_id, since } = self.filter.into();
        let state = Some(self.state);
        let mut query =
            ParkedQuery { queue, kind, order_id, message_id, since, state, ..ParkedQuery::default() };
        let mut messages = Vec::new();
        let mut missing = self.limit;
        loop {
            query.limit = Some(missing.min(LARGEST_PAGE));
            let page = session.parked(&query).await?;
            missing = missing.saturating_sub(u32::try_from(page.items.len()).unwrap_or(u32::MAX));
            messages.extend(page.items);
            query.cursor = page.next_cursor;
            if query.cursor.is_none() || missing == 0 {
                return Ok((messages, query.cursor.is_some()));
            }
        }
    }
}

fn table(parked: &[ParkedSummary]) -> Table {
    let mut table = Table::with_head(["ID", "FROM", "TYPE", "ORDER", ">FAILED", ">AGE", "REASON"]);
    for message in parked {
        let or_none = |text: &Option<String>| Cell::text(text.as_deref().unwrap_or("-"));
        table.row([
            Cell::text(message.id.to_string()),
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
    use uuid::Uuid;

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
        let bare = ParkedSummary {
            id: Uuid::nil(),
            message_id: None,
            queue: None,
            kind: None,
            order_id: None,
            reason: "evil\u{1b}[2J".into(),
            attempt: 0,
            at: None,
            parked_at: None,
            received_at: Utc::now(),
            bytes: 2,
            state: ParkedState::Parked,
        };
        let text = table(&[bare]).render(false);
        assert!(text.ends_with("000000000000  -     -     -           0    -  evil\\u{1b}[2J\n"), "{text}");
    }
}

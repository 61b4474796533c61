//! The flags that choose parked messages, and the requests for many of them.

use super::super::{failure::Failure, output::Output, reconcile::read_since, text::Text};
use chrono::{DateTime, Utc};
use clap::Args;
use contract::{
    ids::OrderId,
    parked::{MAX_SELECTED, ParkedFilter, ParkedOutcome, ParkedResult, ParkedResults, ParkedSelection},
};
use orderctl::Error;
use uuid::Uuid;

/// A filter.
#[derive(Args, Clone)]
#[group(id = "filter", multiple = true)]
pub(super) struct Filter {
    /// Only messages from this work queue.
    #[arg(long, value_name = "NAME")]
    queue: Option<String>,
    /// Only this event, such as `order_reserved`.
    #[arg(long = "type", value_name = "NAME")]
    kind: Option<String>,
    /// Only messages about this order: its full id.
    #[arg(long, value_name = "ORDER-ID", value_parser = order_id)]
    order: Option<OrderId>,
    /// Only messages with this id of their own.
    #[arg(long, value_name = "MESSAGE-ID")]
    message: Option<String>,
    /// Only messages that were parked since this time: a date, a time such as 2026-01-02T03:04:05Z, or an age
    /// such as 90m, 24h or 30d.
    #[arg(long, value_name = "T", value_parser = read_since)]
    since: Option<DateTime<Utc>>,
}

/// Messages by their ids or by a filter, and how to handle them.
#[derive(Args)]
pub(super) struct Selected {
    /// The ids of the messages, as `orderctl parked list` shows them.
    #[arg(
        value_name = "ID",
        value_parser = message,
        required_unless_present_any = ["all", "queue", "kind", "order", "message", "since"],
        conflicts_with = "filter"
    )]
    ids: Vec<Uuid>,
    /// All parked messages.
    #[arg(long, conflicts_with = "ids")]
    all: bool,
    #[command(flatten)]
    filter: Filter,
    /// Why, for the audit.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Only show what would happen.
    #[arg(long)]
    pub(super) dry_run: bool,
}

impl From<Filter> for ParkedFilter {
    fn from(Filter { queue, kind, order, message, since }: Filter) -> Self {
        Self { queue, kind, order_id: order, message_id: message, since }
    }
}

impl Selected {
    /// The selections of the requests. A service handles a limited number of ids with each request.
    fn requests(&self, dry_run: bool) -> Vec<ParkedSelection> {
        let of =
            |ids, filter| ParkedSelection { ids, filter, cursor: None, dry_run, reason: self.reason.clone() };
        if self.ids.is_empty() {
            return vec![of(None, Some(self.filter.clone().into()))];
        }
        self.ids.chunks(MAX_SELECTED).map(|ids| of(Some(ids.to_vec()), None)).collect()
    }

    /// Sends all requests, and returns the outcome of each message.
    pub(super) async fn send(
        &self,
        dry_run: bool,
        request: impl AsyncFn(&ParkedSelection) -> Result<ParkedResults, Error>,
    ) -> Result<Vec<ParkedResult>, Failure> {
        let mut results = Vec::new();
        for mut selection in self.requests(dry_run) {
            loop {
                let ParkedResults { items, next_cursor, .. } = request(&selection).await?;
                results.extend(items);
                selection.cursor = next_cursor;
                if selection.cursor.is_none() {
                    break;
                }
            }
        }
        Ok(results)
    }
}

/// Writes the outcome of each message. `done` is the wanted outcome.
pub(super) fn report(
    results: &[ParkedResult],
    dry_run: bool,
    done: &'static str,
    output: Output,
) -> Result<(), Failure> {
    let text = |results: &&[ParkedResult]| match results {
        [] => "No messages are parked.".to_owned().into(),
        all => Text::Lines(all.iter().map(|result| sentence(result, dry_run)).collect()),
    };
    output.result(&results, text)?;
    match results.iter().filter(|result| !result.outcome.is_success()).count() {
        0 => Ok(()),
        count => Err(Failure::NotDone { count, done }),
    }
}

/// The outcome of one message.
pub(super) fn sentence(result: &ParkedResult, dry_run: bool) -> String {
    let ParkedResult { id, queue, .. } = result;
    let queue = queue.as_deref().unwrap_or_default();
    match (result.outcome, dry_run) {
        (ParkedOutcome::Replayed, false) => format!("{id} is back in {queue}."),
        (ParkedOutcome::Replayed, true) => format!("{id} would go back to {queue}."),
        (ParkedOutcome::Discarded, false) => format!("{id} is discarded."),
        (ParkedOutcome::Discarded, true) => format!("{id} would be discarded."),
        (ParkedOutcome::UnknownOrigin, _) => format!("{id} is still parked: its work queue is unknown."),
        (ParkedOutcome::NoQueue, _) => format!("{id} is still parked: the queue {queue} does not exist."),
        (ParkedOutcome::Refused, _) => {
            format!("{id} is still parked: the queue {queue} does not accept it now.")
        }
        (ParkedOutcome::NotParked, _) => format!("{id} was replayed or discarded before."),
        (ParkedOutcome::InUse, _) => format!("{id} is being replayed by another request."),
        (ParkedOutcome::NotFound, _) => {
            format!("{id} is not the id of a parked message; `orderctl parked list` shows the ids.")
        }
    }
}

/// Parses the id of a parked message.
pub(super) fn message(text: &str) -> Result<Uuid, String> {
    text.parse().map_err(|_| {
        "a parked message's id looks like 01900000-0000-7000-8000-000000000001; `orderctl parked list` shows it"
            .to_owned()
    })
}

fn order_id(text: &str) -> Result<OrderId, String> {
    text.parse().map_err(|_| {
        "an order's full id looks like 01900000-0000-7000-8000-000000000001; `orderctl show ORDER` shows it"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        selected: Selected,
    }

    fn parse(flags: &[&str]) -> Option<Selected> {
        Command::try_parse_from([&["test"], flags].concat()).ok().map(|command| command.selected)
    }

    #[test]
    fn messages_are_chosen_by_ids_or_by_a_filter() {
        let id = Uuid::now_v7();
        let text = id.to_string();
        let by_id = parse(&[&text, "--reason", "why"]).unwrap().requests(false).remove(0);
        assert_eq!((by_id.ids, by_id.filter, by_id.reason.as_deref()), (Some(vec![id]), None, Some("why")));
        let all = parse(&["--all"]).unwrap().requests(true).remove(0);
        assert_eq!((all.ids, all.filter, all.dry_run), (None, Some(ParkedFilter::default()), true));
        let some = parse(&["--queue", "payment-worker"]).unwrap().requests(false).remove(0);
        assert_eq!(some.filter.unwrap().queue.as_deref(), Some("payment-worker"));
        for wrong in [&[][..], &["--dry-run"], &["m-1"], &[&text, "--all"], &[&text, "--queue", "a"]] {
            assert!(parse(wrong).is_none(), "{wrong:?}");
        }
    }

    #[test]
    fn a_request_has_a_limited_number_of_ids() {
        let ids: Vec<_> = (0..250).map(|_| Uuid::now_v7().to_string()).collect();
        let flags: Vec<_> = ids.iter().map(String::as_str).collect();
        let requests = parse(&flags).unwrap().requests(false);
        let sizes: Vec<_> = requests.iter().map(|request| request.ids.as_ref().unwrap().len()).collect();
        assert_eq!(sizes, [100, 100, 50]);
    }
}

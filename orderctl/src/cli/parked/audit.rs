//! `orderctl parked audit`

use super::super::{
    failure::Failure,
    output::{Output, moment},
    table::{Cell, Table},
    text::Text,
    value,
};
use clap::Args;
use contract::parked::ParkedAuditEntry;
use orderctl::Session;

/// The largest page size of the service.
const LARGEST_PAGE: u32 = 100;

#[derive(Args)]
pub(super) struct Audit {
    /// The number of actions, up to 100.
    #[arg(long, default_value = "20", value_parser = value::count)]
    limit: u32,
}

impl Audit {
    pub(super) async fn run(self, session: &Session, output: Output) -> Result<(), Failure> {
        let entries = session.parked_audit(self.limit.min(LARGEST_PAGE)).await?.items;
        let text = |entries: &Vec<ParkedAuditEntry>| {
            if entries.is_empty() {
                "No messages were replayed or discarded.".to_owned().into()
            } else {
                Text::from(table(entries))
            }
        };
        Ok(output.result(&entries, text)?)
    }
}

fn table(entries: &[ParkedAuditEntry]) -> Table {
    let mut table = Table::with_head(["TIME", "ACTION", "USER", "OUTCOME", "REASON"]);
    for entry in entries {
        let outcomes = entry.outcomes.as_ref().map(|outcomes| {
            let counts = outcomes.iter().map(|(outcome, count)| format!("{count} {outcome}"));
            counts.collect::<Vec<_>>().join(", ")
        });
        table.row([
            Cell::text(moment(entry.at)),
            Cell::text(entry.action.as_str()),
            Cell::text(entry.user_id.short()),
            Cell::text(outcomes.unwrap_or_else(|| "not ended".to_owned())),
            Cell::text(entry.reason.as_deref().unwrap_or("-")),
        ]);
    }
    table
}

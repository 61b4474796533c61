//! `orderctl parked show`

use super::{
    super::{
        failure::Failure,
        output::Output,
        table::{Cell, Table},
        text::Text,
    },
    list::time_and_age,
};
use clap::Args;
use messaging::parking::{Parked, Parking};
use serde_json::Value;

/// The maximum length of a body as text, in characters.
const MAX_SHOWN_CHARACTERS: usize = 4_000;

#[derive(Args)]
pub(super) struct Show {
    /// The id of the message, as `orderctl parked list` shows it.
    id: String,
}

impl Show {
    pub(super) async fn run(self, parking: &Parking, output: Output) -> Result<(), Failure> {
        let found = parking.show(&[self.id]).await?;
        let text = |found: &Vec<Parked>| {
            Text::Parts(found.iter().flat_map(|parked| [table(parked).into(), body(parked)]).collect())
        };
        Ok(output.result(&found, text)?)
    }
}

fn table(parked: &Parked) -> Table {
    let Parked { summary, headers, .. } = parked;
    let mut table = Table::new();
    let rows = [
        ("Message", Some(summary.id.clone())),
        ("From", summary.queue.clone()),
        ("Type", summary.kind.clone()),
        ("Order", summary.order_id.clone()),
        ("Reason", Some(summary.reason.clone())),
        ("Failed before", Some(summary.attempt.to_string())),
        ("Time", summary.at.map(time_and_age)),
        ("Parked", summary.parked_at.map(time_and_age)),
        ("Size", Some(format!("{} bytes", summary.bytes))),
    ];
    for (name, value) in rows {
        if let Some(value) = value {
            table.row([Cell::text(name), Cell::text(value)]);
        }
    }
    for (name, value) in headers {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        table.row([Cell::text(format!("Header {name}")), Cell::text(text)]);
    }
    table
}

/// Formats JSON with indents and leaves other text unchanged, up to a limit.
fn body(parked: &Parked) -> Text {
    let pretty = serde_json::from_str::<Value>(&parked.body)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| parked.body.clone());
    let shown: String = pretty.chars().take(MAX_SHOWN_CHARACTERS).collect();
    let mut lines: Vec<_> = shown.lines().map(str::to_owned).collect();
    if shown.len() < pretty.len() {
        lines.push("… (use --json to see the whole body)".to_owned());
    }
    Text::Lines(lines)
}

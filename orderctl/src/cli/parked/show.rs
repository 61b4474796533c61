//! `orderctl parked show`

use super::{
    super::{
        failure::Failure,
        output::Output,
        table::{Cell, Table},
        text::Text,
    },
    list::time_and_age,
    selected::message,
};
use clap::Args;
use contract::parked::ParkedMessage;
use orderctl::Session;
use serde_json::Value;
use uuid::Uuid;

/// The maximum length of a body as text, in characters.
const MAX_SHOWN_CHARACTERS: usize = 4_000;

#[derive(Args)]
pub(super) struct Show {
    /// The id of the message, as `orderctl parked list` shows it.
    #[arg(value_parser = message)]
    id: Uuid,
}

impl Show {
    pub(super) async fn run(self, session: &Session, output: Output) -> Result<(), Failure> {
        let found = session.parked_message(self.id).await?;
        let text = |message: &ParkedMessage| Text::Parts(vec![table(message).into(), body(message)]);
        Ok(output.result(&found, text)?)
    }
}

fn table(parked: &ParkedMessage) -> Table {
    let ParkedMessage { summary, headers, .. } = parked;
    let mut table = Table::new();
    let rows = [
        ("Parked copy", Some(summary.id.to_string())),
        ("State", Some(summary.state.to_string())),
        ("Message", summary.message_id.clone()),
        ("From", summary.queue.clone()),
        ("Type", summary.kind.clone()),
        ("Order", summary.order_id.clone()),
        ("Reason", Some(summary.reason.clone())),
        ("Failed before", Some(summary.attempt.to_string())),
        ("Time", summary.at.map(time_and_age)),
        ("Parked", summary.parked_at.map(time_and_age)),
        ("Settled", parked.settled_at.map(time_and_age)),
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
fn body(parked: &ParkedMessage) -> Text {
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

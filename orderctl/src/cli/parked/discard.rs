//! `orderctl parked discard`

use super::super::{confirm, failure::Failure, output::Output, text::Text};
use clap::Args;
use messaging::parking::{Parked, Parking, Summary};

#[derive(Args)]
pub(super) struct Discard {
    /// The ids of the messages, as `orderctl parked list` shows them.
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// Discard without asking.
    #[arg(long)]
    yes: bool,
}

impl Discard {
    pub(super) async fn run(self, parking: &Parking, output: Output) -> Result<(), Failure> {
        if !self.yes && !self.is_confirmed(parking).await? {
            output.note("Nothing was discarded.");
            return Ok(());
        }
        let discarded = parking.discard(&self.ids).await?;
        let text = |discarded: &Vec<Summary>| {
            Text::Lines(discarded.iter().map(|message| format!("Discarded {}.", message.id)).collect())
        };
        Ok(output.result(&discarded, text)?)
    }

    /// Lists the messages and asks. The messages stay in the queue meanwhile.
    async fn is_confirmed(&self, parking: &Parking) -> Result<bool, Failure> {
        if !confirm::can_ask() {
            let reason = "discarding is permanent, and the command cannot ask without a terminal; use --yes";
            return Err(Failure::Usage(reason.to_owned()));
        }
        let line = |message: Parked| {
            let Summary { id, kind, order_id, reason, .. } = message.summary;
            format!("{id}  {}  {}  {reason}", kind.unwrap_or_default(), order_id.unwrap_or_default())
        };
        let messages = parking.show(&self.ids).await?.into_iter().map(line).collect();
        Ok(confirm::ask(messages, "Discard these messages permanently?")?)
    }
}

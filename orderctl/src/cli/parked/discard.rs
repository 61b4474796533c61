//! `orderctl parked discard`

use super::super::{
    failure::Failure,
    output::{Output, printable},
};
use clap::Args;
use common::amqp::parking::{Parking, Summary};
use std::io::{self, IsTerminal, Write};

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
        if !self.yes && !self.is_meant(parking).await? {
            output.note("Nothing was discarded.");
            return Ok(());
        }
        let discarded = parking.discard(&self.ids).await?;
        let text = |discarded: &Vec<Summary>| {
            discarded
                .iter()
                .map(|message| format!("Discarded {}.", printable(&message.id)))
                .collect::<Vec<_>>()
                .join("\n")
        };
        Ok(output.result(&discarded, text)?)
    }

    /// Asks, naming what it is about. Nothing is taken from the queue meanwhile.
    async fn is_meant(&self, parking: &Parking) -> Result<bool, Failure> {
        if !io::stdin().is_terminal() {
            let why =
                "discarding is for good, and without a terminal the command cannot ask; repeat it with --yes";
            return Err(Failure::Usage(why.to_owned()));
        }
        let mut asked = io::stderr();
        for message in parking.show(&self.ids).await? {
            let Summary { id, kind, order_id, reason, .. } = message.summary;
            let (kind, order) = (kind.unwrap_or_default(), order_id.unwrap_or_default());
            writeln!(asked, "{}", printable(&format!("{id}  {kind}  {order}  {reason}")))?;
        }
        write!(asked, "Discard for good? [y/N] ")?;
        asked.flush()?;
        let mut answer = String::new();
        io::stdin().read_line(&mut answer)?;
        Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
    }
}

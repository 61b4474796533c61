//! `orderctl parked discard`

use super::{
    super::{confirm, failure::Failure, output::Output},
    selected::{Selected, report, sentence},
};
use clap::Args;
use orderctl::Session;

#[derive(Args)]
pub(super) struct Discard {
    #[command(flatten)]
    selected: Selected,
    /// Discard without asking.
    #[arg(long)]
    yes: bool,
}

impl Discard {
    pub(super) async fn run(self, session: &Session, output: Output) -> Result<(), Failure> {
        let dry_run = self.selected.dry_run;
        if !self.yes && !dry_run && !self.is_confirmed(session).await? {
            output.note("Nothing was discarded.");
            return Ok(());
        }
        let request = async |selection: &_| session.discard_parked(selection).await;
        let results = self.selected.send(dry_run, request).await?;
        report(&results, dry_run, "discarded", output)
    }

    /// Lists the messages and asks for confirmation.
    async fn is_confirmed(&self, session: &Session) -> Result<bool, Failure> {
        if !confirm::can_ask() {
            let reason = "discarding is permanent, and the command cannot ask without a terminal; use --yes";
            return Err(Failure::Usage(reason.to_owned()));
        }
        let request = async |selection: &_| session.discard_parked(selection).await;
        let results = self.selected.send(true, request).await?;
        let lines = results.iter().map(|result| sentence(result, true)).collect();
        Ok(confirm::ask(lines, "Discard these messages permanently?")?)
    }
}

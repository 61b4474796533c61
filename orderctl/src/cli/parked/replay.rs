//! `orderctl parked replay`

use super::{
    super::{failure::Failure, output::Output},
    selected::{Selected, report},
};
use clap::Args;
use orderctl::Session;

#[derive(Args)]
pub(super) struct Replay {
    #[command(flatten)]
    selected: Selected,
}

impl Replay {
    pub(super) async fn run(self, session: &Session, output: Output) -> Result<(), Failure> {
        let dry_run = self.selected.dry_run;
        let request = async |selection: &_| session.replay_parked(selection).await;
        let results = self.selected.send(dry_run, request).await?;
        report(&results, dry_run, "replayed", output)
    }
}

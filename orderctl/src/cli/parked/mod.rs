//! `orderctl parked`

mod audit;
mod discard;
mod list;
mod replay;
mod selected;
mod show;

use super::{context::Context, failure::Failure};
use clap::{Args, Subcommand};

#[derive(Args)]
pub(crate) struct Parked {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the parked messages with their reasons.
    List(list::List),
    /// Show a parked message with its headers and body.
    Show(show::Show),
    /// Send messages back to the work queues that they came from.
    ///
    /// Fix the cause first. A replayed message gets all of its attempts again. Work that is done is not
    /// repeated.
    Replay(replay::Replay),
    /// Discard messages. They cannot be replayed after that.
    Discard(discard::Discard),
    /// List who replayed or discarded messages, when and why.
    Audit(audit::Audit),
}

impl Parked {
    pub(crate) async fn run(self, context: &Context) -> Result<(), Failure> {
        let session = context.session()?;
        match self.command {
            Command::List(command) => command.run(&session, context.output).await,
            Command::Show(command) => command.run(&session, context.output).await,
            Command::Replay(command) => command.run(&session, context.output).await,
            Command::Discard(command) => command.run(&session, context.output).await,
            Command::Audit(command) => command.run(&session, context.output).await,
        }
    }
}

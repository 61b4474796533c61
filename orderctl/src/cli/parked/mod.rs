//! `orderctl parked`

mod discard;
mod list;
mod replay;
mod show;

use super::{failure::Failure, output::Output};
use clap::{Args, Subcommand};
use messaging::{
    connection::{Broker, BrokerOptions},
    parking::Parking,
};

#[derive(Args)]
pub(crate) struct Parked {
    #[command(flatten)]
    broker: BrokerOptions,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the parked messages with their reasons.
    List,
    /// Show a parked message with its headers and body.
    Show(show::Show),
    /// Send messages back to the work queues that they came from.
    ///
    /// Fix the cause first. A replayed message gets all of its attempts again. Work that is done is not
    /// repeated.
    Replay(replay::Replay),
    /// Delete messages permanently.
    Discard(discard::Discard),
}

impl Parked {
    pub(crate) async fn run(self, output: Output) -> Result<(), Failure> {
        let broker = Broker::new(&self.broker, "orderctl");
        let parking = Parking::new(broker);
        match self.command {
            Command::List => list::run(&parking, output).await,
            Command::Show(command) => command.run(&parking, output).await,
            Command::Replay(command) => command.run(&parking, output).await,
            Command::Discard(command) => command.run(&parking, output).await,
        }
    }
}

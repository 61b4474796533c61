//! `orderctl parked`

mod discard;
mod list;
mod replay;
mod show;

use super::{failure::Failure, output::Output};
use clap::{Args, Subcommand};
use common::amqp::{
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
    /// List what is parked, and why.
    List,
    /// Show a message with its headers and body.
    Show(show::Show),
    /// Send messages back to the work queues that they came from.
    ///
    /// To be tried as if for the first time, once what was wrong is mended. What had been done already
    /// stays done: repeating it does no harm.
    Replay(replay::Replay),
    /// Remove messages for good.
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

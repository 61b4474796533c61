//! `orderctl parked replay`

use super::super::{failure::Failure, output::Output, text::Text};
use clap::Args;
use messaging::parking::{Outcome, Parking, Replayed, Which};

#[derive(Args)]
pub(super) struct Replay {
    /// The ids of the messages, as `orderctl parked list` shows them.
    #[arg(value_name = "ID", required_unless_present = "all")]
    ids: Vec<String>,
    /// All parked messages.
    #[arg(long, conflicts_with = "ids")]
    all: bool,
}

impl Replay {
    pub(super) async fn run(self, parking: &Parking, output: Output) -> Result<(), Failure> {
        let which = if self.all { Which::All } else { Which::Ids(self.ids) };
        let replayed = parking.replay(&which).await?;
        let text = |replayed: &Vec<Replayed>| match replayed.as_slice() {
            [] => "No messages are parked.".to_owned().into(),
            all => Text::Lines(all.iter().map(sentence).collect()),
        };
        output.result(&replayed, text)?;
        match replayed.iter().filter(|message| message.outcome != Outcome::Replayed).count() {
            0 => Ok(()),
            some => Err(Failure::NotReplayed(some)),
        }
    }
}

fn sentence(message: &Replayed) -> String {
    let Replayed { id, queue, .. } = message;
    let queue = queue.as_deref().unwrap_or_default();
    match message.outcome {
        Outcome::Replayed => format!("{id} is back in {queue}."),
        Outcome::UnknownOrigin => format!("{id} is still parked: its work queue is unknown."),
        Outcome::NoQueue => format!("{id} is still parked: the queue {queue} does not exist."),
        Outcome::Refused => format!("{id} is still parked: the queue {queue} does not accept it now."),
    }
}

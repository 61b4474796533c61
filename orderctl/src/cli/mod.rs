//! The command line: what can be asked, and the way from a question to an exit code.

mod amount;
mod cancel;
mod context;
mod failure;
mod follow;
mod item;
mod login;
mod logout;
mod orders;
mod output;
mod parked;
mod password;
mod pay;
mod place;
mod products;
mod reconcile;
mod refund;
mod register;
mod show;
mod table;
mod watch;

use clap::{Parser, Subcommand};
use common::trace::{self, TraceContext};
use context::{Context, Options};
use failure::Failure;
use output::Output;
use std::process::ExitCode;

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  the service refused, and said why; or something failed here
  2  wrong usage
  3  the service cannot be reached, or cannot answer now
  4  not logged in, or the session has ended
  5  `place --watch` or `watch ORDER`: the order did not end as completed
  6  `reconcile`: the records differ";

/// Orders things from Orderflow, and follows them until they are done.
#[derive(Parser)]
#[command(name = "orderctl", version, after_help = EXIT_CODES, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Open an account.
    Register(register::Register),
    /// Log in; the session is kept for the commands to come.
    Login(login::Login),
    /// End the session.
    Logout,
    /// List the catalogue.
    Products(products::Products),
    /// Place an order.
    Place(place::Place),
    /// Show each status as it is pushed: of one order until it ends, or of all until Ctrl-C.
    Watch(watch::Watch),
    /// List orders, the newest first.
    Orders(orders::Orders),
    /// Show an order and what has happened to it.
    Show(show::Show),
    /// Call an order off.
    Cancel(cancel::Cancel),
    /// Pay an order whose payment was declined by another method.
    Pay(pay::Pay),
    /// Ask for an order's money back.
    Refund(refund::Refund),
    /// For operators: look into what could not be dealt with, send it back to work, or discard it.
    Parked(parked::Parked),
    /// For staff: compare the orders, payment-worker's ledger and the payment provider's list; print each difference.
    Reconcile(reconcile::Reconcile),
}

/// Does what the command line says.
pub(crate) async fn main() -> ExitCode {
    let Cli { options, command } = Cli::parse();
    let output = Output::new(options.json);
    // One trace for the whole command: its id finds in the services' logs what it set off.
    let context = TraceContext::root();
    // On the heap, because the future of the largest command has 17 KB.
    let done = Box::pin(async { run(Context::new(options, output)?, command).await });
    let done = trace::scope(context, done).await;
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure, &context.trace_id());
            failure.exit_code().into()
        }
    }
}

async fn run(context: Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Register(command) => command.run(&context).await,
        Command::Login(command) => command.run(&context).await,
        Command::Logout => logout::run(&context).await,
        Command::Products(command) => command.run(&context).await,
        Command::Place(command) => command.run(&context).await,
        Command::Watch(command) => command.run(&context).await,
        Command::Orders(command) => command.run(&context).await,
        Command::Show(command) => command.run(&context).await,
        Command::Cancel(command) => command.run(&context).await,
        Command::Pay(command) => command.run(&context).await,
        Command::Refund(command) => command.run(&context).await,
        Command::Parked(command) => command.run(context.output).await,
        Command::Reconcile(command) => command.run(&context).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}

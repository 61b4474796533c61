//! The commands of the command line, and their exit codes.

mod amount;
mod cancel;
mod colour;
mod confirm;
mod context;
mod failure;
mod follow;
mod item;
mod login;
mod logout;
mod order_name;
mod orders;
mod output;
mod parked;
mod password;
mod pay;
mod place;
mod printable;
mod products;
mod reconcile;
mod refund;
mod register;
mod show;
mod table;
mod text;
mod track;
mod usage;
mod value;
mod watch;

use clap::{Parser, Subcommand};
use context::{Context, Options};
use failure::Failure;
use output::Output;
use runtime::trace::{self, TraceContext};
use std::process::ExitCode;

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  the service refused the request, or the command failed
  2  the command line is not valid
  3  the service cannot be reached or cannot answer now
  4  not logged in, or the session has ended
  5  `place --watch` or `watch ORDER`: the order was not completed
  6  `reconcile`: the records differ";

/// Place orders and follow them to completion.
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
    /// Log in and store the session for later commands.
    Login(login::Login),
    /// End the session.
    Logout,
    /// List the products of the catalogue.
    Products(products::Products),
    /// Place an order.
    Place(place::Place),
    /// Follow one order until it ends, or all your orders until Ctrl-C.
    Watch(watch::Watch),
    /// List your orders, newest first. Staff see the orders of all customers.
    Orders(orders::Orders),
    /// Show an order and its history.
    Show(show::Show),
    /// Show the parcel of a completed order.
    Track(track::Track),
    /// Cancel an order.
    Cancel(cancel::Cancel),
    /// Pay an order with another method after its payment was declined.
    Pay(pay::Pay),
    /// Refund an order. Staff can refund completed orders, too.
    Refund(refund::Refund),
    /// For staff: list, show, replay or discard failed messages.
    Parked(parked::Parked),
    /// For staff: compare orders, ledger and payment provider, and print each difference.
    Reconcile(reconcile::Reconcile),
}

/// Parses the command line and runs the command.
pub(crate) async fn main() -> ExitCode {
    // The whole command has one trace, so that its id finds the log lines of all services.
    let context = TraceContext::root();
    let Cli { options, command } = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage::end(&error, &context.trace_id()),
    };
    let output = Output::new(options.json);
    // Boxed, because the future of the largest command has 17 KB.
    let done = Box::pin(async { Box::pin(run(Context::new(options, output)?, command)).await });
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
        Command::Track(command) => command.run(&context).await,
        Command::Cancel(command) => command.run(&context).await,
        Command::Pay(command) => command.run(&context).await,
        Command::Refund(command) => command.run(&context).await,
        Command::Parked(command) => command.run(&context).await,
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

//! `webhook-validator URL`: plays the sender against a real receiver and reports, clause by clause, what it does.
//!
//! It is meant for whoever builds or runs a receiver. It sends some twenty requests, of which those that carry a test event
//! only with consent and at the rate that was granted, and none after the receiver said that it wants no more. Exit status:
//! 0 all obligations met, 1 an obligation is not met, 2 wrong usage or no answer.

mod arguments;
mod checks;
mod clauses;
mod events;
mod exchange;
mod query;
mod report;
mod session;
mod text;
mod wire;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match checks::run(&arguments).await {
        Ok(report) => {
            let page = if arguments.json { report.json() } else { report.text(arguments.lang, arguments.verbose) };
            print!("{page}");
            ExitCode::from(u8::from(report.failed()))
        }
        Err(problem) => {
            eprintln!("webhook-validator: {}", problem.to(arguments.lang));
            ExitCode::from(2)
        }
    }
}

//! `webhook-validator URL`: plays the sender against a real receiver and reports, clause by clause, what it does.
//!
//! It is meant for whoever builds or runs a receiver. It sends a few requests, of which at most three carry a test event,
//! and none of those without consent. Exit status: 0 all obligations met, 1 an obligation is not met, 2 wrong usage or no answer.

mod arguments;
mod checks;
mod clauses;
mod exchange;
mod report;
mod text;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match checks::run(&arguments).await {
        Ok(report) => {
            let json = arguments.json;
            print!("{}", if json { report.json() } else { report.text() });
            ExitCode::from(u8::from(report.failed()))
        }
        Err(problem) => {
            eprintln!("webhook-validator: {}", problem.to(arguments.lang));
            ExitCode::from(2)
        }
    }
}

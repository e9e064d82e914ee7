//! `webhook-validator URL`: acts as a sender towards a real receiver and reports its behaviour clause by clause.
//!
//! It is for people who build or run a receiver. It sends some twenty requests. Those with a test event are sent only
//! with consent, at the granted rate, and not after the receiver has asked to stop. Exit status: 0 all obligations met,
//! 1 an obligation is not met, 2 wrong usage or no response. The checks are in the library.

mod arguments;
mod run;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let language = arguments.lang.into();
    match run::run(&arguments).await {
        Ok(report) => {
            let page = if arguments.json { report.json() } else { report.text(language, arguments.verbose) };
            print!("{page}");
            ExitCode::from(u8::from(report.failed()))
        }
        Err(problem) => {
            eprintln!("webhook-validator: {}", problem.to(language));
            ExitCode::from(2)
        }
    }
}

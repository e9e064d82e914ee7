//! The program `gateway`: hands the command line to the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    gateway::cli::main()
}

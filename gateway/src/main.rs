//! The program `gateway`: hands the command line to the library.

use std::process::ExitCode;

/// Requests make and drop many small pieces on several threads, which this allocator does in less time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    gateway::cli::main()
}

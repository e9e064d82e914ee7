//! The program `gateway`: hands the command line to the library.

use std::process::ExitCode;

/// For the C libraries as well. Requests make and drop many small pieces on several threads, which this allocator does in less
/// time than that of the C library, and what they no longer need goes back to the system.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    // Files hold secrets and personal data: what the program creates is its user's alone, directories 0700 and files 0600.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    gateway::cli::main()
}

//! The program `gateway`: hands the command line to the library.

use std::process::ExitCode;

/// For the C libraries as well. Requests make and drop many small pieces on several threads, which this allocator does in less
/// time than that of the C library, and what they no longer need goes back to the system.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    gateway::cli::main()
}

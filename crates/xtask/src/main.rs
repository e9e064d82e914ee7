//! Developer commands of this workspace: `cargo xtask test | tidy | deny | codegen | dist | simulate | chaos | bench`.
//!
//! Not part of the product, and links none of its packages: it builds, starts and measures them from outside.
//! The halves that measure and cause faults are behind the feature `bench`, so that `cargo xtask test` starts within seconds.
#![expect(clippy::disallowed_methods, reason = "a developer tool measures wall time itself")]

#[cfg(feature = "bench")]
mod bench;
mod bench_start;
#[cfg(feature = "bench")]
mod chaos;
mod chaos_start;
mod codegen;
mod coverage;
mod deny;
mod dist;
#[cfg(feature = "bench")]
mod limit;
mod prepare;
mod simulate;
mod stages;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Developer commands of this workspace")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run every check and test, stage by stage, each with its time
    Test(test::Options),
    /// Check the rules of the code base that no other tool checks
    Tidy,
    /// Check dependencies with cargo-deny, known vulnerabilities included; needs the network
    Deny,
    /// Fetch and compile the packages of other languages that tests need, as they do themselves
    Prepare,
    /// Write the generated files in schemas/ from the code
    Codegen(codegen::Options),
    /// Build what a release consists of: programs, Debian package, bill of materials, licences, checksums
    Dist(dist::Options),
    /// Run the simulation of the delivery engine for many seeds on all cores, or replay one world
    Simulate(simulate::Options),
    /// Run the gateway under random faults and compare the books of its clients with what it stored
    Chaos(chaos_start::Options),
    /// Build for release and measure the gateway beside the bare limit of this machine
    Bench(bench_start::Options),
    /// The measuring itself, from the release build
    #[cfg(feature = "bench")]
    #[command(hide = true)]
    BenchRun(bench::Options),
    /// The faults themselves, from the build with them
    #[cfg(feature = "bench")]
    #[command(hide = true)]
    ChaosRun(chaos::Options),
    /// One mode of the bare limit
    #[cfg(feature = "bench")]
    #[command(hide = true, subcommand)]
    Limit(limit::Mode),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Test(options) => test::run(&Workspace::find(), &options),
        Command::Tidy => tidy::run(&Workspace::find()),
        Command::Deny => deny::run(&Workspace::find()),
        Command::Prepare => prepare::run(&Workspace::find()),
        Command::Codegen(options) => codegen::run(&Workspace::find(), &options),
        Command::Dist(options) => dist::run(&Workspace::find(), &options),
        Command::Simulate(options) => simulate::run(&Workspace::find(), &options),
        Command::Chaos(options) => chaos_start::run(&Workspace::find(), &options),
        Command::Bench(options) => bench_start::run(&Workspace::find(), &options),
        #[cfg(feature = "bench")]
        Command::BenchRun(options) => bench::run(&Workspace::find(), &options),
        #[cfg(feature = "bench")]
        Command::ChaosRun(options) => chaos::run(&Workspace::find(), &options),
        #[cfg(feature = "bench")]
        Command::Limit(mode) => limit::run(&mode),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("xtask: {reason}");
            ExitCode::FAILURE
        }
    }
}

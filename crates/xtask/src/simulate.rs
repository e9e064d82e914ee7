//! `cargo xtask simulate`: builds the simulation of the delivery engine optimised and runs it on all cores. The
//! simulation itself, its progress and its traces are a test of the package `delivery`; this passes it its parameters.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use clap::Args;

use crate::test::executables;
use crate::workspace::{Failure, Workspace};

/// The test of `delivery` that is the simulation.
const TEST: &str = "sim::invariants_hold_in_every_world_i1_to_i8";

#[derive(Args)]
pub struct Options {
    /// How many seeds
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    seeds: u64,
    /// The first seed
    #[arg(long, value_name = "N", default_value_t = 0)]
    from: u64,
    /// Stop after this number of violations
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    violations: u32,
    /// How many threads; all cores by default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    threads: Option<u32>,
    /// Run the world of this seed and print what happens in it
    #[arg(long, value_name = "N", conflicts_with_all = ["seeds", "from", "violations", "threads", "world"])]
    seed: Option<u64>,
    /// Run one world by its parameters, as printed for the smallest failing one, and print what happens in it
    #[arg(long, value_name = "PARAMETERS", conflicts_with_all = ["seeds", "from", "violations", "threads"])]
    world: Option<String>,
}

pub fn run(workspace: &Workspace, options: &Options) -> Result<(), Failure> {
    let program = build(workspace)?;
    let mut command = workspace.command(program);
    command.args(["--exact", TEST, "--nocapture"]);
    // Standard output has the lines of libtest; the simulation writes to standard error.
    command.stdout(Stdio::null()).stderr(std::io::stdout());
    set_variables(&mut command, options);
    let status = command.status().map_err(|error| format!("the simulation does not start: {error}"))?;
    if status.success() { Ok(()) } else { Err("a promise does not hold".to_owned()) }
}

/// Builds the test executable with the profile `simulation`; returns its path.
fn build(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let mut command = workspace.cargo();
    command.args(["test", "--no-run", "--quiet", "--locked", "--profile", "simulation", "--package", "delivery"]);
    command.args(["--test", "delivery", "--message-format", "json-render-diagnostics"]);
    let built = executables::build_with(workspace, &mut command)?;
    built.executables.into_iter().next().map(|built| built.program).ok_or_else(|| "cargo built no test".to_owned())
}

/// The parameters of the simulation, as variables of the environment. Those of the caller's environment do not count.
fn set_variables(command: &mut Command, options: &Options) {
    for name in ["SIM_SEED", "SIM_WORLD", "SIM_SEEDS", "SIM_FROM", "SIM_VIOLATIONS", "SIM_THREADS"] {
        command.env_remove(name);
    }
    if let Some(world) = &options.world {
        command.env("SIM_WORLD", world);
    } else if let Some(seed) = options.seed {
        command.env("SIM_SEED", seed.to_string());
    } else {
        let cores = || std::thread::available_parallelism().map_or(1, |cores| cores.get() as u32);
        command.env("SIM_SEEDS", options.seeds.to_string()).env("SIM_FROM", options.from.to_string());
        command.env("SIM_VIOLATIONS", options.violations.to_string());
        command.env("SIM_THREADS", options.threads.unwrap_or_else(cores).to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(options: &Options) -> Vec<String> {
        let mut command = Command::new("simulation");
        set_variables(&mut command, options);
        let set = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
        set.map(|(name, value)| format!("{}={}", name.to_string_lossy(), value.to_string_lossy())).collect()
    }

    #[test]
    fn one_world_or_many_seeds_are_asked_for() {
        let many = Options { seeds: 7, from: 3, violations: 2, threads: Some(4), seed: None, world: None };
        assert_eq!(variables(&many), ["SIM_FROM=3", "SIM_SEEDS=7", "SIM_THREADS=4", "SIM_VIOLATIONS=2"]);
        assert_eq!(variables(&Options { seed: Some(9), ..many }), ["SIM_SEED=9"]);
        let many = Options { seeds: 7, from: 3, violations: 2, threads: Some(4), seed: None, world: None };
        assert_eq!(variables(&Options { world: Some("9 sinks=1".into()), ..many }), ["SIM_WORLD=9 sinks=1"]);
    }
}

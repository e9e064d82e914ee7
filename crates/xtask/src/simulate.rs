//! `cargo xtask simulate`: builds the simulation of the delivery engine optimised and runs it on all cores. The
//! simulation itself, its progress and its traces are a test of the package `delivery`; this passes it its parameters.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use clap::Args;

use crate::test::executables;
use crate::workspace::{Failure, Workspace};

/// The test of `delivery` that is the simulation.
const TEST: &str = "sim::invariants_hold_in_every_world_i1_to_i8";
/// The test of `delivery` that searches for planted bugs.
const PLANTED_TEST: &str = "planted::every_planted_bug_is_found_i1_to_i11";
/// The table of planted bugs, written when all of them were found.
const TABLE: &str = "docs/design/planted-bugs.md";
/// The value of `--planted` for all bugs.
const ALL: &str = "all";

/// How many seeds: of worlds without a planted bug, and for each planted bug at most.
const SEEDS: u64 = 10_000;
const PLANTED_SEEDS: u64 = 2_000;

#[derive(Args)]
pub struct Options {
    /// How many seeds; 10,000 by default, with `--planted` 2,000 at most for each bug
    #[arg(long, value_name = "N")]
    seeds: Option<u64>,
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
    /// Plant each bug of `delivery::planted`, or this one, and search for a seed that finds it
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = ALL, conflicts_with_all = ["seed", "world", "from", "violations"])]
    planted: Option<String>,
}

pub fn run(workspace: &Workspace, options: &Options) -> Result<(), Failure> {
    let program = build(workspace, options.planted.is_some())?;
    let mut command = workspace.command(program);
    command.args(["--exact", if options.planted.is_some() { PLANTED_TEST } else { TEST }, "--nocapture"]);
    // Standard output has the lines of libtest; the simulation writes to standard error.
    command.stdout(Stdio::null()).stderr(std::io::stdout());
    set_variables(&mut command, options);
    if options.planted.as_deref() == Some(ALL) {
        command.env("SIM_TABLE", workspace.path(TABLE));
    }
    let status = command.status().map_err(|error| format!("the simulation does not start: {error}"))?;
    match (status.success(), &options.planted) {
        (true, _) => Ok(()),
        (false, None) => Err("a promise does not hold".to_owned()),
        (false, Some(_)) => Err("a planted bug is not found".to_owned()),
    }
}

/// Builds the test executable with the profile `simulation`, with the bugs to plant in it if asked; returns its path.
fn build(workspace: &Workspace, with_bugs: bool) -> Result<PathBuf, Failure> {
    let mut command = workspace.cargo();
    command.args(["test", "--no-run", "--quiet", "--locked", "--profile", "simulation", "--package", "delivery"]);
    command.args(["--test", "delivery", "--message-format", "json-render-diagnostics"]);
    if with_bugs {
        command.args(["--features", "planted"]);
    }
    let built = executables::build_with(workspace, &mut command)?;
    built.executables.into_iter().next().map(|built| built.program).ok_or_else(|| "cargo built no test".to_owned())
}

/// The parameters of the simulation, as variables of the environment. Those of the caller's environment do not count.
fn set_variables(command: &mut Command, options: &Options) {
    let names = ["SIM_SEED", "SIM_WORLD", "SIM_SEEDS", "SIM_FROM", "SIM_VIOLATIONS", "SIM_THREADS"];
    for name in names.into_iter().chain(["SIM_PLANTED", "SIM_TABLE"]) {
        command.env_remove(name);
    }
    let cores = || std::thread::available_parallelism().map_or(1, |cores| cores.get() as u32);
    let threads = options.threads.unwrap_or_else(cores).to_string();
    if let Some(name) = &options.planted {
        command.env("SIM_PLANTED", name).env("SIM_THREADS", threads);
        command.env("SIM_SEEDS", options.seeds.unwrap_or(PLANTED_SEEDS).to_string());
    } else if let Some(world) = &options.world {
        command.env("SIM_WORLD", world);
    } else if let Some(seed) = options.seed {
        command.env("SIM_SEED", seed.to_string());
    } else {
        command.env("SIM_SEEDS", options.seeds.unwrap_or(SEEDS).to_string());
        command.env("SIM_FROM", options.from.to_string()).env("SIM_THREADS", threads);
        command.env("SIM_VIOLATIONS", options.violations.to_string());
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn variables(options: &Options) -> Vec<String> {
        let mut command = Command::new("simulation");
        set_variables(&mut command, options);
        let set = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
        set.map(|(name, value)| format!("{}={}", name.to_string_lossy(), value.to_string_lossy())).collect()
    }

    #[test]
    fn one_world_or_many_seeds_are_asked_for() {
        let many = || Options {
            seeds: Some(7),
            from: 3,
            violations: 2,
            threads: Some(4),
            seed: None,
            world: None,
            planted: None,
        };
        assert_eq!(variables(&many()), ["SIM_FROM=3", "SIM_SEEDS=7", "SIM_THREADS=4", "SIM_VIOLATIONS=2"]);
        assert_eq!(variables(&Options { seed: Some(9), ..many() }), ["SIM_SEED=9"]);
        assert_eq!(variables(&Options { world: Some("9 sinks=1".into()), ..many() }), ["SIM_WORLD=9 sinks=1"]);
    }

    #[test]
    fn planted_bugs_have_a_bound_of_their_own() {
        let options = |planted: &str| {
            Arguments::try_parse_from(["simulate", "--threads", "2"].into_iter().chain(planted.split(' ')))
        };
        let variables = |planted| variables(&options(planted).unwrap().options);
        assert_eq!(variables("--planted"), ["SIM_PLANTED=all", "SIM_SEEDS=2000", "SIM_THREADS=2"]);
        assert_eq!(variables("--planted A --seeds 9"), ["SIM_PLANTED=A", "SIM_SEEDS=9", "SIM_THREADS=2"]);
        assert!(options("--planted A --seed 9").is_err());
    }

    #[derive(clap::Parser)]
    struct Arguments {
        #[command(flatten)]
        options: Options,
    }
}

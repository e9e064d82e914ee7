//! `cargo xtask chaos`: builds the gateway and this program for release, then hands over to the latter. Causes no faults itself.

use std::path::PathBuf;

use clap::Args;

use crate::workspace::{Failure, Workspace, execute};

#[derive(Args)]
pub struct Options {
    /// For how long faults happen, in minutes; then the run waits until delivery has settled
    #[arg(long, value_name = "N", default_value_t = 10.0)]
    minutes: f64,
    /// The seed of the faults, as printed by an earlier run; without it another one every time
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// On Apache Kafka, started from deploy/kafka/broker, instead of the embedded file
    #[arg(long)]
    kafka: bool,
    /// Another program than the one of this checkout, which is then not built
    #[arg(long, value_name = "FILE")]
    gateway: Option<PathBuf>,
}

pub fn run(workspace: &Workspace, options: &Options) -> Result<(), Failure> {
    if !(options.minutes > 0.0 && options.minutes <= 10_000.0) {
        return Err("--minutes is more than 0 and at most 10000".to_owned());
    }
    let release = ["build", "--quiet", "--locked", "--release", "--package"];
    let gateway = if let Some(file) = &options.gateway {
        file.canonicalize().map_err(|error| format!("{}: {error}", file.display()))?
    } else {
        println!("Building for release; a first build takes some minutes.");
        execute(workspace.cargo().args(release).arg("gateway"))?;
        workspace.binary("release", "gateway")
    };
    // This program is what is built already, but for the half that causes faults: its speed does not matter.
    execute(workspace.cargo().args(["build", "--quiet", "--locked", "--package", "xtask", "--features", "bench"]))?;
    let seed = options.seed.unwrap_or_else(|| std::time::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs()));
    let minutes = options.minutes.to_string();
    let storage = if options.kafka { " --kafka" } else { "" };
    println!("Faults for {minutes} minutes; again with `cargo xtask chaos --minutes {minutes} --seed {seed}{storage}`");
    let mut command = workspace.command(workspace.binary("debug", "xtask"));
    command.args(["chaos-run", "--minutes", &minutes, "--seed", &seed.to_string()]).arg("--gateway").arg(gateway);
    if options.kafka {
        command.arg("--kafka");
    }
    execute(&mut command)
}

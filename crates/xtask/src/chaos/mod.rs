//! `cargo xtask chaos`: the built program under random faults, with books. Publishers post events and receivers accept them while the
//! program is killed, stopped, suspended and reconfigured, its disk and clock fail, what it stored is tampered with, and receivers
//! misbehave; then all faults end,
//! and the books are compared with each other and with what `gateway audit` and `gateway verify` find in the stored data.
//!
//! It does not measure, and does not look into the program: the books are those of its clients.

mod books;
mod broker;
mod compare;
mod explain;
mod faults;
mod node;
mod plan;
mod publishers;
mod random;
mod receivers;
mod settle;
mod shim;
mod subscriptions;
mod tamper;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;

use books::Books;
use broker::Network;
use compare::Balance;
use node::Node;
use plan::{Plan, Possible};
use publishers::Publishers;
use shim::Shim;
use subscriptions::Subscriptions;

use crate::bench::storage::{Storage, directory};
use crate::workspace::{Failure, Workspace};

#[derive(Args)]
pub struct Options {
    #[arg(long)]
    minutes: f64,
    #[arg(long)]
    seed: u64,
    #[arg(long)]
    kafka: bool,
    #[arg(long)]
    gateway: PathBuf,
}

/// Commands that examine the stored data at the end.
const EXAMINATIONS: [&[&str]; 3] = [&["verify"], &["audit", "verify"], &["audit", "deliveries"]];

pub fn run(workspace: &Workspace, options: &Options) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|error| format!("no runtime: {error}"))?;
    runtime.block_on(chaos(workspace, options))
}

async fn chaos(workspace: &Workspace, options: &Options) -> Result<(), Failure> {
    let files = directory(workspace)?;
    let path = files.path().to_path_buf();
    let mut network = if options.kafka { Some(Network::start(workspace, directory(workspace)?).await?) } else { None };
    let storage = match &network {
        Some(network) => Storage::kafka_sections(&network.address(), &path, "chaos")?,
        None => String::new(),
    };
    let shim = Shim::build(workspace, &path)?;
    let possible = Possible { shim: shim.is_some(), kafka: options.kafka };
    if shim.is_none() {
        println!("There is no C compiler: the disk and the clock do not fail.");
    }
    let mut node = Node::new(node::program(&options.gateway)?, files, storage, shim);
    let outcome = run_faults(options, possible, &mut node, network.as_mut()).await;
    if outcome.is_err() {
        node.kill();
        println!("The files of the run stay in {}", node.keep().display());
    }
    outcome
}

async fn run_faults(
    options: &Options,
    possible: Possible,
    node: &mut Node,
    mut network: Option<&mut Network>,
) -> Result<(), Failure> {
    node.start().await?;
    let mut subscriptions = Subscriptions::create(node).await?;
    let books = Arc::new(Books::new(options.kafka));
    let publishers = Publishers::start(&node.url, &node.client, &books);
    let (start, length) = (Instant::now(), Duration::from_secs_f64(options.minutes * 60.0));
    let mut plan = Plan::new(options.seed, possible);
    let mut steps = 0;
    loop {
        let step = plan.step();
        if start.elapsed() + step.after >= length {
            break;
        }
        tokio::time::sleep(step.after).await;
        println!("{:8.2} s  {:4}  {}", start.elapsed().as_secs_f64(), step.number, step.fault);
        let caused = faults::cause(step.fault, node, &mut subscriptions, network.as_deref_mut(), &books).await;
        caused.map_err(|reason| format!("step {}: {reason}", step.number))?;
        steps = step.number;
    }
    faults::end(node, &mut subscriptions, network).await?;
    publishers.stop().await;
    println!("{:8.2} s  no more faults", start.elapsed().as_secs_f64());
    let settled = settle::settle(node, &subscriptions).await?;
    println!("{:8.2} s  delivery has settled, {settled:.1?} after the last fault", start.elapsed().as_secs_f64());
    let balances = compare::compare(node, &subscriptions, &books).await?;
    let foreign = books.count_foreign();
    let unreadable = subscriptions.count_unreadable(node, foreign).await?;
    node.stop().await?;
    let (accepted, in_doubt, refused) = books.counts();
    println!(
        "{steps} faults; {accepted} events accepted, {in_doubt} in doubt, {refused} refused; the gateway ended by itself {} times",
        node.ended_by_itself
    );
    let mut differences =
        balances.iter().enumerate().filter_map(|(number, own)| report(number, own)).collect::<Vec<_>>();
    differences.extend(books.list_strange().into_iter().map(|answer| format!("an unexpected answer: {answer}")));
    println!(
        "{} stored events and {foreign} foreign records were tampered with; {unreadable} dead letters without a subscription",
        node.tampered.len()
    );
    // An event that everybody had got before is not read again. A foreign record always is.
    if unreadable < foreign || unreadable > foreign + node.tampered.len() {
        differences.push(format!("{unreadable} dead letters without a subscription"));
    }
    for arguments in EXAMINATIONS {
        let (is_good, printed) = node.examine(arguments)?;
        println!("gateway {}:\n{}", arguments.join(" "), printed.trim_end());
        let found = if is_good { None } else { explain::unexplained(&printed, node.tampered.len()) };
        differences.extend(found.map(|found| format!("`gateway {}` found something: {found}", arguments.join(" "))));
    }
    if accepted == 0 {
        differences.push("nothing was accepted".to_owned());
    }
    if differences.is_empty() { Ok(()) } else { Err(differences.join("\n")) }
}

/// Prints the comparison for a subscription; returns what is wrong, if anything is.
fn report(number: usize, own: &Balance) -> Option<String> {
    let Balance { arrived, dead_letters, tampered, lost, repeated, strange } = own;
    println!(
        "subscription {number}: {arrived} events arrived, {repeated} repeated, {dead_letters} dead letters, {tampered} tampered \
         with, {} lost, {} that nobody posted",
        lost.len(),
        strange.len()
    );
    let first = |ids: &[String]| ids.iter().take(10).cloned().collect::<Vec<_>>().join(", ");
    let is_good = lost.is_empty() && strange.is_empty();
    (!is_good).then(|| format!("subscription {number}: lost: {}; posted by nobody: {}", first(lost), first(strange)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The short form of a run, with the program that the tests built.
    #[test]
    fn a_short_run_balances() {
        let workspace = Workspace::find();
        let gateway = workspace.binary("debug", "gateway");
        run(&workspace, &Options { minutes: 0.3, seed: 2_026, kafka: false, gateway }).expect("the books agree");
    }
}

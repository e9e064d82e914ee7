//! Plants every bug of `delivery::planted` and runs worlds until its simulation finds it. The test begins with the seed of
//! docs/design/planted-bugs.md; `cargo xtask simulate --planted` begins at 0 and writes that table.
//!
//! | variable | what it does |
//! |---|---|
//! | `SIM_PLANTED=all` or a name | searches for all bugs, or for one, from seed 0 on |
//! | `SIM_SEEDS=n` | so many seeds at most for each bug |
//! | `SIM_THREADS=n` | so many threads |
//! | `SIM_TABLE=file` | writes the table there when every bug was found |

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use delivery::planted::{Bug, Simulation, plant};

use crate::{
    mailings,
    sim::{
        parameters::Parameters,
        trace::Trace,
        variable,
        violation::{self, Violation},
    },
};

/// Most seeds for each bug, unless `SIM_SEEDS` says otherwise.
const SEEDS: u64 = 2_000;

/// The table of all bugs.
const TABLE: &str = include_str!("../../../../docs/design/planted-bugs.md");

/// A bug and the first seed whose world breaks a promise.
type Found = (Bug, Option<(u64, Violation)>);

/// Runs worlds with a bug until one breaks a promise.
fn search(bug: Bug, seeds: impl Iterator<Item = u64>) -> Option<(u64, Violation)> {
    plant(Some(bug));
    let mut seeds = seeds;
    let found = seeds.find_map(|seed| {
        let outcome = match bug.simulation() {
            Simulation::Shards => violation::run(&Parameters::whole(seed), Trace::Off),
            Simulation::Mailings => violation::catch(|| mailings::run_any(seed)),
        };
        Some((seed, outcome.err()?))
    });
    plant(None);
    found
}

/// Searches for these bugs on several threads and writes a line for each.
fn search_all(bugs: &[Bug], most: u64, threads: usize) -> Vec<Found> {
    let (next, all) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(&bug) = bugs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let found = search(bug, 0..most);
            match &found {
                Some((seed, violation)) => eprintln!("{} after {} seeds: {violation}", bug.name(), seed + 1),
                None => eprintln!("{} NOT FOUND in {most} seeds: {}", bug.name(), bug.what()),
            }
            all.lock().expect("no thread panics while it writes").push((bug, found));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let mut all = all.into_inner().expect("no thread panics while it writes");
    all.sort_by_key(|(bug, _)| Bug::ALL.iter().position(|other| other == bug));
    all
}

/// The table as a document.
fn table(found: &[Found]) -> String {
    let mut text = String::from(
        "# Planted bugs\n\n\
         Written by `cargo xtask simulate --planted`. Each of these bugs is planted in the machines of `crates/delivery`, one at a \
         time, behind\nthe feature `planted` (`crates/delivery/src/planted.rs`); then worlds are simulated from seed 0 on until a \
         promise breaks. *Seeds* is the\nnumber of worlds that this took, *found as* the promise that the simulation reported first. \
         I1 to I8 are in\n[ARCHITECTURE.md](../../ARCHITECTURE.md#invariants), I9 to I11 and the ids of requirements in \
         [people.md](people.md); *once* means that nothing\nends or is repeated more often than a crash may cost. A bug that is not \
         found is a gap in the simulation.\n\n\
         | bug | what is wrong | breaks | seeds | found as |\n|---|---|---|---:|---|\n",
    );
    for (bug, found) in found {
        let Some((seed, violation)) = found else { continue };
        let (name, what, breaks) = (bug.name(), bug.what(), bug.breaks());
        let _ = writeln!(text, "| `{name}` | {what} | {breaks} | {} | {} |", seed + 1, violation.promise());
    }
    text
}

/// The number of seeds of each bug in the table.
fn seeds_of_table() -> BTreeMap<&'static str, u64> {
    let rows = TABLE.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split(" | ");
        Some((cells.next()?.trim_end_matches('`'), cells.nth(2)?.parse().ok()?))
    });
    rows.collect()
}

/// The search that the command asks for.
fn command(name: &str) {
    let chosen = |bug: &Bug| name == "all" || bug.name() == name;
    let bugs: Vec<Bug> = Bug::ALL.iter().copied().filter(chosen).collect();
    assert!(!bugs.is_empty(), "there is no planted bug `{name}`");
    let found = search_all(&bugs, variable("SIM_SEEDS").unwrap_or(SEEDS), variable("SIM_THREADS").unwrap_or(1));
    let missed: Vec<&str> = found.iter().filter(|(_, found)| found.is_none()).map(|(bug, _)| bug.name()).collect();
    assert!(missed.is_empty(), "not found: {}", missed.join(", "));
    eprintln!("all {} planted bugs are found", found.len());
    if let Some(file) = variable::<String>("SIM_TABLE") {
        std::fs::write(&file, table(&found)).unwrap_or_else(|error| panic!("{file}: {error}"));
    }
}

#[test]
fn every_planted_bug_is_found_i1_to_i11() {
    if let Some(name) = variable::<String>("SIM_PLANTED") {
        command(&name);
        return;
    }
    let table = seeds_of_table();
    for bug in Bug::ALL {
        let seeds = *table.get(bug.name()).unwrap_or_else(|| panic!("{} is not in the table", bug.name()));
        let found = search(*bug, std::iter::once(seeds - 1).chain(0..SEEDS));
        let (seed, violation) = found.unwrap_or_else(|| panic!("{} is not found: {}", bug.name(), bug.what()));
        let hint = "`cargo xtask simulate --planted` writes the table again";
        assert!(seed < seeds, "{} is found by seed {seed} ({violation}), not within {seeds} seeds: {hint}", bug.name());
    }
    assert_eq!(table.len(), Bug::ALL.len(), "the table has no other rows");
}

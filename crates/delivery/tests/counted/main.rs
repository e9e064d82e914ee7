//! What one event costs in instructions and allocations, in the pure functions on its path: read and checked, made a record, read back,
//! matched, rendered; and that a subscription costs the same to create beside few and beside many. valgrind counts them, so the speed
//! of the machine has no part in it; `figures.txt` has the numbers.
//!
//! The test starts its own executable again under `valgrind --tool=callgrind`, which counts within [`parts::counted_part`] only.
//! valgrind shows a program the same processor on every machine with AVX2. What is left of chance, the seeds of hash tables and the
//! C library, is far below the bound. Another compiler or an incremental build makes other code, so `figures.txt` names its compiler, and for
//! another one the bounds are wider. No part here waits, writes or starts a thread: those costs are measured by `cargo xtask bench`.

mod callgrind;
mod created;
mod figures;
mod parts;

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use callgrind::Counts;
use figures::Figures;

/// Set in the process that valgrind runs.
const COUNTED: &str = "COUNTED_PART_OF_A_TEST";
/// Set to write the figures instead of comparing with them.
const WRITE: &str = "COUNTED_WRITE";

/// Does the work under valgrind, and nothing otherwise.
#[test]
fn work() {
    if std::env::var_os(COUNTED).is_some() {
        parts::run();
    }
}

/// Runs [`work`] under callgrind in a directory.
fn count(directory: &Path) -> Vec<Counts> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--collect-atstart=no", "--quiet"]);
    // Two patterns: callgrind takes only the first of two options with the same one.
    command.args(["--toggle-collect=*counted_part*", "--dump-after=counted::parts::counted_part"]);
    command.arg(format!("--callgrind-out-file={}", directory.join("out").display()));
    command.arg(std::env::current_exe().expect("the own program"));
    command.args(["--exact", "work", "--test-threads=1"]).env(COUNTED, "1");
    let done = command.output().expect("valgrind is installed: apt-get install valgrind");
    let printed = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
    assert!(done.status.success(), "{printed}");
    let read = |number: usize| {
        let file = directory.join(format!("out.{}", number + 1));
        let text =
            std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}\n{printed}", file.display()));
        callgrind::read(&text).unwrap_or_else(|reason| panic!("{}: {reason}", file.display()))
    };
    (0..parts::NAMES.len() + parts::BESIDE.len()).map(read).collect()
}

/// What was counted: the parts of [`parts::NAMES`], and those of [`parts::BESIDE`].
fn counted() -> (&'static [Counts], &'static [Counts]) {
    static COUNTS: OnceLock<Vec<Counts>> = OnceLock::new();
    let counts = COUNTS.get_or_init(|| count(tempfile::tempdir().expect("a directory").path()));
    counts.split_at(parts::NAMES.len())
}

#[cfg(target_arch = "x86_64")]
#[test]
fn an_event_costs_as_many_instructions_and_allocations_as_before() {
    let counted = Figures::of(&parts::NAMES, counted().0, parts::TIMES);
    if std::env::var_os(WRITE).is_some() {
        counted.write();
        return;
    }
    let differences = Figures::kept().compare(&counted);
    assert!(
        differences.is_empty(),
        "{}\nWhen that is meant: {WRITE}=1 cargo test -p delivery --features delivery/planted --test counted, and commit figures.txt",
        differences.join("\n")
    );
}

/// One look at each other subscription, of a few instructions, would be seen.
#[cfg(target_arch = "x86_64")]
#[test]
fn h17_a_subscription_costs_as_much_to_create_beside_many_as_beside_few() {
    let (_, [few, many]) = counted() else { panic!("two parts") };
    let each = |count: u64| count as f64 / f64::from(parts::TIMES);
    let others = f64::from(parts::BESIDE[1] - parts::BESIDE[0]);
    let by_other = (each(many.instructions) - each(few.instructions)) / others;
    println!("{few:?} beside {}, {many:?} beside {}", parts::BESIDE[0], parts::BESIDE[1]);
    assert!(by_other < 1.0, "{by_other} more instructions for each other subscription: {few:?}, {many:?}");
}

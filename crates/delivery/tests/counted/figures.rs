//! The kept figures, and what differs from them.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

use crate::callgrind::Counts;

/// By how much instructions may differ with the compiler of the figures, and with another one, as a share.
const BOUNDS: (f64, f64) = (0.05, 0.30);
/// By how many allocations an event may differ with the compiler of the figures, and with another one: one more is found.
const ALLOCATIONS: (f64, f64) = (0.5, 2.0);

/// Figures for one event.
#[derive(Debug, PartialEq)]
pub struct Figures {
    compiler: String,
    /// Name, instructions, allocations.
    parts: Vec<(String, f64, f64)>,
}

fn file() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/counted/figures.txt"))
}

/// The version of the compiler, as `rustc --version` prints it, and whether it compiles incrementally, which makes other code.
fn compiler() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let done = Command::new(rustc).arg("--version").output().expect("rustc");
    let version = String::from_utf8_lossy(&done.stdout).trim().to_owned();
    match option_env!("CARGO_INCREMENTAL") {
        Some("0") => version,
        _ => format!("{version}, incremental"),
    }
}

impl Figures {
    /// What was counted in so many repetitions.
    pub fn of(names: &[&str], counts: &[Counts], times: u32) -> Self {
        let each = |count: u64| (count as f64 / f64::from(times) * 10.0).round() / 10.0;
        let part = |(name, counts): (&&str, &Counts)| {
            ((*name).to_owned(), each(counts.instructions).round(), each(counts.allocations))
        };
        Self { compiler: compiler(), parts: names.iter().zip(counts).map(part).collect() }
    }

    /// Those of `figures.txt`.
    pub fn kept() -> Self {
        let text = std::fs::read_to_string(file()).expect("figures.txt");
        Self::read(&text).unwrap_or_else(|| panic!("figures.txt cannot be read:\n{text}"))
    }

    fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        let compiler = lines.next()?.to_owned();
        let part = |line: &str| {
            let (counts, name) = line.split_once("  ")?;
            let (instructions, allocations) = counts.split_once(' ')?;
            Some((name.to_owned(), instructions.parse().ok()?, allocations.parse().ok()?))
        };
        Some(Self { compiler, parts: lines.map(part).collect::<Option<_>>()? })
    }

    fn text(&self) -> String {
        let mut text = "# Compiler; then instructions and allocations for one event, and what is done to it. Written by the test.\n".to_owned();
        // Writing to a text does not fail.
        let _ = writeln!(text, "{}", self.compiler);
        for (name, instructions, allocations) in &self.parts {
            let _ = writeln!(text, "{instructions} {allocations}  {name}");
        }
        text
    }

    pub fn write(&self) {
        std::fs::write(file(), self.text()).expect("figures.txt");
    }

    /// A line for each figure that differs by more than it may.
    pub fn compare(&self, counted: &Self) -> Vec<String> {
        let is_same = self.compiler == counted.compiler;
        let names = |figures: &Self| figures.parts.iter().map(|(name, ..)| name.clone()).collect::<Vec<_>>();
        if names(self) != names(counted) {
            return vec![format!("the parts are {:?} instead of {:?}", names(counted), names(self))];
        }
        let (bound, allocations) = if is_same { (BOUNDS.0, ALLOCATIONS.0) } else { (BOUNDS.1, ALLOCATIONS.1) };
        let mut differences = Vec::new();
        for ((name, before, before_made), (_, now, now_made)) in self.parts.iter().zip(&counted.parts) {
            let change = now / before - 1.0;
            if change.abs() > bound {
                differences.push(format!("{name}: {now} instructions instead of {before}, {:+.1} %", change * 100.0));
            }
            if (now_made - before_made).abs() > allocations {
                differences.push(format!("{name}: {now_made} allocations instead of {before_made}"));
            }
        }
        differences
    }
}

#[test]
fn differences_beyond_the_bound_are_found() {
    let figures = |compiler: &str, instructions, allocations| Figures {
        compiler: compiler.to_owned(),
        parts: vec![("one".to_owned(), 1_000.0, 3.0), ("two".to_owned(), instructions, allocations)],
    };
    let kept = figures("rustc 1", 2_000.0, 5.0);
    assert_eq!(Figures::read(&kept.text()).as_ref(), Some(&kept));
    for (now, found) in [
        (figures("rustc 1", 2_099.0, 5.0), 0),
        (figures("rustc 1", 2_101.0, 5.0), 1),
        (figures("rustc 1", 1_899.0, 5.0), 1),
        (figures("rustc 1", 2_000.0, 6.0), 1),
        (figures("rustc 2", 2_590.0, 6.0), 0),
        (figures("rustc 2", 2_610.0, 8.0), 2),
    ] {
        assert_eq!(kept.compare(&now).len(), found, "{now:?}");
    }
}

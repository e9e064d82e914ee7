//! Which test executables may run at the same time. Most of them wait: for a time-out, a broker, another program; on two cores
//! four of those run concurrently. What computes weighs more, and what measures, kills or fills a disk runs alone.

use super::executables::Executable;

/// How much of the machine an executable takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// It waits most of the time.
    Light,
    /// It keeps a core or more busy.
    Busy,
    /// Nothing runs beside it.
    Alone,
}

/// Package, target, weight and reason. They are started in this order, those that take longest first; what is not listed is
/// light and comes after them.
const LISTED: &[(&str, &str, Weight, &str)] = &[
    ("gateway", "kafka", Weight::Busy, "takes minutes: up to three brokers and three nodes of its own"),
    (
        "interop",
        "software",
        Weight::Busy,
        "takes minutes: browsers, and the compilers and virtual machines of other languages",
    ),
    ("conformance", "gateway", Weight::Busy, "takes minutes: time-outs and retries"),
    ("storage", "kafka", Weight::Busy, "takes minutes: sessions that run out, topics that are made"),
    ("interop", "deploy", Weight::Light, "takes minutes: brokers that start"),
    ("delivery", "delivery", Weight::Busy, "simulates worlds, and computes all the time"),
    ("conformance", "suite", Weight::Light, "takes minutes: planted faults that show after a time-out"),
    ("gateway", "http", Weight::Light, "takes a minute"),
    (
        "storage",
        "alone",
        Weight::Alone,
        "kills processes, fails disks and stops brokers, some with bounds on the time after",
    ),
    ("gateway", "crash", Weight::Alone, "bounds what is repeated by what may be under way in a moment"),
];

/// Package and target of every executable that is not light.
pub fn listed() -> impl Iterator<Item = (&'static str, &'static str)> {
    LISTED.iter().map(|(package, target, ..)| (*package, *target))
}

/// An executable with its weight, and its position in the order of starting: the smallest starts first.
#[derive(Clone, Copy)]
pub struct WeightedExecutable<'a> {
    pub executable: &'a Executable,
    pub weight: Weight,
    pub place: usize,
}

pub fn of(executable: &Executable) -> WeightedExecutable<'_> {
    let is_listed = |(package, target, ..): &(&str, &str, Weight, &str)| {
        executable.package == *package && executable.target == *target
    };
    let place = LISTED.iter().position(is_listed).unwrap_or(LISTED.len());
    let weight = LISTED.get(place).map_or(Weight::Light, |(_, _, weight, _)| *weight);
    WeightedExecutable { executable, weight, place }
}

impl Weight {
    /// Its share of the machine, of [`capacity`].
    pub fn share(self, cores: usize) -> usize {
        match self {
            Self::Light => 1,
            Self::Busy => 2,
            Self::Alone => capacity(cores),
        }
    }
}

/// What fits on a machine with so many cores at the same time.
pub fn capacity(cores: usize) -> usize {
    2 * cores
}

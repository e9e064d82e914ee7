//! Which faults happen and in which order: drawn from a seed, so that a run can be repeated. Not how a fault is caused
//! (`faults`). What a fault does to the program, and how long that takes, is not drawn and can differ between two runs.

use std::fmt;
use std::time::Duration;

use super::random::Random;
use super::receivers::{Mood, RECEIVERS};
use super::subscriptions::Change;

/// A fault, with everything that is drawn of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// SIGKILL, and a start after this time.
    Kill { down: Duration },
    /// SIGTERM, and a start after it has ended.
    Restart,
    /// SIGTERM, and a start with other settings of delivery.
    Configure(Delivery),
    /// SIGSTOP, and SIGCONT after this time.
    Suspend(Duration),
    /// A receiver behaves like this for some time.
    Receiver { number: usize, mood: Mood, lasts: Duration },
    /// A client changes a subscription.
    Subscription(Change),
    /// The disk fails for some time.
    Disk { trouble: Disk, lasts: Duration },
    /// The wall clock of the program differs from now on by so many seconds from that of the machine.
    Clock { seconds: i64 },
    /// The broker is killed, and started again after this time.
    Broker { down: Duration },
    /// Nothing passes between the program and the broker for some time.
    Partition(Duration),
    /// SIGTERM, a changed byte in a stored event, chosen by this number, and a start.
    Tamper { pick: u64 },
    /// Another program writes a record to the topic of the kanaal: an event, or what is none.
    Foreign { number: u64, is_event: bool },
}

/// How a disk fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disk {
    /// Writes fail with ENOSPC.
    Full,
    /// Writes and synchronisations fail with EIO.
    Broken,
    /// Each synchronisation takes this much longer.
    Slow(Duration),
}

/// Settings of delivery that a fault changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    pub checkpoint_ms: u64,
    pub window: u64,
    pub max_in_flight: u64,
}

/// The settings at the start of a run.
pub const USUAL: Delivery = Delivery { checkpoint_ms: 200, window: 1_000, max_in_flight: 64 };

/// A kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Kill,
    Restart,
    Configure,
    Suspend,
    Receiver,
    Subscription,
    Disk,
    Clock,
    Broker,
    Partition,
    Tamper,
    Foreign,
}

/// Which faults this machine and this storage can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Possible {
    /// Whether faults of the disk and of the clock can be simulated: there is a C compiler.
    pub shim: bool,
    /// Whether events are stored on a broker.
    pub kafka: bool,
}

/// One step: what happens, and how long after the step before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub number: u64,
    pub after: Duration,
    pub fault: Fault,
}

/// The sequence of steps of a seed; it has no end.
pub struct Plan {
    random: Random,
    kinds: Vec<Kind>,
    number: u64,
}

impl Plan {
    pub fn new(seed: u64, possible: Possible) -> Self {
        let mut kinds = vec![Kind::Kill, Kind::Kill, Kind::Kill, Kind::Restart, Kind::Configure, Kind::Suspend];
        kinds.extend([Kind::Receiver; 4]);
        kinds.extend([Kind::Subscription; 4]);
        if possible.shim && !possible.kafka {
            kinds.extend([Kind::Disk; 3]);
            // The client of Kafka waits by the wall clock.
            kinds.extend([Kind::Clock; 2]);
        }
        if possible.kafka {
            kinds.extend([Kind::Broker, Kind::Partition, Kind::Partition, Kind::Foreign, Kind::Foreign]);
        } else {
            kinds.push(Kind::Tamper);
        }
        Self { random: Random::new(seed), kinds, number: 0 }
    }

    /// The next step.
    pub fn step(&mut self) -> Step {
        self.number += 1;
        let random = &mut self.random;
        let after = millis(random, 100, 2_000);
        let fault = match random.one_of(&self.kinds) {
            Kind::Kill => Fault::Kill { down: millis(random, 0, 1_000) },
            Kind::Restart => Fault::Restart,
            Kind::Configure => Fault::Configure(Delivery {
                checkpoint_ms: random.one_of(&[50, 200, 1_000]),
                window: random.one_of(&[64, 256, 1_000]),
                max_in_flight: random.one_of(&[1, 8, 64]),
            }),
            Kind::Suspend => Fault::Suspend(millis(random, 50, 4_000)),
            Kind::Receiver => Fault::Receiver {
                number: random.between(0, RECEIVERS as u64 - 1) as usize,
                mood: random.one_of(&Mood::BAD),
                lasts: millis(random, 200, 8_000),
            },
            Kind::Subscription => Fault::Subscription(random.one_of(&Change::ALL)),
            Kind::Disk => Fault::Disk {
                trouble: match random.between(0, 2) {
                    0 => Disk::Full,
                    1 => Disk::Broken,
                    _ => Disk::Slow(millis(random, 20, 400)),
                },
                lasts: millis(random, 50, 4_000),
            },
            Kind::Clock => Fault::Clock { seconds: random.one_of(&CLOCKS) },
            Kind::Broker => Fault::Broker { down: millis(random, 0, 5_000) },
            Kind::Partition => Fault::Partition(millis(random, 200, 15_000)),
            Kind::Tamper => Fault::Tamper { pick: random.between(0, u64::from(u32::MAX)) },
            Kind::Foreign => Fault::Foreign { number: self.number, is_event: random.one_of(&[true, false]) },
        };
        Step { number: self.number, after, fault }
    }
}

/// By how many seconds the clock of the program may be wrong. A token that was issued a minute in the future is refused.
const CLOCKS: [i64; 6] = [-50, -5, 0, 5, 60, LATEST_CLOCK];
/// The largest of them.
pub const LATEST_CLOCK: i64 = 1_000;

fn millis(random: &mut Random, from: u64, until: u64) -> Duration {
    Duration::from_millis(random.between(from, until))
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill { down } => write!(f, "kill the gateway; start it after {down:?}"),
            Self::Restart => write!(f, "stop the gateway and start it again"),
            Self::Configure(Delivery { checkpoint_ms, window, max_in_flight }) => write!(
                f,
                "restart the gateway with checkpoint_ms {checkpoint_ms}, window {window}, max_in_flight {max_in_flight}"
            ),
            Self::Suspend(time) => write!(f, "suspend the gateway for {time:?}"),
            Self::Receiver { number, mood, lasts } => write!(f, "receiver {number} {mood} for {lasts:?}"),
            Self::Subscription(change) => write!(f, "{change}"),
            Self::Disk { trouble: Disk::Full, lasts } => write!(f, "the disk is full for {lasts:?}"),
            Self::Disk { trouble: Disk::Broken, lasts } => write!(f, "writes fail with EIO for {lasts:?}"),
            Self::Disk { trouble: Disk::Slow(delay), lasts } => {
                write!(f, "each synchronisation takes {delay:?} longer for {lasts:?}")
            }
            Self::Clock { seconds } => write!(f, "the clock of the gateway differs by {seconds} s"),
            Self::Broker { down } => write!(f, "kill the broker; start it after {down:?}"),
            Self::Partition(time) => write!(f, "cut the network to the broker for {time:?}"),
            Self::Tamper { .. } => write!(f, "change a byte of a stored event while the gateway is stopped"),
            Self::Foreign { is_event: true, .. } => write!(f, "another program writes an event to the topic"),
            Self::Foreign { is_event: false, .. } => write!(f, "another program writes what is no event to the topic"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::mem::{Discriminant, discriminant};

    use super::*;

    fn steps(seed: u64, possible: Possible) -> Vec<Step> {
        let mut plan = Plan::new(seed, possible);
        (0..500).map(|_| plan.step()).collect()
    }

    #[test]
    fn equal_seeds_give_equal_faults_and_every_kind_comes() {
        let (embedded, kafka) = (Possible { shim: true, kafka: false }, Possible { shim: true, kafka: true });
        assert_eq!(steps(7, embedded), steps(7, embedded));
        assert_ne!(steps(7, embedded), steps(8, embedded));
        let kinds = |possible| {
            let kinds: Vec<Discriminant<Fault>> =
                steps(7, possible).iter().map(|step| discriminant(&step.fault)).collect();
            let names: BTreeSet<String> = kinds.iter().map(|kind| format!("{kind:?}")).collect();
            names.len()
        };
        assert_eq!((kinds(embedded), kinds(kafka)), (9, 9));
        assert_eq!(kinds(Possible { shim: false, kafka: false }), 7, "neither disk nor clock");
    }
}

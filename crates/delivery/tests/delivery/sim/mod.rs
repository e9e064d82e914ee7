//! A seeded simulation of the delivery machine: virtual time, logs, progress and sinks in memory, and everything that
//! can fail. Each seed is one world that runs, fails, is repaired and must then have settled every event.
//!
//! `SIM_SEED=n` runs one seed and prints what happens; `SIM_SEEDS=n` runs so many.

mod changes;
mod made;
mod oracle;
mod sinks;
mod world;

use self::world::World;

/// Worlds of one run of the tests, unless `SIM_SEEDS` says otherwise.
const SEEDS: u64 = 300;

#[test]
fn invariants_hold_in_every_world_i1_to_i8() {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    if let Some(seed) = number("SIM_SEED") {
        World::new(seed, true).run();
        return;
    }
    let (mut sent, seeds) = (0, number("SIM_SEEDS").unwrap_or(SEEDS));
    for seed in 0..seeds {
        let outcome = std::panic::catch_unwind(|| World::new(seed, false).run());
        match outcome {
            Ok(made) => sent += made,
            Err(reason) => {
                println!("the world of SIM_SEED={seed} broke a promise");
                std::panic::resume_unwind(reason)
            }
        }
    }
    assert!(sent > seeds * 100, "the worlds are alive: {sent} requests");
}

//! Simulated worlds of mailings by seed: random replies, outages, people who come and leave, and crashes between any two
//! effects, which only durable checkpoints and evidence survive. After every step it checks I9, the bound on memory and the
//! counts; at the end I11: nobody is skipped, and no more messages are sent twice than the bound allows. And the rules, one a test.

mod made;
mod obligatory;
mod paused;
mod rules;
mod world;

use model::addressee::Channel;

use self::world::World;

/// So many steps happen before a mailing is stopped.
const BEFORE_STOP: usize = 150;

/// Runs the world of a seed; `is_stopped`: the mailing is stopped in the middle. Returns the number of crashes.
fn run(seed: u64, channel: Channel, is_stopped: bool) -> usize {
    let mut world = World::new(seed, channel);
    if is_stopped {
        for _ in 0..BEFORE_STOP {
            if world.finished.is_none() {
                world.step();
            }
        }
        world.stop();
    }
    world.run();
    world.check_end();
    world.crashes
}

/// Runs the world of a seed with the channel that follows from it; every third one is stopped.
#[cfg(feature = "planted")]
pub fn run_any(seed: u64) -> u64 {
    let channel = if seed.is_multiple_of(2) { Channel::Email } else { Channel::Sms };
    run(seed, channel, seed % 3 == 2) as u64
}

#[test]
fn crashes_outages_and_leavers_i9_i11_ch_86_ch_90_ch_91_ch_144() {
    let channels = [Channel::Email, Channel::Sms];
    let crashes: usize = (0..60).flat_map(|seed| channels.map(|channel| run(seed, channel, false))).sum();
    assert!(crashes > 300, "the simulation crashed {crashes} times");
}

#[test]
fn a_stop_amid_crashes_sends_nothing_more_ch_94() {
    for seed in 100..130 {
        run(seed, Channel::Email, true);
    }
}

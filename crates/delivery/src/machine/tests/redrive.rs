//! Runs over records: when the dead letters that they redrive are removed, when they end, and what a restart finds.

use model::{
    outcome::Outcome::{Delivered, Ended, Refused},
    run::{RunId, RunSelection},
};

use super::*;

fn redrive(rig: &Rig, records: std::ops::Range<u64>) -> Run {
    Run {
        id: RunId(uuid::Uuid::from_u128(10)),
        subscription: rig.subscriptions[0].id,
        what: RunSelection::Records(records.map(|at| (kanaal(), Partition(0), position(at))).collect()),
        asked_by: "o".into(),
        created: rig.now,
    }
}

/// So many events became dead letters, and a run redrives them all.
fn redriving(count: u64) -> Rig {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(count as usize);
    rig.answer_all(&status(422));
    rig.pass(Duration::from_secs(1));
    let run = redrive(&rig, 0..count);
    rig.runs.push(run.clone());
    rig.input(Input::Run(Arc::new(run)));
    rig
}

fn removed(rig: &Rig) -> Vec<u64> {
    rig.redriven.iter().map(|key| key.position.0).collect()
}

#[test]
fn h1_dead_letters_are_removed_with_the_checkpoint_and_then_the_run_ends() {
    let mut rig = redriving(20);
    assert_eq!(rig.answer_all(&status(204)), (0..20).collect::<Vec<_>>());
    assert!(rig.redriven.is_empty() && rig.runs.len() == 1, "nothing is stored yet");
    rig.pass(Duration::from_secs(1));
    assert_eq!(removed(&rig), (0..20).collect::<Vec<_>>());
    assert!(rig.redriven.iter().all(|key| key.run == Some(RunId(uuid::Uuid::from_u128(10)))));
    assert!(rig.runs.is_empty(), "it ends when that is stored");
    rig.restart();
    assert!(rig.sent.is_empty());
}

#[test]
fn h1_a_restart_within_a_run_continues_it_and_removes_the_rest() {
    let mut rig = redriving(20);
    for _ in 0..15 {
        rig.answer(status(204));
    }
    rig.pass(Duration::from_secs(1));
    assert_eq!(removed(&rig), (0..15).collect::<Vec<_>>());
    assert_eq!(rig.runs.len(), 1);
    rig.restart();
    assert_eq!(rig.answer_all(&status(204)), (15..20).collect::<Vec<_>>(), "what is stored is not repeated");
    rig.pass(Duration::from_secs(1));
    assert_eq!(removed(&rig), (0..20).collect::<Vec<_>>());
    assert!(rig.runs.is_empty());
}

#[test]
fn h1_a_crash_before_the_checkpoint_repeats_and_removes_nothing_unsent() {
    let mut rig = redriving(3);
    rig.answer(status(204));
    rig.restart();
    assert_eq!(rig.redriven, []);
    rig.answer(status(204));
    rig.answer(status(422));
    rig.change(0, |one| one.status = Status::Gone { at: Timestamp::default() });
    rig.answer_all(&status(500));
    rig.pass(Duration::from_secs(1));
    assert_eq!(rig.outcomes(0).split_off(4), [(0, Delivered), (1, Refused), (2, Ended)]);
    assert_eq!(removed(&rig), [0, 1], "what was not sent stays a dead letter");
}

#[test]
fn h1_a_stop_stores_the_removal() {
    let mut rig = redriving(3);
    rig.answer_all(&status(204));
    rig.input(Input::Drain);
    while !rig.machine.is_stored() {
        rig.machine.hurry_checkpoint();
        rig.go();
    }
    assert_eq!(removed(&rig), [0, 1, 2]);
}

#[test]
fn h5_what_was_listed_for_something_deleted_before_a_start_is_ended() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(2);
    rig.answer(status(500));
    rig.answer(status(204));
    rig.pass(Duration::from_secs(1));
    rig.journal.clear();
    let gone = rig.subscriptions.remove(0).id;
    rig.restart();
    let ended = |entry: &Entry| match entry {
        Entry::Settled { delivery, outcome, attempts, .. } => {
            Some((delivery.subscription, delivery.position.0, *outcome, *attempts))
        }
        _ => None,
    };
    assert_eq!(rig.journal.iter().filter_map(ended).collect::<Vec<_>>(), [(gone, 0, Ended, 1)]);
}

#[test]
fn h5_the_pace_of_a_sink_is_stored_at_once_and_moves_no_mark() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(3);
    rig.pass(Duration::from_secs(1));
    rig.publish(3);
    rig.answer(status(204));
    let before = rig.store.clone();
    rig.answer(wait(429, 60));
    let mut after = rig.store.clone();
    assert!(after.remove(&Key::Sink(rig.subscriptions[0].sink.key().to_owned())).is_some());
    assert_eq!(after, before, "marks and settled deliveries wait for the journal");
}

/// What the journal has of the run: records done, and whether it ended.
fn progress(rig: &Rig) -> Vec<(u64, bool)> {
    let of = |entry: &Entry| match entry {
        Entry::Run(run) => {
            assert_eq!((run.id, run.total), (RunId(uuid::Uuid::from_u128(10)), 20));
            Some((run.done, run.ended.is_some()))
        }
        _ => None,
    };
    rig.journal.iter().filter_map(of).collect()
}

#[test]
fn the_progress_of_a_run_is_recorded_at_most_once_a_second_and_at_its_end() {
    let mut rig = redriving(20);
    assert_eq!(progress(&rig), [(0, false)]);
    for _ in 0..5 {
        rig.answer(status(204));
    }
    assert_eq!(progress(&rig), [(0, false)], "a second has not passed");
    rig.pass(Duration::from_secs(1));
    assert_eq!(progress(&rig), [(0, false), (5, false)]);
    rig.pass(Duration::from_mins(1));
    assert_eq!(progress(&rig), [(0, false), (5, false)], "nothing changed");
    rig.restart();
    assert_eq!(progress(&rig).last(), Some(&(5, false)), "a restart continues from what is stored");
    rig.answer_all(&status(204));
    rig.pass(Duration::from_secs(1));
    rig.input(Input::RunEnded(RunId(uuid::Uuid::from_u128(10))));
    assert_eq!(progress(&rig).last(), Some(&(20, true)));
}

#[test]
fn a_run_that_is_stopped_ends_with_what_was_done() {
    let mut rig = redriving(20);
    for _ in 0..5 {
        rig.answer(status(204));
    }
    rig.runs.clear();
    rig.input(Input::RunEnded(RunId(uuid::Uuid::from_u128(10))));
    assert_eq!(progress(&rig), [(0, false), (5, true)]);
}

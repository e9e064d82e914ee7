//! The course of a world: what happens to it from outside, and when. Each step draws from a sequence of its own, so that
//! it does the same when others are left out.

use std::{sync::Arc, time::Duration};

use delivery::machine::Input;
use model::{
    Mark, Position, Random, Sink, Subscription, SubscriptionId,
    clock::SeededRandom,
    consent::Consent,
    run::{Range, Run, RunId, RunSelection},
    subscription::Status,
};

use super::{
    changes::{change_member, change_selection, start_anew},
    made::{SINKS, TYPES, any_subscription, item, name, url},
    oracle::PartitionName,
    parameters::{Parameters, Part},
    sinks::{Mood, below, chance},
    trace,
    world::{Coming, World},
};

/// Most events of one publication.
pub const MOST_EVENTS: u64 = 40;

/// A kind of step.
#[derive(Debug, Clone, Copy)]
pub enum Fate {
    Publish,
    Mood,
    Crash,
    Pause,
    Change,
    Trim,
    Clock,
    Replay,
    Subscribe,
    Consent,
    Approval,
    Delete,
    Extra,
    Handover,
    Kanalen,
    OtherNode,
}

/// Every kind, with the most steps of it in one course.
const FATES: [(Fate, u64); 16] = [
    (Fate::Publish, 30),
    (Fate::Mood, 10),
    (Fate::Crash, 3),
    (Fate::Pause, 3),
    (Fate::Change, 8),
    (Fate::Trim, 2),
    (Fate::Clock, 3),
    (Fate::Replay, 2),
    (Fate::Subscribe, 2),
    (Fate::Consent, 3),
    (Fate::Approval, 4),
    (Fate::Delete, 1),
    (Fate::Extra, 3),
    (Fate::Handover, 2),
    (Fate::Kanalen, 3),
    (Fate::OtherNode, 1),
];

/// One step of a course.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// Its place in the list of steps, by which `Parameters::steps` keeps it.
    number: usize,
    /// When it happens, after the start of the world.
    pub after: Duration,
    fate: Fate,
    /// What it draws from.
    seed: u64,
}

/// All steps of the whole world.
fn draw(parameters: &Parameters) -> Vec<Step> {
    let random = parameters.random(Part::Course);
    let horizon = 1_000 * (30 + below(&random, 300));
    let mut steps = Vec::new();
    for (fate, most) in FATES {
        for _ in 0..below(&random, most + 1) {
            let after = Duration::from_millis(below(&random, horizon));
            steps.push(Step { number: steps.len(), after, fate, seed: random.bits() });
        }
    }
    steps
}

/// The number of steps of the whole world.
pub fn length(parameters: &Parameters) -> usize {
    draw(parameters).len()
}

/// The steps that happen.
pub fn steps(parameters: &Parameters) -> impl Iterator<Item = Step> {
    let kept = |step: &Step| parameters.steps.as_ref().is_none_or(|kept| kept.contains(&step.number));
    draw(parameters).into_iter().filter(kept)
}

impl World {
    /// A step happens.
    pub fn step_of_course(&mut self, step: Step) {
        let random = SeededRandom::new(step.seed);
        self.trace(|| format!("step {}: {:?}", step.number, step.fate));
        match step.fate {
            Fate::Publish => self.publish(&random),
            Fate::Mood => {
                let sink = url(self.any_sink(&random));
                let mood = Mood::any(&random);
                self.trace(|| format!("  {sink} is {mood:?} from now on"));
                self.moods.insert(sink, mood);
            }
            Fate::Crash => {
                if chance(&random, 50) {
                    self.crash();
                } else {
                    self.crashes_with_checkpoint = true;
                }
            }
            Fate::Pause => drop(self.change_one(&random, |subscription, _| {
                subscription.status = match subscription.status {
                    Status::Active => Status::Paused,
                    _ if matches!(subscription.status, Status::Gone { .. }) => return,
                    _ => Status::Active,
                };
            })),
            Fate::Change => {
                let reselects = chance(&random, 5);
                let ends = self.ends();
                let id = self.change_one(&random, |subscription, consents| {
                    if reselects {
                        change_selection(subscription, &random, &ends);
                    } else {
                        change_member(subscription, &random, consents);
                    }
                });
                if reselects {
                    self.reselected.insert(id);
                }
            }
            Fate::Clock => {
                let steps = [-3_600, -10, -1, 1, 10, 3_600, 100 * 3_600];
                let seconds = steps[below(&random, steps.len() as u64) as usize];
                self.trace(|| format!("  the wall clock is set by {seconds} s"));
                self.clock_step += 1_000_000 * seconds;
                self.oracle.clock_was_set(self.now);
                if chance(&random, 30) {
                    let after = self.now + Duration::from_millis(600 + below(&random, 5_000));
                    self.comes_at(after, Coming::Crash);
                }
            }
            Fate::Trim => self.trim(&random),
            Fate::Consent => self.change_consent(&random),
            Fate::Approval => self.change_approval(&random),
            Fate::Delete => self.delete(&random),
            Fate::Extra => self.extra_request(&random),
            Fate::Handover => self.stop(),
            Fate::Kanalen => self.select_kanalen(&random),
            Fate::OtherNode => self.continue_elsewhere(&random),
            Fate::Replay => self.replay(&random),
            Fate::Subscribe => {
                self.subscribe(&random);
                if let Some(subscription) = self.subscriptions.last().cloned() {
                    self.input(Input::Subscription(Arc::new(subscription)));
                }
            }
        }
    }

    fn any_sink(&self, random: &SeededRandom) -> u64 {
        below(random, SINKS) % self.consents.len() as u64
    }

    fn any_place(&self, random: &SeededRandom) -> PartitionName {
        let places: Vec<&PartitionName> = self.logs.keys().collect();
        places[below(random, places.len() as u64) as usize].clone()
    }

    pub fn change_one(
        &mut self,
        random: &SeededRandom,
        change: impl FnOnce(&mut Subscription, &[Consent]),
    ) -> SubscriptionId {
        let at = below(random, self.subscriptions.len() as u64) as usize;
        self.change_at(at, change)
    }

    /// Changes a subscription, by its place.
    pub fn change_at(&mut self, at: usize, change: impl FnOnce(&mut Subscription, &[Consent])) -> SubscriptionId {
        let (now, ends) = (self.now, self.ends());
        let subscription = &mut self.subscriptions[at];
        let (sink, had_ended) = (subscription.sink.clone(), subscription.status.end().is_some());
        change(subscription, &self.consents);
        if had_ended && subscription.status.end().is_none() {
            start_anew(subscription, &ends);
            // What was under way at its end and fails is sent again.
            let id = subscription.id;
            self.left.extend(ends.into_iter().map(|(naam, partition, end)| ((id, (naam, partition)), end)));
        }
        self.oracle.retries.registered(subscription);
        self.ended.extend(subscription.status.end().map(|_| subscription.id));
        if subscription.sink != sink {
            self.oracle.moved(&sink);
            self.oracle.moved(&subscription.sink);
        }
        if !matches!(subscription.status, Status::Active | Status::Paused) {
            self.oracle.has_other_status(subscription.id);
        }
        subscription.changed = now;
        let (id, changed) = (subscription.id, Arc::new(subscription.clone()));
        self.trace(|| format!("  subscription {at} is now {}", trace::subscription(&changed)));
        self.input(Input::Subscription(changed));
        id
    }

    pub fn subscribe(&mut self, random: &SeededRandom) {
        let kanalen = match below(random, 3) {
            0 => vec![],
            1 => vec![name(0)],
            _ => vec![name(0), name(1)],
        };
        let types = if chance(random, 50) { vec![] } else { vec![TYPES[below(random, 3) as usize].into()] };
        let sink = self.any_sink(random);
        let start = self.logs.iter().filter(|_| chance(random, 70)).map(|((kanaal, partition), log)| {
            (kanaal.clone(), *partition, Mark(below(random, log.items.len() as u64 + 1)))
        });
        let start = start.collect();
        let consent = self.consents[sink as usize].clone();
        let made = any_subscription(random, self.now, Sink::Webhook(url(sink)), consent, kanalen, types);
        let made = Subscription { start, ..made };
        self.trace(|| format!("  subscription {} is {}", self.subscriptions.len(), trace::subscription(&made)));
        self.oracle.retries.registered(&made);
        self.subscriptions.push(made);
    }

    pub fn publish(&mut self, random: &SeededRandom) {
        let number = (1 + below(random, MOST_EVENTS)).min(self.most_events);
        for _ in 0..number {
            let place = self.any_place(random);
            let log = self.logs.entry(place.clone()).or_default();
            let position = log.items.len() as u64;
            let kind = TYPES[below(random, 3) as usize].to_owned();
            let fresh = (format!("{position}"), kind, format!("k{}", below(random, 4)));
            let again = log.items.last().filter(|_| chance(random, 5)).map(|last| {
                let event = &last.accepted.event;
                (event.id().to_owned(), event.kind().to_owned(), event.key().to_owned())
            });
            let (id, kind, key) = again.unwrap_or(fresh);
            log.items.push(Arc::new(item(&place, position, self.now, &id, &kind, &key)));
            let tail = Mark(position + 1);
            self.trace(|| {
                format!("  {} has id {id}, type {kind}, key {key}", trace::record(&place, Position(position)))
            });
            self.comes_soon(1_000, Coming::Input(Input::TailMoved(place.0.clone(), place.1, tail)));
        }
    }

    fn trim(&mut self, random: &SeededRandom) {
        let place = self.any_place(random);
        if let Some(log) = self.logs.get_mut(&place) {
            let left = log.items.len() - log.oldest;
            log.oldest += below(random, left as u64 / 2 + 1) as usize;
            let oldest = log.oldest;
            self.trace(|| format!("  the oldest record is {}", trace::record(&place, Position(oldest as u64))));
        }
    }

    fn replay(&mut self, random: &SeededRandom) {
        let at = below(random, self.subscriptions.len() as u64) as usize;
        let ranges = self.logs.iter().map(|((kanaal, partition), log)| Range {
            kanaal: kanaal.clone(),
            partition: *partition,
            from: Mark(below(random, log.items.len() as u64 + 1)),
            until: Mark(log.items.len() as u64),
        });
        let what = if chance(random, 50) {
            RunSelection::Replay(ranges.collect())
        } else {
            let records = ranges.filter(|range| range.from < range.until);
            RunSelection::Records(
                records.map(|range| (range.kanaal, range.partition, Position(range.from.0))).collect(),
            )
        };
        let subscription = self.subscriptions[at].id;
        let id = RunId(random.uuid());
        let run = Run { id, subscription, what, asked_by: "o".into(), created: self.now };
        self.trace(|| format!("  subscription {at} gets again {}", trace::selection_of_run(&run.what)));
        self.runs.push(run.clone());
        self.input(Input::Run(Arc::new(run)));
    }
}

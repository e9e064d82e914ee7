//! One rule a test, against a storage and a provider that answer at once.

use std::{collections::BTreeMap, time::Duration};

use delivery::mailing::{
    Candidate, Chunk, Counts, Cursor, Effect, End, FilterResult, Input, Mailing, Phase, Progress, ProviderState, Reply,
    Settings, Skip, Spec,
};
use model::{
    Timestamp,
    addressee::{Addressee, AddresseeId, Basis, Channel, Evidence, FilterId, Frequency, Outcome, State},
    clock::Now,
    consent::Rate,
};

use super::made::{ACCEPTED, addressee, at, id, left, open, spec};

/// A mailing with addressees, a provider that replies by number and attempt, and all effects performed at once.
pub struct Bench {
    pub mailing: Mailing,
    pub people: BTreeMap<u64, Addressee>,
    pub now: Timestamp,
    pub progress: Progress,
    pub evidence: Vec<Evidence>,
    /// Number and attempt of what was sent, in order.
    pub sent: Vec<(u64, u32)>,
    /// Messages without a reply yet.
    pub under_way: Vec<u64>,
    pub wake: Option<Timestamp>,
    pub suspended: usize,
    pub finished: Option<Counts>,
    pub reads: usize,
}

pub type Replies<'a> = &'a dyn Fn(u64, usize) -> Option<Reply>;

/// Everybody is accepted at once.
pub fn accept(_: u64, tries: usize) -> Option<Reply> {
    (tries > 0).then_some(Reply::Accepted)
}

impl Bench {
    pub fn new(spec: Spec, settings: Settings, people: u64) -> Self {
        let now = at(ACCEPTED);
        Self {
            people: (1..=people).map(|number| (number, addressee(number, spec.channel))).collect(),
            mailing: Mailing::new(spec, settings, Progress::default(), now.into()),
            now,
            progress: Progress::default(),
            evidence: Vec::new(),
            sent: Vec::new(),
            under_way: Vec::new(),
            wake: None,
            suspended: 0,
            finished: None,
            reads: 0,
        }
    }

    pub fn email(people: u64) -> Self {
        Self::new(spec(Channel::Email), Settings::default(), people)
    }

    pub fn input(&mut self, input: Input, replies: Replies) {
        let mut inputs = vec![input];
        while !inputs.is_empty() {
            for effect in self.mailing.handle(inputs.remove(0), self.now) {
                self.perform(effect, replies, &mut inputs);
            }
            assert!(self.mailing.counts().add_up());
        }
    }

    pub fn perform(&mut self, effect: Effect, replies: Replies, inputs: &mut Vec<Input>) {
        let number = |id: AddresseeId| id.0.as_u128() as u64;
        match effect {
            Effect::Read { after, limit } => {
                self.reads += 1;
                let first = after.map_or(0, |after| u64::from_be_bytes(after.0[..8].try_into().expect("8 bytes")));
                let rest: Vec<_> = self.people.range(first + 1..).map(|(_, one)| one.clone()).collect();
                let next = (rest.len() > limit).then(|| rest[limit - 1].digest);
                let candidate = |addressee| Candidate { addressee, sender: FilterResult::Matches };
                let addressees = rest.into_iter().take(limit).map(candidate).collect();
                inputs.push(Input::Chunk(Chunk { addressees, next, damaged: 0 }));
            }
            Effect::Check { id, is_collected } if self.people.get(&number(id)).is_some_and(Addressee::is_collected) => {
                assert!(is_collected, "its choice was known when it was met");
                inputs.push(Input::Collected(id));
            }
            Effect::Check { id, is_collected } => {
                assert!(!is_collected);
                inputs.push(Input::Checked(id, self.people.get(&number(id)).cloned().map(Box::new)));
            }
            Effect::Send { addressee, attempt } => {
                let number = number(addressee.id);
                self.sent.push((number, attempt));
                let tries = self.sent.iter().filter(|(to, _)| *to == number).count();
                match replies(number, tries) {
                    Some(reply) => inputs.push(Input::Answered(addressee.id, reply)),
                    None => self.under_way.push(number),
                }
            }
            Effect::Record(evidence) => self.evidence.extend(evidence),
            Effect::Store(checkpoint) => {
                self.progress.apply(checkpoint);
                inputs.push(Input::Stored);
            }
            Effect::Wake(at) => self.wake = Some(Timestamp::from_micros(at.as_micros())),
            Effect::Suspended => self.suspended += 1,
            Effect::Finished(counts) => self.finished = Some(counts),
        }
    }

    /// Starts with an open provider.
    pub fn start(&mut self, replies: Replies) {
        self.input(open(10), replies);
    }

    /// Lets time pass to the next wakes until none is left, or until a moment.
    pub fn run(&mut self, until: Timestamp, replies: Replies) {
        while let Some(wake) = self.wake.filter(|wake| *wake <= until) {
            self.wake = None;
            self.now = self.now.max(wake);
            self.input(Input::Tick, replies);
        }
    }

    pub fn of(&self, end: End) -> u64 {
        self.mailing.counts().of(end)
    }

    pub fn outcome(&self, number: u64) -> Option<Outcome> {
        let of: Vec<_> = self.evidence.iter().filter(|one| one.addressee == Some(id(number))).collect();
        assert!(of.len() < 2, "one outcome: {of:?}");
        of.first().and_then(|one| one.outcome).map(|(outcome, _)| outcome)
    }
}

const END_OF_TIME: i64 = 10_000_000;

#[test]
fn every_candidate_is_sent_to_once_and_counts_add_up_ch_86_ch_144() {
    let mut bench = Bench::email(2_500);
    bench.start(&accept);
    bench.run(at(END_OF_TIME), &accept);
    let counts = bench.finished.expect("finished");
    assert_eq!(
        (counts.candidates, counts.sent(), counts.failed(), counts.skipped(), counts.open),
        (2_500, 2_500, 0, 0, 0)
    );
    assert_eq!(bench.sent.len(), 2_500);
    assert_eq!(bench.evidence.len(), 2_500);
    assert_eq!(bench.progress.counts, counts, "the stored counts are the last ones");
    assert!(bench.progress.unsettled.is_empty() && bench.progress.cursor == Cursor::End);
}

#[test]
fn who_is_skipped_has_a_reason_ch_64_ch_70_ch_74_ch_91() {
    let mut bench = Bench::email(8);
    for (number, filter) in [(1, 1), (2, 2), (3, 3), (4, 9)] {
        bench.people.get_mut(&number).unwrap().filter = Some(FilterId(filter));
    }
    bench.people.get_mut(&5).unwrap().state = State::confirmed(at(ACCEPTED + 1), Basis::Code);
    let gone = left(&bench.people[&6]);
    bench.people.insert(6, gone);
    bench.people.get_mut(&7).unwrap().expires = Some(at(ACCEPTED));
    // The address was changed later: the subscription is from before.
    let changed = bench.people.get_mut(&8).unwrap();
    (changed.generation, changed.state) = (2, State::confirmed(at(ACCEPTED + 1), Basis::Code));
    bench.start(&accept);
    let skipped = |skip| bench.of(End::Skipped(skip));
    assert_eq!(bench.sent, [(1, 1), (8, 1)]);
    assert_eq!([Skip::Filter, Skip::FilterError, Skip::SubscribedLater, Skip::NotConfirmed].map(skipped), [2, 1, 1, 2]);
    assert_eq!(bench.evidence.len(), 2, "nothing was to be sent to the others");
}

#[test]
fn who_left_before_the_turn_gets_nothing_ch_64() {
    let mut bench = Bench::email(5);
    let minute = Rate::PerMinute(std::num::NonZeroU32::new(60).unwrap());
    bench.input(Input::Provider(ProviderState::Open { rate: minute, slots: 10 }), &accept);
    assert_eq!(bench.sent, [(1, 1)], "one a second");
    bench.run(at(ACCEPTED + 2), &accept);
    let gone = left(&bench.people[&5]);
    bench.people.insert(5, gone);
    bench.people.remove(&4);
    bench.run(at(END_OF_TIME), &accept);
    assert_eq!(bench.sent, [(1, 1), (2, 1), (3, 1)]);
    assert_eq!((bench.outcome(4), bench.outcome(5)), (Some(Outcome::Ended), Some(Outcome::Ended)));
    assert!(bench.finished.is_some());
}

#[test]
fn the_ladder_is_from_5_minutes_to_24_hours_ch_142() {
    let mut bench = Bench::email(1);
    let deferred = |_: u64, _: usize| Some(Reply::AddresseeLater);
    bench.start(&deferred);
    let mut times = Vec::new();
    while bench.finished.is_none() {
        let before = bench.sent.len();
        bench.now = bench.wake.take().expect("a wake").max(bench.now);
        bench.input(Input::Tick, &deferred);
        if bench.sent.len() > before {
            times.push(bench.now.since(at(ACCEPTED)).as_secs() / 60);
        }
    }
    assert_eq!(times, [5, 15, 35, 75, 155, 315, 635, 1_275, 1_440]);
    assert_eq!(bench.outcome(1), Some(Outcome::TemporaryFailure));
    assert_eq!(bench.evidence[0].tried.map(|(attempts, _)| attempts), Some(10));

    let mut bench = Bench::email(1);
    let greylisted = |_: u64, tries: usize| Some(if tries < 3 { Reply::AddresseeLater } else { Reply::Accepted });
    bench.start(&greylisted);
    bench.run(at(END_OF_TIME), &greylisted);
    assert_eq!(bench.outcome(1), Some(Outcome::Sent), "451 twice, then 250");
}

#[test]
fn one_that_hangs_or_fails_delays_nobody_else_ch_92() {
    let mut bench = Bench::email(3_000);
    let replies = |number: u64, _: usize| match number {
        7 => None,
        8..=900 => Some(Reply::AddresseeLater),
        _ => Some(Reply::Accepted),
    };
    bench.start(&replies);
    bench.run(at(ACCEPTED + 60), &replies);
    assert_eq!((bench.under_way.as_slice(), bench.of(End::Sent)), (&[7][..], 3_000 - 894));
    assert_eq!(bench.mailing.counts().open, 894);
}

#[test]
fn a_hard_reply_ends_the_addressee_at_once_ch_110() {
    let mut bench = Bench::email(1);
    bench.start(&|_, _| Some(Reply::AddresseeFailed));
    assert_eq!((bench.outcome(1), bench.sent.len()), (Some(Outcome::PermanentFailure), 1));
}

#[test]
fn an_outage_holds_all_and_takes_no_attempt_ch_26_ch_142() {
    let mut bench = Bench::email(20);
    let fails = |_: u64, _: usize| Some(Reply::ProviderFailed { retry_after: Some(Duration::from_secs(30)) });
    bench.start(&fails);
    let first = bench.sent.len();
    assert_eq!(first, 10, "those that were under way");
    bench.run(at(ACCEPTED + 29), &fails);
    assert_eq!(bench.sent.len(), first, "nothing before Retry-After is over");
    bench.run(at(ACCEPTED + 3_600), &fails);
    let tried = bench.sent.len() - first;
    assert!((10..=30).contains(&tried), "one at a time: {tried}");
    bench.run(at(END_OF_TIME), &accept);
    assert!(bench.sent.iter().all(|(_, attempt)| *attempt == 1));
    assert_eq!(bench.finished.map(|counts| counts.sent()), Some(20));
    assert!(bench.evidence.iter().all(|one| one.tried.map(|(attempts, _)| attempts) == Some(1)));
}

#[test]
fn a_closed_provider_gets_nothing_until_it_opens_ch_27() {
    let mut bench = Bench::email(3);
    bench.input(Input::Tick, &accept);
    assert_eq!(bench.sent.len(), 0, "its state is not known");
    let until = Now::from(at(ACCEPTED + 50)).instant;
    bench.input(open(1), &|_, _| None);
    bench.input(Input::Provider(ProviderState::Closed { until: Some(until) }), &accept);
    bench.input(Input::Answered(id(1), Reply::Accepted), &accept);
    bench.run(at(ACCEPTED + 49), &accept);
    assert_eq!(bench.sent.len(), 1);
    bench.run(at(ACCEPTED + 50), &accept);
    assert_eq!(bench.sent.len(), 3);
}

#[test]
fn three_refused_messages_in_a_row_suspend_the_mailing_ch_143() {
    let mut bench = Bench::email(1_000);
    let refused = |_: u64, _: usize| Some(Reply::MessageRefused);
    bench.input(open(1), &refused);
    assert_eq!((bench.sent.len(), bench.suspended, bench.mailing.phase()), (3, 1, Phase::Suspended));
    assert_eq!((bench.mailing.counts().failed(), bench.evidence.len()), (0, 0), "no addressee is marked");
    bench.run(at(END_OF_TIME), &refused);
    assert_eq!(bench.sent.len(), 3);
    assert_eq!(bench.progress.phase, Phase::Suspended, "also after a restart");
    bench.input(Input::Resume, &accept);
    bench.run(at(END_OF_TIME), &accept);
    assert_eq!(bench.finished.map(|counts| counts.sent()), Some(1_000));
}

#[test]
fn a_message_refused_for_one_addressee_is_its_failure_ch_143() {
    let mut bench = Bench::email(9);
    let some =
        |number: u64, _: usize| Some(if number.is_multiple_of(3) { Reply::MessageRefused } else { Reply::Accepted });
    bench.input(open(1), &some);
    bench.run(at(END_OF_TIME), &some);
    let counts = bench.finished.clone().expect("the last one is alone, and ends as well");
    assert_eq!((counts.sent(), counts.of(End::TechnicalFailure), bench.suspended), (6, 3, 0));
    assert_eq!(bench.sent.len(), 9, "each once");
}

#[test]
fn an_email_in_doubt_is_sent_once_more_and_an_sms_never_ch_90() {
    for (channel, messages) in [(Channel::Email, 2), (Channel::Sms, 1)] {
        let mut bench = Bench::new(spec(channel), Settings::default(), 1);
        let lost = |_: u64, _: usize| Some(Reply::Unknown);
        bench.start(&lost);
        bench.run(at(END_OF_TIME), &lost);
        assert_eq!((bench.sent.len(), bench.outcome(1)), (messages, Some(Outcome::InDoubt)), "{channel:?}");
    }
    let mut bench = Bench::email(1);
    let once = |_: u64, tries: usize| Some(if tries == 1 { Reply::Unknown } else { Reply::Accepted });
    bench.start(&once);
    bench.run(at(END_OF_TIME), &once);
    assert_eq!((bench.sent.as_slice(), bench.outcome(1)), (&[(1, 1), (1, 2)][..], Some(Outcome::Sent)));
}

#[test]
fn an_sms_is_sent_after_its_intent_is_durable_ch_90() {
    let mut mailing = Mailing::new(spec(Channel::Sms), Settings::default(), Progress::default(), at(ACCEPTED).into());
    mailing.handle(open(1), at(ACCEPTED));
    let candidate = Candidate { addressee: addressee(1, Channel::Sms), sender: FilterResult::Matches };
    let chunk = Chunk { addressees: vec![candidate], next: None, damaged: 0 };
    let effects = mailing.handle(Input::Chunk(chunk), at(ACCEPTED));
    let stored: Vec<_> = effects
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Store(checkpoint) => Some(checkpoint),
            Effect::Check { .. } | Effect::Send { .. } => panic!("before the intent is durable"),
            _ => None,
        })
        .collect();
    assert!(stored.len() == 1 && stored[0].changed[0].intent);
    let effects = mailing.handle(Input::Stored, at(ACCEPTED));
    assert!(matches!(effects[..], [Effect::Check { .. }, ..]), "{effects:?}");
    // A crash here: it may have been sent.
    let mut progress = Progress::default();
    progress.apply(stored[0].clone());
    let mut again = Mailing::new(spec(Channel::Sms), Settings::default(), progress, at(ACCEPTED).into());
    again.handle(open(1), at(ACCEPTED));
    assert_eq!((again.counts().of(End::InDoubt), again.counts().open), (1, 0));
}

#[test]
fn an_outage_with_stored_intents_does_not_stop_an_sms_mailing_ch_142() {
    let mut bench = Bench::new(spec(Channel::Sms), Settings::default(), 20);
    let first_fails = |_: u64, tries: usize| match tries {
        1 => Some(Reply::ProviderFailed { retry_after: None }),
        _ => Some(Reply::Accepted),
    };
    bench.input(open(3), &first_fails);
    bench.run(at(END_OF_TIME), &first_fails);
    assert_eq!(bench.finished.map(|counts| counts.sent()), Some(20));
}

#[test]
fn an_expired_event_is_not_sent_ch_100() {
    let spec = Spec { expires: Some(at(ACCEPTED + 600)), ..spec(Channel::Email) };
    let mut bench = Bench::new(spec, Settings::default(), 1_500);
    let replies = |number: u64, _: usize| match number {
        1 => Some(Reply::Accepted),
        2 => Some(Reply::AddresseeLater),
        3 => Some(Reply::Unknown),
        _ => Some(Reply::ProviderFailed { retry_after: Some(Duration::from_secs(1_000)) }),
    };
    bench.input(open(3), &replies);
    bench.run(at(END_OF_TIME), &replies);
    let counts = bench.finished.clone().expect("finished");
    assert_eq!((counts.sent(), counts.of(End::InDoubt), counts.of(End::Expired)), (1, 1, 1_498));
    assert_eq!((bench.outcome(2), bench.outcome(1_500)), (Some(Outcome::Expired), Some(Outcome::Expired)));
}

#[test]
fn who_gets_the_event_with_others_ends_without_a_message_ch_101() {
    let mut bench = Bench::email(1_500);
    for (_, addressee) in bench.people.iter_mut().filter(|(number, _)| *number % 3 == 0) {
        addressee.frequency = Frequency::Weekly;
    }
    bench.start(&accept);
    bench.run(at(END_OF_TIME), &accept);
    let counts = bench.finished.clone().expect("finished");
    assert_eq!((counts.sent(), counts.of(End::Skipped(Skip::Collected)), bench.sent.len()), (1_000, 500, 1_000));
    assert_eq!((bench.outcome(3), bench.outcome(4)), (None, Some(Outcome::Sent)));
}

#[test]
fn a_stop_ends_it_with_counts_ch_94() {
    let mut bench = Bench::email(5_000);
    let half = |number: u64, _: usize| match number {
        1..=10 => Some(Reply::AddresseeLater),
        11..=100 => Some(Reply::Accepted),
        _ => None,
    };
    bench.start(&half);
    let (sent, under_way) = (bench.sent.len(), std::mem::take(&mut bench.under_way));
    assert_eq!(under_way.len(), 10);
    bench.input(Input::Stop, &half);
    assert!(bench.finished.is_none(), "replies are waited for");
    for number in under_way {
        bench.input(Input::Answered(id(number), Reply::Accepted), &half);
    }
    bench.run(at(END_OF_TIME), &half);
    let counts = bench.finished.clone().expect("finished");
    assert_eq!((bench.sent.len(), counts.sent(), counts.failed()), (sent, 100, 10));
    assert_eq!((counts.candidates, counts.of(End::Skipped(Skip::Stopped))), (1_000, 890));
    assert_eq!(bench.progress.phase, Phase::Stopped);
}

#[test]
fn nothing_is_sent_beyond_what_may_be_sent_twice_ch_90() {
    let settings = Settings { unstored: 20, ..Settings::default() };
    let mut mailing = Mailing::new(spec(Channel::Email), settings, Progress::default(), at(ACCEPTED).into());
    let mut inputs = vec![open(10), Input::Tick];
    let mut sent = 0;
    let mut stores = 0;
    let mut chunks = 1;
    while !inputs.is_empty() {
        for effect in mailing.handle(inputs.remove(0), at(ACCEPTED)) {
            match effect {
                Effect::Read { .. } if chunks == 1 => {
                    chunks = 0;
                    let one = |number| Candidate {
                        addressee: addressee(number, Channel::Email),
                        sender: FilterResult::Matches,
                    };
                    let addressees = (1..=500).map(one).collect();
                    inputs.push(Input::Chunk(Chunk { addressees, next: None, damaged: 0 }));
                }
                Effect::Check { id, .. } => {
                    let number = id.0.as_u128() as u64;
                    inputs.push(Input::Checked(id, Some(Box::new(addressee(number, Channel::Email)))));
                }
                Effect::Send { addressee, .. } => {
                    sent += 1;
                    inputs.push(Input::Answered(addressee.id, Reply::Accepted));
                }
                // It never becomes durable.
                Effect::Store(_) => stores += 1,
                _ => {}
            }
        }
    }
    assert_eq!((sent, stores), (20, 1));
}

//! The parameters of a world: a seed, and limits by which a world is made smaller. Not what happens in it (`course`).

use std::{collections::BTreeSet, fmt, str::FromStr};

use model::{Random, clock::SeededRandom};

use super::{course::MOST_EVENTS, made::SINKS};

/// Most subscriptions at the start.
pub const SUBSCRIPTIONS: u64 = 6;

/// What a world is made from. Equal parameters make equal worlds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameters {
    /// Everything is drawn from it.
    pub seed: u64,
    /// The number of sinks, from 1 to [`SINKS`].
    pub sinks: u64,
    /// Most subscriptions at the start, from 1 to [`SUBSCRIPTIONS`].
    pub subscriptions: u64,
    /// Most events of one publication, from 1 to [`MOST_EVENTS`].
    pub events: u64,
    /// The steps of the drawn course that happen, by number; `None`: all.
    pub steps: Option<BTreeSet<usize>>,
}

impl Parameters {
    /// The whole world of a seed.
    pub const fn whole(seed: u64) -> Self {
        Self { seed, sinks: SINKS, subscriptions: SUBSCRIPTIONS, events: MOST_EVENTS, steps: None }
    }

    /// The randomness of one part of the world, independent of what the other parts draw.
    pub fn random(&self, part: Part) -> SeededRandom {
        SeededRandom::new(SeededRandom::new(self.seed).bits() ^ SeededRandom::new(part as u64).bits())
    }
}

/// The parts of a world that draw from a sequence of their own.
#[derive(Debug, Clone, Copy)]
pub enum Part {
    /// The settings of the machine, and what sinks grant.
    Settings = 1,
    /// The subscriptions at the start.
    Subscriptions,
    /// The steps of the course.
    Course,
    /// Durations, and the answers of sinks.
    Answers,
    /// What the machine draws.
    Machine,
}

impl fmt::Display for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, sinks, subscriptions, events, steps } = self;
        write!(f, "{seed} sinks={sinks} subscriptions={subscriptions} events={events}")?;
        if let Some(steps) = steps {
            let steps: Vec<String> = steps.iter().map(usize::to_string).collect();
            write!(f, " steps={}", steps.join(","))?;
        }
        Ok(())
    }
}

impl FromStr for Parameters {
    type Err = String;

    /// Reads what `Display` writes; every part but the seed may be missing.
    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.parse::<u64>().map_err(|_| format!("`{text}` is no number"));
        let mut parts = text.split_whitespace();
        let mut parameters = Self::whole(number(parts.next().unwrap_or_default())?);
        for part in parts {
            let (name, value) = part.split_once('=').ok_or_else(|| format!("`{part}` has no `=`"))?;
            match name {
                "sinks" => parameters.sinks = number(value)?.clamp(1, SINKS),
                "subscriptions" => parameters.subscriptions = number(value)?.clamp(1, SUBSCRIPTIONS),
                "events" => parameters.events = number(value)?.clamp(1, MOST_EVENTS),
                "steps" => {
                    let steps = value.split(',').filter(|step| !step.is_empty());
                    let steps: Result<_, _> = steps.map(|step| number(step).map(|step| step as usize)).collect();
                    parameters.steps = Some(steps?);
                }
                _ => return Err(format!("`{name}` is no parameter of a world")),
            }
        }
        Ok(parameters)
    }
}

#[test]
fn parameters_are_read_as_they_are_written() {
    let small = Parameters { sinks: 1, events: 3, steps: Some([4, 9].into()), ..Parameters::whole(7) };
    for (text, expected) in [
        ("7", Ok(Parameters::whole(7))),
        ("7 sinks=1 subscriptions=6 events=3 steps=4,9", Ok(small.clone())),
        (&small.to_string(), Ok(small)),
        ("7 steps=", Ok(Parameters { steps: Some(BTreeSet::new()), ..Parameters::whole(7) })),
        ("x", Err("`x` is no number".to_owned())),
        ("7 sinks", Err("`sinks` has no `=`".to_owned())),
        ("7 size=3", Err("`size` is no parameter of a world".to_owned())),
    ] {
        assert_eq!(text.parse(), expected, "{text}");
    }
}

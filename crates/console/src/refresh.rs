//! Pages that are read again by themselves, when the person chose so: every so many seconds, for at most half an hour (WCAG 2.2.1,
//! 2.2.2). Without script: the browser follows the `refresh` of the head.

use std::time::Duration;

use model::Timestamp;

use crate::View;

/// The parameter with the seconds between two readings.
const PACE: &str = "ververs";

/// The parameter with the moment until which the page is read again, in seconds since 1970.
const UNTIL: &str = "ververs-tot";

/// The paces to choose from, in seconds.
const PACES: [u64; 4] = [10, 30, 60, 300];

/// How long a page is read again.
const LONGEST: Duration = Duration::from_mins(30);

/// Whether and how a page is read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refresh {
    /// The paces to choose from, in seconds, and whether each is chosen.
    pub paces: Vec<(u64, bool)>,
    /// The other parameters of the page, kept when a pace is chosen.
    pub kept: Vec<(String, String)>,
    /// What is going on.
    pub state: State,
    /// The link to the page that is not read again.
    pub stop: String,
}

/// Whether a page is read again now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Nobody chose that.
    Off,
    /// It is, until a moment; the value of `content` of the head.
    On(Timestamp, String),
    /// It was.
    Over,
}

impl Refresh {
    /// What the address of a page asks for.
    pub fn of(view: &View) -> Self {
        let number = |name| view.parameter(name).and_then(|text| text.parse::<u64>().ok());
        let pace = number(PACE).filter(|pace| PACES.contains(pace));
        let own =
            |(name, value): &(String, String)| ![PACE, UNTIL, "gedaan"].contains(&name.as_str()) && !value.is_empty();
        let kept: Vec<(String, String)> = web::query::pairs(&view.head.uri).into_iter().filter(own).collect();
        let address = |more: &[(&str, String)]| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(&kept).extend_pairs(more);
            format!("{}?{}", view.to(view.path()), query.finish())
        };
        let latest = view.now + LONGEST;
        let until = number(UNTIL).and_then(|seconds| i64::try_from(seconds).ok());
        let until = until.map_or(latest, |seconds| Timestamp::from_seconds(seconds).min(latest));
        let state = match pace {
            None => State::Off,
            Some(_) if until <= view.now => State::Over,
            Some(pace) => {
                let seconds = until.as_millis().div_euclid(1_000).to_string();
                let next = address(&[(PACE, pace.to_string()), (UNTIL, seconds)]);
                State::On(until, format!("{pace}; url={next}"))
            }
        };
        let chosen = pace.filter(|_| matches!(state, State::On(..)));
        Self { paces: PACES.map(|pace| (pace, chosen == Some(pace))).into(), stop: address(&[]), kept, state }
    }

    /// The moment until which the page is read again, and the value of `content` of the head.
    pub fn on(&self) -> Option<(Timestamp, &str)> {
        match &self.state {
            State::On(until, content) => Some((*until, content)),
            State::Off | State::Over => None,
        }
    }

    /// Whether the time that was chosen is over.
    pub fn is_over(&self) -> bool {
        self.state == State::Over
    }
}

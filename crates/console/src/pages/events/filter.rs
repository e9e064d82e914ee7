//! Which events the list is about, as typed in its filter.

use management::journal::EventQuery;
use model::KanaalName;

use crate::View;

/// Most events among which a type is sought: the newest that the other fields select.
const MOST_SEARCHED: u32 = 20_000;

/// The filter as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// The id of an event.
    pub id: String,
    /// The source of events.
    pub source: String,
    /// The subject of events.
    pub subject: String,
    /// The type of events.
    pub kind: String,
    /// The name of a kanaal.
    pub kanaal: String,
    /// Accepted at or after.
    pub from: String,
    /// Accepted before.
    pub until: String,
}

/// The names of fields with what is wrong with them.
pub type Faults = Vec<(&'static str, String)>;

impl Filter {
    /// The filter in the query of a page.
    pub fn of_page(view: &View) -> Self {
        Self::read(|name| view.parameter(name).unwrap_or_default())
    }

    /// The filter in fields.
    pub fn read(field: impl Fn(&str) -> String) -> Self {
        let text = |name: &str| field(name).trim().to_owned();
        Self {
            id: text("id"),
            source: text("bron"),
            subject: text("onderwerp"),
            kind: text("type"),
            kanaal: text("kanaal"),
            from: text("van"),
            until: text("tot"),
        }
    }

    /// The same with an end that is not in the future: what is accepted after `now` is not part of it.
    #[must_use]
    pub fn bounded(self, view: &View) -> Self {
        let has_end = view.read_moment(&self.until).is_some_and(|until| until <= view.now);
        if has_end { self } else { Self { until: view.now.to_rfc3339(), ..self } }
    }

    /// The fields of a link or a form, without empty ones.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let all = [
            ("id", &self.id),
            ("bron", &self.source),
            ("onderwerp", &self.subject),
            ("type", &self.kind),
            ("kanaal", &self.kanaal),
            ("van", &self.from),
            ("tot", &self.until),
        ];
        all.into_iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| (name, text.clone())).collect()
    }

    /// The filter in words: pairs of a name and a value.
    pub fn words(&self, view: &View) -> Vec<(&'static str, String)> {
        let (text, words) = (&view.text.events, &view.text.delivery);
        let moment = |typed: &str| view.read_moment(typed).map(|at| view.moment(at).text).unwrap_or_default();
        let all = [
            (text.id, self.id.clone()),
            (text.source, self.source.clone()),
            (text.subject, self.subject.clone()),
            (text.kind, self.kind.clone()),
            (view.text.subscriptions.kanaal, self.kanaal.clone()),
            (words.from, moment(&self.from)),
            (view.text.dead_letters.until, moment(&self.until)),
        ];
        all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }

    /// Whether it limits anything.
    pub fn is_filtered(&self) -> bool {
        *self != Self::default()
    }

    /// The query for `management`, and what is wrong with the filter; with faults it must not be used.
    pub fn query(&self, view: &View) -> (EventQuery, Faults) {
        let mut faults = Faults::new();
        let filled = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let mut moment = |name: &'static str, typed: &str| {
            let at = view.read_moment(typed);
            if at.is_none() && !typed.is_empty() {
                faults.push((name, view.text.delivery.moment_wrong.to_owned()));
            }
            at
        };
        let (from, until) = (moment("van", &self.from), moment("tot", &self.until));
        let kanaal = filled(&self.kanaal).and_then(|naam| KanaalName::new(&naam));
        if kanaal.is_none() && !self.kanaal.is_empty() {
            faults.push(("kanaal", view.text.events.kanaal_wrong.to_owned()));
        }
        let query = EventQuery {
            id: filled(&self.id),
            kanaal,
            source: filled(&self.source),
            subject: filled(&self.subject),
            kind: filled(&self.kind),
            from,
            until,
            newest: Some(MOST_SEARCHED),
        };
        (query, faults)
    }
}

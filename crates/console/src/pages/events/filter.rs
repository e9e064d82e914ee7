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
        let text = |name: &str| view.parameter(name).map(|text| text.trim().to_owned()).unwrap_or_default();
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

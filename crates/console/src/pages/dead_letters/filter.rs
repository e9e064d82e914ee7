//! Which dead letters a page or a form is about, as typed.

use management::journal::{DeadLetter, DeadLetterQuery};
use model::{KanaalName, SubscriptionId, Timestamp};
use serde_json::Value;

use crate::{View, form::Form};

/// Most chosen dead letters.
const MAX_NUMBERS: usize = 1_000;

/// The parameter with the id of a chosen dead letter; repeated.
pub const NUMBER: &str = "nummer";

/// The id of the filter on the list: chosen rows have no field of their own there.
const FORM: &str = "filter";

/// The parameter that says that only the chosen ones are meant, and its value.
const CHOICE: &str = "keuze";
const ROWS: &str = "rijen";

/// The value of `soort` for records that nobody can read.
pub const UNREADABLE: &str = "onleesbaar";

/// The filter as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Whether it is about chosen dead letters only, also when none was chosen.
    pub is_choice: bool,
    /// Ids of chosen dead letters.
    pub numbers: Vec<String>,
    /// The id of a subscription.
    pub subscription: String,
    /// The name of a kanaal.
    pub kanaal: String,
    /// The type of events.
    pub kind: String,
    /// The code of the last answer.
    pub status: String,
    /// Created at or after.
    pub from: String,
    /// Created before.
    pub until: String,
    /// [`UNREADABLE`], or any.
    pub sort: String,
}

/// The names of fields with what is wrong with them.
pub type Faults = Vec<(&'static str, String)>;

impl Filter {
    /// The filter in the query of a page.
    pub fn of_page(view: &View) -> Self {
        let pairs = web::query::pairs(&view.head.uri);
        let numbers = pairs.into_iter().filter(|(name, _)| name == NUMBER).map(|(_, value)| value);
        Self::read(numbers.collect(), |name| view.parameter(name).unwrap_or_default())
    }

    /// The filter in a form.
    pub fn of_form(form: &Form) -> Self {
        Self::read(form.all(NUMBER).map(str::to_owned).collect(), |name| form.text(name).to_owned())
    }

    fn read(numbers: Vec<String>, text: impl Fn(&str) -> String) -> Self {
        Self {
            is_choice: text(CHOICE) == ROWS,
            numbers,
            subscription: text("abonnement"),
            kanaal: text("kanaal"),
            kind: text("type"),
            status: text("status"),
            from: text("van"),
            until: text("tot"),
            sort: text("soort"),
        }
    }

    /// The same with an end: what is created after `now` is not part of it.
    #[must_use]
    pub fn bounded(self, now: Timestamp) -> Self {
        if self.until.is_empty() { Self { until: now.to_rfc3339(), ..self } } else { self }
    }

    /// The same for the list, which shows all when no rows are chosen.
    #[must_use]
    pub fn without_empty_choice(self) -> Self {
        Self { is_choice: self.is_choice && !self.numbers.is_empty(), ..self }
    }

    /// The fields of a link or a form, without empty ones.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let numbers = self.numbers.iter().map(|number| (NUMBER, number.clone()));
        let texts = [
            ("abonnement", &self.subscription),
            ("kanaal", &self.kanaal),
            ("type", &self.kind),
            ("status", &self.status),
            ("van", &self.from),
            ("tot", &self.until),
            ("soort", &self.sort),
        ];
        let texts = texts.into_iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| (name, text.clone()));
        let choice = self.is_choice.then(|| (CHOICE, ROWS.to_owned()));
        choice.into_iter().chain(numbers).chain(texts).collect()
    }

    /// The same as a query; empty for everything.
    pub fn to_query(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(self.pairs()).finish()
    }

    /// The filter of the native API; `None` for records that nobody can read, which it does not deliver again.
    pub fn of_api(&self, view: &View) -> Option<Value> {
        if self.sort == UNREADABLE {
            return None;
        }
        let moment = |typed: &str| view.read_moment(typed).map(Timestamp::to_rfc3339);
        let text = |text: &String| Some(text.trim()).filter(|text| !text.is_empty()).map(Value::from);
        let members = [
            ("ids", Some(&self.numbers).filter(|ids| !ids.is_empty()).map(|ids| Value::from(ids.clone()))),
            ("subscription", text(&self.subscription)),
            ("kanaal", text(&self.kanaal)),
            ("type", text(&self.kind)),
            ("status", self.status.trim().parse::<u16>().ok().map(Value::from)),
            ("from", moment(&self.from).map(Value::from)),
            ("until", moment(&self.until).map(Value::from)),
        ];
        let members = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Some(Value::Object(members.collect()))
    }

    /// Whether it limits anything.
    pub fn is_filtered(&self) -> bool {
        !self.pairs().is_empty()
    }

    /// The query for `management`, and what is wrong with the filter; with faults it must not be used.
    pub fn query(&self, view: &View) -> (DeadLetterQuery, Faults) {
        let (text, mut faults) = (&view.text.dead_letters, Faults::new());
        let ids = self.numbers.iter().filter_map(|number| number.parse().ok()).collect();
        let mut query = DeadLetterQuery { ids, ..DeadLetterQuery::default() };
        if query.ids.len() < self.numbers.len() {
            faults.push((FORM, text.number_wrong.to_owned()));
        }
        if self.is_choice && self.numbers.is_empty() {
            faults.push((FORM, view.text.redeliver.nothing_chosen.to_owned()));
        }
        if self.numbers.len() > MAX_NUMBERS {
            faults.push((FORM, text.too_many.to_owned()));
        }
        if self.sort == UNREADABLE {
            query.subscription = Some(DeadLetter::NOBODY);
        } else if !self.subscription.is_empty() {
            query.subscription = self.subscription.trim().parse().ok().map(SubscriptionId);
            if query.subscription.is_none() {
                faults.push(("abonnement", text.subscription_wrong.to_owned()));
            }
        }
        query.kanaal = KanaalName::new(&self.kanaal);
        query.kind = Some(self.kind.clone()).filter(|kind| !kind.is_empty());
        if !self.status.is_empty() {
            query.code = self.status.trim().parse().ok().filter(|code| (100..600).contains(code));
            if query.code.is_none() {
                faults.push(("status", text.status_wrong.to_owned()));
            }
        }
        for (name, typed, at) in [("van", &self.from, &mut query.from), ("tot", &self.until, &mut query.until)] {
            *at = view.read_moment(typed);
            if at.is_none() && !typed.is_empty() {
                faults.push((name, view.text.delivery.moment_wrong.to_owned()));
            }
        }
        (query, faults)
    }

    /// The filter in words: pairs of a name and a value.
    pub fn words(&self, view: &View) -> Vec<(&'static str, String)> {
        let text = &view.text.dead_letters;
        let chosen = if self.numbers.is_empty() { String::new() } else { view.number(self.numbers.len()) };
        let sort = if self.sort == UNREADABLE { text.unreadable } else { "" };
        let moment = |typed: &str| view.read_moment(typed).map(|at| view.moment(at).text).unwrap_or_default();
        let pairs = [
            (text.numbers, chosen),
            (text.sort, sort.to_owned()),
            (text.subscription, self.subscription.clone()),
            (view.text.subscriptions.kanaal, self.kanaal.clone()),
            (text.kind, self.kind.clone()),
            (text.status, self.status.clone()),
            (view.text.delivery.from, moment(&self.from)),
            (text.until, moment(&self.until)),
        ];
        pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }
}

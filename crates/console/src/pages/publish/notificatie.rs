//! The fields of a notificatie: their values in the form, and the notification in JSON that they make.

use management::by_hand::Draft;
use model::{Kanaal, Timestamp};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{View, form::Form};

/// The members with a field of their own, in the order of the page.
pub const MEMBERS: [&str; 4] = ["hoofdObject", "resource", "resourceUrl", "actie"];

/// The values of the fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    /// The kanaal.
    pub kanaal: String,
    /// The values of [`MEMBERS`].
    pub members: [String; 4],
    /// The kenmerken, `name=value` on a line each.
    pub kenmerken: String,
    /// The id of the event. It stays when the form is shown again, so that publishing twice makes one event.
    pub id: Uuid,
    /// When the form was made: the `aanmaakdatum`.
    pub made: Timestamp,
}

impl Fields {
    /// A new notification, with the kenmerken of a kanaal when one is chosen.
    pub fn start(kanaal: Option<&Kanaal>, id: Uuid, made: Timestamp) -> Self {
        let Some(kanaal) = kanaal else { return Self { id, made, ..Self::default() } };
        let kenmerken: Vec<String> = kanaal.filters.iter().map(|filter| format!("{}=", filter.naam)).collect();
        Self { kanaal: kanaal.naam.to_string(), kenmerken: kenmerken.join("\n"), id, made, ..Self::default() }
    }

    /// The fields as posted; `id` and `now` for a form without an id and moment.
    pub fn read(form: &Form, id: Uuid, now: Timestamp) -> Self {
        let made = Timestamp::parse_rfc3339(form.text("gemaakt")).filter(|made| *made <= now);
        Self {
            id: form.text("nummer").parse().unwrap_or(id),
            made: made.unwrap_or(now),
            kanaal: form.text("kanaal").to_owned(),
            members: MEMBERS.map(|name| form.text(name).to_owned()),
            kenmerken: form.text("kenmerken").to_owned(),
        }
    }

    /// The draft, or the fields with a fault.
    pub fn draft(&self, view: &View) -> Result<Draft, Vec<(&'static str, String)>> {
        let text = &view.text.publish;
        let mut faults = Vec::new();
        let all = [("kanaal", &self.kanaal)].into_iter().chain(MEMBERS.into_iter().zip(&self.members));
        for (name, _) in all.filter(|(_, value)| value.is_empty()) {
            faults.push((name, (text.required)(name)));
        }
        let mut kenmerken = Map::new();
        for line in self.kenmerken.lines().map(str::trim).filter(|line| !line.is_empty()) {
            match line.split_once('=').map(|(name, value)| (name.trim(), value.trim())) {
                Some((name, value)) if !name.is_empty() && !kenmerken.contains_key(name) => {
                    kenmerken.insert(name.to_owned(), Value::from(value));
                }
                _ => faults.push(("kenmerken", (text.no_kenmerk)(line))),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut body = json!({"kanaal": self.kanaal, "aanmaakdatum": self.made.to_rfc3339(), "kenmerken": kenmerken});
        for (name, value) in MEMBERS.iter().zip(&self.members) {
            body[*name] = Value::from(value.as_str());
        }
        Ok(Draft::Notificatie { body: body.to_string().into(), id: self.id })
    }
}

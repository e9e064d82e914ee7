//! `/api/v1/kanaal`: the channels of the Notificaties API. `naam` is fixed for life; there is no delete.

pub mod change;
pub mod create;
mod documentation;
pub mod list;
pub mod read;

use model::{Kanaal, kanaal::MAX_NAME};
use serde_json::{Value, json};
use translator::notificatie::is_url;
use uuid::Uuid;
use web::problem::Problem;

use super::{fields::Fields, problem};

const MAX_LINK: usize = 200;
const MAX_FILTER: usize = 100;
const MAX_FILTERS: usize = 1_000;

/// A kanaal as these paths show it.
fn view(kanaal: &Kanaal, public_url: &str) -> Value {
    let filters: Vec<&str> = kanaal.filters.iter().map(|filter| filter.naam.as_str()).collect();
    json!({
        "url": url(kanaal, public_url),
        "naam": kanaal.naam.as_str(),
        "documentatieLink": kanaal.documentatie_link,
        "filters": filters,
    })
}

fn url(kanaal: &Kanaal, public_url: &str) -> String {
    format!("{public_url}/api/v1/kanaal/{}", kanaal.id)
}

/// The id in a path.
fn kanaal_id(uuid: &str) -> Result<Uuid, Problem> {
    Uuid::try_parse(uuid).map_err(|_| problem::not_found())
}

/// The members of a kanaal in a body; `None` for those that are absent.
struct Input {
    naam: Option<String>,
    documentatie_link: Option<String>,
    filters: Option<Vec<String>>,
}

impl Input {
    fn read(fields: &mut Fields) -> Self {
        let naam = fields.text("naam", MAX_NAME, false);
        let documentatie_link = match fields.text("documentatieLink", MAX_LINK, true) {
            Some(link) if !link.is_empty() && !is_url(&link) => {
                fields.fail("documentatieLink", "invalid", "Voer een geldige URL in.")
            }
            link => link,
        };
        let filters = fields.list("filters").map(|items| filters(fields, items));
        Self { naam, documentatie_link, filters }
    }
}

fn filters(fields: &mut Fields, items: Vec<Value>) -> Vec<String> {
    if items.len() > MAX_FILTERS {
        let reason = format!("Zorg ervoor dat dit veld niet meer dan {MAX_FILTERS} elementen bevat.");
        fields.fail::<()>("filters", "max_length", reason);
        return Vec::new();
    }
    items.into_iter().filter_map(|item| fields.checked("filters.", item, MAX_FILTER, false)).collect()
}

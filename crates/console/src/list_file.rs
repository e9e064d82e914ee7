//! The list of a page as a file, in CSV or JSON: all rows that its filters match, at most [`web::csv::MAX_ROWS`]. The address is
//! that of the page with `bestand=csv` or `bestand=json`, so that the same rights hold.

use web::{Problem, ProblemType, csv::Form};

use crate::View;

/// The parameter with the form.
const FORM: &str = "bestand";

/// Parameters of a page that a file of all its rows does not have.
const OF_PAGES: [&str; 4] = [FORM, "pagina", "rijen", "gedaan"];

/// The links to the files.
pub(crate) struct Files {
    /// As CSV.
    pub csv: String,
    /// As JSON.
    pub json: String,
}

impl Files {
    /// The links for a page that answers them itself.
    pub(crate) fn of(view: &View) -> Self {
        Self::at(view, view.path())
    }

    /// The links to a path, with the filters of the page.
    pub(crate) fn at(view: &View, path: &str) -> Self {
        let link = |form: &str| {
            let kept = web::query::pairs(&view.head.uri);
            let kept = kept.into_iter().filter(|(name, value)| !value.is_empty() && !OF_PAGES.contains(&name.as_str()));
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(kept).append_pair(FORM, form);
            format!("{}?{}", view.to(path), query.finish())
        };
        Self { csv: link("csv"), json: link("json") }
    }
}

/// The form that is asked for; `None` for a page.
///
/// # Errors
/// 400 for another one.
pub(crate) fn form(view: &View) -> Result<Option<Form>, Problem> {
    match view.parameter(FORM).as_deref() {
        None => Ok(None),
        Some("csv") => Ok(Some(Form::Csv)),
        Some("json") => Ok(Some(Form::Json)),
        Some(_) => Err(Problem::new(ProblemType::InvalidRequest, "There is no such form.")),
    }
}

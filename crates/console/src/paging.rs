//! The parts of a list: 50 rows each, with links to the previous and the next one that keep the filters.

use management::journal::Page;

use crate::View;

/// The rows of a part.
const ROWS: u32 = 50;

/// The parameter with the number of a part.
const PARAMETER: &str = "pagina";

/// The highest number of a part: rows before a part are read too, 20,000 at most.
const MOST: u64 = 400;

/// The links beside a part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    /// The number of the part, from 1.
    pub number: u64,
    /// The link to the part before.
    pub previous: Option<String>,
    /// The link to the part after.
    pub next: Option<String>,
}

/// The number of the requested part, 1 to 400.
pub fn number(view: &View) -> u64 {
    let asked = view.parameter(PARAMETER).and_then(|text| text.parse().ok());
    asked.unwrap_or(1).clamp(1, MOST)
}

/// The rows to read: one more than a part has, so that the next part is known.
pub fn page(view: &View) -> Page {
    Page { offset: (number(view) - 1) * u64::from(ROWS), limit: ROWS + 1 }
}

/// The rows of the requested part of a list that is in memory.
pub fn part<T>(view: &View, list: impl IntoIterator<Item = T>) -> Vec<T> {
    let Page { offset, limit } = page(view);
    list.into_iter().skip(usize::try_from(offset).unwrap_or(usize::MAX)).take(limit as usize).collect()
}

impl Paging {
    /// The links for the requested part; `rows` loses what belongs to the next one.
    pub fn of<T>(view: &View, rows: &mut Vec<T>) -> Self {
        let has_next = rows.len() > ROWS as usize;
        rows.truncate(ROWS as usize);
        let number = number(view);
        let link = |number: u64| with(view, PARAMETER, &number.to_string());
        Self {
            number,
            previous: (number > 1).then(|| link(number - 1)),
            next: (has_next && number < MOST).then(|| link(number + 1)),
        }
    }

    /// Whether there is only one part.
    pub fn is_single(&self) -> bool {
        self.previous.is_none() && self.next.is_none()
    }
}

/// The link of this page with another value of one parameter of the query.
fn with(view: &View, name: &str, value: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (own, value) in web::query::pairs(&view.head.uri) {
        if own != name && own != "gedaan" && !value.is_empty() {
            query.append_pair(&own, &value);
        }
    }
    query.append_pair(name, value);
    format!("{}?{}", view.to(view.path()), query.finish())
}

//! The parts of a list: 50 rows each unless another number is chosen, with links to the previous and the next one that keep the
//! filters.

use management::journal::Page;
use model::Timestamp;

use crate::View;

/// The rows of a part, unless another number of [`SIZES`] is chosen.
const ROWS: u32 = 50;

/// The numbers of rows to choose from.
const SIZES: [u32; 4] = [25, ROWS, 100, 200];

/// The parameter with the chosen number of rows.
const SIZE: &str = "rijen";

/// The parameter with the number of a part.
const PARAMETER: &str = "pagina";

/// The parameter with where the list goes on, behind rows that were looked at.
const FURTHER: &str = "verder";

/// The most rows of one moment behind which a list goes on.
const MOST_OF_MOMENT: u64 = 1_000_000;

/// The most rows before the end of a part: they are read too.
const MOST: u64 = 20_000;

/// The links beside a part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    /// The number of the part, from 1.
    pub number: u64,
    /// The link to the part before.
    pub previous: Option<String>,
    /// The link to the part after.
    pub next: Option<String>,
    /// The numbers of rows to choose from; empty for a short list.
    pub sizes: Vec<Size>,
}

/// A number of rows to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Size {
    /// The number.
    pub rows: u32,
    /// The link to the first part with so many rows.
    pub href: String,
    /// Whether it is chosen.
    pub is_current: bool,
}

/// The rows of a part.
fn rows(view: &View) -> u32 {
    let asked = view.parameter(SIZE).and_then(|text| text.parse().ok());
    asked.filter(|rows| SIZES.contains(rows)).unwrap_or(ROWS)
}

/// The highest number of a part.
fn most(view: &View) -> u64 {
    MOST / u64::from(rows(view))
}

/// The number of the requested part, from 1.
pub fn number(view: &View) -> u64 {
    let asked = view.parameter(PARAMETER).and_then(|text| text.parse().ok());
    asked.unwrap_or(1).clamp(1, most(view))
}

/// The rows to read: one more than a part has, so that the next part is known.
pub fn page(view: &View) -> Page {
    let rows = rows(view);
    Page { offset: (number(view) - 1) * u64::from(rows), limit: rows + 1 }
}

/// Where the list goes on, as [`further`] wrote it: a moment in microseconds, and how many rows of that moment were looked at. `None` for
/// the beginning.
pub fn cursor(view: &View) -> Option<(Timestamp, u64)> {
    let asked = view.parameter(FURTHER)?;
    let (at, rows) = asked.split_once('-')?;
    let rows = rows.parse().ok().filter(|rows| *rows <= MOST_OF_MOMENT)?;
    Some((Timestamp::from_micros(at.parse().ok()?), rows))
}

/// The link to the same list behind the rows that were looked at.
pub fn further(view: &View, (at, rows): (Timestamp, u64)) -> String {
    with(view, FURTHER, &format!("{}-{rows}", at.as_micros()))
}

/// The link to the beginning of the list.
pub fn beginning(view: &View) -> String {
    with(view, FURTHER, "")
}

/// The rows of the requested part of a list that is in memory.
pub fn part<T>(view: &View, list: impl IntoIterator<Item = T>) -> Vec<T> {
    let Page { offset, limit } = page(view);
    list.into_iter().skip(usize::try_from(offset).unwrap_or(usize::MAX)).take(limit as usize).collect()
}

impl Paging {
    /// The links for the requested part; `rows` loses what belongs to the next one.
    pub fn of<T>(view: &View, rows: &mut Vec<T>) -> Self {
        let of_part = self::rows(view);
        let has_next = rows.len() > of_part as usize;
        rows.truncate(of_part as usize);
        let number = number(view);
        let link = |number: u64| with(view, PARAMETER, &number.to_string());
        let size = |rows: u32| Size { rows, href: with(view, SIZE, &rows.to_string()), is_current: rows == of_part };
        let is_short = number == 1 && !has_next && rows.len() <= SIZES[0] as usize && of_part == ROWS;
        Self {
            number,
            previous: (number > 1).then(|| link(number - 1)),
            sizes: if is_short { vec![] } else { SIZES.map(size).into() },
            next: (has_next && number < most(view)).then(|| link(number + 1)),
        }
    }

    /// Whether there is only one part.
    pub fn is_single(&self) -> bool {
        self.previous.is_none() && self.next.is_none()
    }
}

/// The link of this page with another value of one parameter of the query, or without it. Another number of rows, and another place
/// where the list goes on, starts at the first part.
fn with(view: &View, name: &str, value: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (own, value) in web::query::pairs(&view.head.uri) {
        let is_dropped = own == name || own == "gedaan" || ([SIZE, FURTHER].contains(&name) && own == PARAMETER);
        if !is_dropped && !value.is_empty() {
            query.append_pair(&own, &value);
        }
    }
    if !value.is_empty() {
        query.append_pair(name, value);
    }
    format!("{}?{}", view.to(view.path()), query.finish())
}

//! Lists of the native API: query parameters, pages, and the links to the pages beside one.
//!
//! Unknown and doubled query parameters are refused, so that a misspelt filter never lists everything.

use http::{HeaderMap, Uri};
use management::journal::Page;
use model::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use web::{
    problem::{Fault, Problem},
    query,
};

use crate::{Api, members};

/// Rows on a page when nothing is asked.
const DEFAULT_SIZE: u32 = 100;
/// Most rows on a page.
const MAX_SIZE: u32 = 500;
/// The last page there is.
const MAX_PAGE: u32 = 1_000_000;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T> {
    /// How many there are on all pages, where that is cheap to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// The next page.
    pub next: Option<String>,
    /// The page before.
    pub previous: Option<String>,
    /// The rows of this page.
    pub results: Vec<T>,
}

/// The query parameters of a request.
#[derive(Debug)]
pub struct Query {
    pairs: Vec<(String, String)>,
    raw: String,
    path: String,
    base: String,
}

impl Query {
    /// Reads the query of a request; parameters that are not in `names` are refused, as are doubled ones.
    pub fn read(api: &Api, headers: &HeaderMap, uri: &Uri, names: &[&str]) -> Result<Self, Problem> {
        Self::parse(api.public_url(headers), uri, names)
    }

    fn parse(base: String, uri: &Uri, names: &[&str]) -> Result<Self, Problem> {
        let pairs = query::only_known(uri, names)?;
        for (at, (name, _)) in pairs.iter().enumerate() {
            if pairs[..at].iter().any(|(earlier, _)| earlier == name) {
                return Err(Problem::invalid(vec![Fault::new(name.as_str(), "may be given once")]));
            }
        }
        let raw = uri.query().unwrap_or_default().to_owned();
        Ok(Self { pairs, raw, path: uri.path().to_owned(), base })
    }

    /// A parameter.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// A parameter that `read` parses; `rule` is the error text for other values.
    pub fn typed<T>(&self, name: &str, rule: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Problem> {
        let Some(text) = self.text(name) else { return Ok(None) };
        match read(text) {
            Some(value) => Ok(Some(value)),
            None => Err(Problem::invalid(vec![Fault::new(name, rule)])),
        }
    }

    /// A parameter that is an RFC 3339 moment.
    pub fn timestamp(&self, name: &str) -> Result<Option<Timestamp>, Problem> {
        // A plus sign that was not encoded arrives as a space.
        self.typed(name, members::TIMESTAMP, |text| members::timestamp(&text.replace(' ', "+")))
    }

    /// A parameter that is a UUID.
    pub fn uuid(&self, name: &str) -> Result<Option<uuid::Uuid>, Problem> {
        self.typed(name, "must be a UUID", |text| text.parse().ok())
    }

    /// Which page is asked for.
    pub fn paging(&self) -> Result<Paging, Problem> {
        let number = |name: &str, most: u32| {
            self.typed(name, &format!("must be a whole number from 1 to {most}"), |text| {
                text.parse().ok().filter(|number| (1..=most).contains(number))
            })
        };
        let page = number("page", MAX_PAGE)?.unwrap_or(1);
        let size = number("pageSize", MAX_SIZE)?.unwrap_or(DEFAULT_SIZE);
        Ok(Paging { page, size })
    }

    /// The page made of `rows`, which begin at the page and hold at least one row more when there is a next page.
    pub fn list<T>(&self, paging: Paging, mut rows: Vec<T>, count: Option<u64>) -> List<T> {
        let more = rows.len() > paging.size as usize;
        rows.truncate(paging.size as usize);
        List {
            count,
            next: more.then(|| self.link(paging.page + 1)),
            previous: (paging.page > 1).then(|| self.link(paging.page - 1)),
            results: rows,
        }
    }

    /// A page of a list without numbers of pages; `cursor` is where the next one begins.
    pub fn list_from<T>(&self, rows: Vec<T>, cursor: Option<&str>) -> List<T> {
        let next = cursor.map(|cursor| self.link_with("cursor", cursor));
        List { count: None, next, previous: None, results: rows }
    }

    fn link(&self, page: u32) -> String {
        self.link_with("page", &page.to_string())
    }

    fn link_with(&self, name: &str, value: &str) -> String {
        // Links never hold a token.
        let dropped = |pair: &str| {
            pair.is_empty() || ["page=", "cursor=", "access_token="].iter().any(|name| pair.starts_with(name))
        };
        let kept = self.raw.split('&').filter(|pair| !dropped(pair));
        let pairs: Vec<&str> = kept.collect();
        let rest = if pairs.is_empty() { String::new() } else { format!("{}&", pairs.join("&")) };
        format!("{}{}?{rest}{name}={value}", self.base, self.path)
    }
}

/// The result of reading a page of people; an unknown cursor is 400.
pub fn page_of_people<T>(read: Result<T, people::Error>) -> Result<T, Problem> {
    match read {
        Err(people::Error::Unknown) => {
            Err(Problem::invalid(vec![Fault::new("cursor", "must be that of a link to the next page")]))
        }
        read => Ok(read?),
    }
}

/// Which page of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    page: u32,
    size: u32,
}

impl Paging {
    /// Rows before the page.
    pub fn skip(self) -> usize {
        (self.page as usize - 1) * self.size as usize
    }

    /// Rows of the page and one more, which tells whether there is a next page.
    pub fn take(self) -> usize {
        self.size as usize + 1
    }

    /// Rows of the page.
    pub fn size(self) -> usize {
        self.size as usize
    }

    /// The same for the journal.
    pub fn rows(self) -> Page {
        Page { offset: self.skip() as u64, limit: self.size + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Result<Query, Problem> {
        let uri = text.parse().unwrap();
        Query::parse("https://gw.example".into(), &uri, &["page", "pageSize", "sink", "from"])
    }

    #[test]
    fn unknown_and_doubled_parameters_are_refused() {
        for (text, member) in [("/x?sinc=1", "sinc"), ("/x?sink=1&sink=2", "sink"), ("/x?Page=1", "Page")] {
            assert_eq!(query(text).unwrap_err().errors[0].member, member, "{text}");
        }
        for text in ["/x?page=0", "/x?page=x", "/x?pageSize=501", "/x?pageSize=-1"] {
            assert!(query(text).unwrap().paging().is_err(), "{text}");
        }
    }

    #[test]
    fn pages_link_to_each_other() {
        let query = query("/v1/subscriptions?pageSize=2&page=2&sink=a%20b").unwrap();
        let paging = query.paging().unwrap();
        assert_eq!((paging.skip(), paging.take()), (2, 3));
        let list = query.list(paging, vec![1, 2, 3], None);
        assert_eq!(list.results, [1, 2]);
        assert_eq!(list.next.unwrap(), "https://gw.example/v1/subscriptions?pageSize=2&sink=a%20b&page=3");
        assert_eq!(list.previous.unwrap(), "https://gw.example/v1/subscriptions?pageSize=2&sink=a%20b&page=1");
        assert_eq!(query.list(paging, vec![1], None).next, None);
    }

    #[test]
    fn timestamps_may_have_a_bare_plus() {
        assert!(query("/x?from=2026-01-01T00:00:00+01:00").unwrap().timestamp("from").unwrap().is_some());
        assert!(query("/x?from=yesterday").unwrap().timestamp("from").is_err());
    }
}

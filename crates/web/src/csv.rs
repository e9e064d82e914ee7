//! Lists as CSV (RFC 4180) or JSON, streamed page by page. Not here: which columns a list has (the APIs), and when CSV is asked for
//! ([`crate::accept`]).

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderValue, header};
use http_body::Frame;
use tokio::sync::mpsc;

use crate::{Problem, ProblemType};

/// Most rows of one answer, its heading apart.
pub const MAX_ROWS: u64 = 100_000;

/// Rows of one read.
const PAGE: u32 = 1_000;
/// Rows of one read of a list without numbers of rows.
const CURSOR_PAGE: u32 = 500;
/// Pages that wait for a slow client.
const WAITING: usize = 1;

/// The reading of a list failed after the answer had begun, so the answer is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the list could not be read to its end")]
pub struct Interrupted;

/// The cells of one row, in the order of the columns.
pub type Row = Vec<String>;

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// CSV with a heading.
    Csv,
    /// An array of objects, whose members are the columns and whose values are the texts of the cells as they are.
    Json,
}

impl Form {
    /// The end of the names of files.
    const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Json => "application/json",
        }
    }
}

/// Writes the rows of a list one by one.
struct Writer {
    form: Form,
    columns: Vec<String>,
    is_first: bool,
}

impl Writer {
    fn new(form: Form, columns: &[&str]) -> Self {
        Self { form, columns: columns.iter().map(|column| (*column).to_owned()).collect(), is_first: true }
    }

    /// What is before the first row.
    fn heading(&self) -> String {
        match self.form {
            Form::Csv => text(self.columns.clone()),
            Form::Json => "[".to_owned(),
        }
    }

    fn row(&mut self, row: Row) -> String {
        let is_first = std::mem::replace(&mut self.is_first, false);
        match self.form {
            Form::Csv => text(row),
            Form::Json => {
                let members = self.columns.iter().zip(row);
                let members: Vec<String> =
                    members.map(|(name, cell)| format!("{}:{}", quoted(name), quoted(&cell))).collect();
                format!("{}\n{{{}}}", if is_first { "" } else { "," }, members.join(","))
            }
        }
    }

    /// What is after the last row. An answer in JSON that is cut off lacks it.
    const fn end(&self) -> &'static str {
        match self.form {
            Form::Csv => "",
            Form::Json => "\n]\n",
        }
    }
}

/// A text in JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The answer with all rows that `fetch` gives for an offset and a limit, at most [`MAX_ROWS`]. The file is called `name`.csv.
///
/// # Errors
/// That of the first page. After a later one the answer is cut off, so that a client notices.
pub async fn answer<F, Fetching>(name: &str, columns: &[&str], fetch: F) -> Result<Response, Problem>
where
    F: Fn(u64, u32) -> Fetching + Send + Sync + 'static,
    Fetching: Future<Output = Result<Vec<Row>, Problem>> + Send + 'static,
{
    answer_as(Form::Csv, name, columns, fetch).await
}

/// The same rows as [`answer`] in another form. The file has the name of its form behind a dot.
///
/// # Errors
/// As [`answer`].
pub async fn answer_as<F, Fetching>(form: Form, name: &str, columns: &[&str], fetch: F) -> Result<Response, Problem>
where
    F: Fn(u64, u32) -> Fetching + Send + Sync + 'static,
    Fetching: Future<Output = Result<Vec<Row>, Problem>> + Send + 'static,
{
    let fetch = move |offset: u64, limit: u32| {
        let reading = fetch(offset, limit);
        async move {
            let rows = reading.await?;
            let next = (rows.len() >= limit as usize).then_some(offset + rows.len() as u64);
            Ok(PageOfRows { rows, next })
        }
    };
    stream((form, name, columns), (0, PAGE), fetch).await
}

/// The answer with all rows of a list whose pages follow each other by cursors, at most [`MAX_ROWS`]. `fetch` gives the rows from a
/// cursor on, about as many as a limit or fewer, and the cursor of the next page; `None` is the beginning and the end.
///
/// # Errors
/// As [`answer`].
pub async fn answer_by_cursor<F, Fetching>(name: &str, columns: &[&str], fetch: F) -> Result<Response, Problem>
where
    F: Fn(Option<String>, u32) -> Fetching + Send + Sync + 'static,
    Fetching: Future<Output = Result<(Vec<Row>, Option<String>), Problem>> + Send + 'static,
{
    let fetch = move |cursor: Option<String>, limit: u32| {
        let reading = fetch(cursor, limit);
        async move {
            let (rows, next) = reading.await?;
            Ok(PageOfRows { rows, next: next.map(Some) })
        }
    };
    stream((Form::Csv, name, columns), (None, CURSOR_PAGE), fetch).await
}

/// The answer with the pages that `fetch` gives from a place on.
async fn stream<P, F, Fetching>(
    (form, name, columns): (Form, &str, &[&str]),
    (beginning, limit): (P, u32),
    fetch: F,
) -> Result<Response, Problem>
where
    P: Clone + Send + Sync + 'static,
    F: Fn(P, u32) -> Fetching + Send + Sync + 'static,
    Fetching: Future<Output = Result<PageOfRows<P>, Problem>> + Send + 'static,
{
    let first = read(&fetch, &beginning, limit).await?;
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(send_pages(Writer::new(form, columns), (first, limit), fetch, sender));
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}.{}\"", form.extension()));
    let mut response = Body::new(Pages(receiver)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(form.content_type()));
    headers.extend(disposition.ok().map(|value| (header::CONTENT_DISPOSITION, value)));
    Ok(response)
}

/// The answer with rows that are in memory, at most [`MAX_ROWS`]. The file has the name of its form behind a dot.
///
/// # Errors
/// None that [`answer`] does not have.
pub async fn answer_rows(
    form: Form,
    name: &str,
    columns: &[&str],
    rows: impl Iterator<Item = Row>,
) -> Result<Response, Problem> {
    let rows: Arc<[Row]> = rows.collect();
    let fetch = move |offset: u64, limit: u32| {
        let skip = usize::try_from(offset).unwrap_or(usize::MAX);
        let part: Vec<Row> = rows.iter().skip(skip).take(limit as usize).cloned().collect();
        async move { Ok(part) }
    };
    answer_as(form, name, columns, fetch).await
}

/// The rows of one read, and the place of the next one; `None` at the end.
struct PageOfRows<P> {
    rows: Vec<Row>,
    next: Option<P>,
}

/// Reads from a place on. When the rows are too long for one page, it reads fewer.
async fn read<P, F, Fetching>(fetch: &F, place: &P, most: u32) -> Result<PageOfRows<P>, Problem>
where
    P: Clone,
    F: Fn(P, u32) -> Fetching,
    Fetching: Future<Output = Result<PageOfRows<P>, Problem>>,
{
    let mut limit = most;
    loop {
        match fetch(place.clone(), limit).await {
            Err(problem) if problem.kind == ProblemType::TooBroad && limit > 1 => limit = (limit / 10).max(1),
            page => return page,
        }
    }
}

/// Sends the heading and all pages; ends early when the client has gone.
async fn send_pages<P, F, Fetching>(
    mut writer: Writer,
    (first, limit): (PageOfRows<P>, u32),
    fetch: F,
    sender: mpsc::Sender<Result<Bytes, Interrupted>>,
) where
    P: Clone + Send + Sync,
    F: Fn(P, u32) -> Fetching + Send + Sync,
    Fetching: Future<Output = Result<PageOfRows<P>, Problem>> + Send,
{
    let (mut lines, mut page, mut left) = (writer.heading(), first, MAX_ROWS);
    loop {
        let rows = page.rows.into_iter().take(usize::try_from(left).unwrap_or(usize::MAX));
        for row in rows {
            lines.push_str(&writer.row(row));
            left -= 1;
        }
        let next = page.next.filter(|_| left > 0);
        if next.is_none() {
            lines.push_str(writer.end());
        }
        // A page may have no rows although there are more.
        let is_gone = if lines.is_empty() {
            sender.is_closed()
        } else {
            sender.send(Ok(std::mem::take(&mut lines).into())).await.is_err()
        };
        let Some(next) = next.filter(|_| !is_gone) else { return };
        match read(&fetch, &next, limit).await {
            Ok(following) => page = following,
            Err(problem) => {
                tracing::warn!(kind = problem.kind.name(), "a list in CSV is cut off");
                // The client may have gone.
                let _ = sender.send(Err(Interrupted)).await;
                return;
            }
        }
    }
}

/// The pages as they come.
#[derive(Debug)]
struct Pages(mpsc::Receiver<Result<Bytes, Interrupted>>);

impl http_body::Body for Pages {
    type Data = Bytes;
    type Error = Interrupted;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Interrupted>>> {
        self.0.poll_recv(context).map(|page| page.map(|page| page.map(Frame::data)))
    }
}

/// A row as one line.
fn text(row: Row) -> String {
    let cells: Vec<String> = row.into_iter().map(cell).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell: quoted where CSV needs it. What a spreadsheet would take for a formula begins with an apostrophe.
fn cell(mut text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        text.insert(0, '\'');
    }
    if text.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn c1_long_rows_are_read_in_smaller_pages() {
        let fetch = async |offset: u64, limit: u32| {
            let rows = (offset..25).take(limit as usize).map(|number| vec![number.to_string()]);
            if limit > 10 { Err(Problem::new(ProblemType::TooBroad, "long")) } else { Ok(rows.collect()) }
        };
        let fetch = move |offset, limit| Box::pin(fetch(offset, limit));
        let response = answer("numbers", &["number"], fetch).await.expect("an answer");
        let body = response.into_body().collect().await.expect("all of it").to_bytes();
        assert_eq!(String::from_utf8_lossy(&body).lines().count(), 26);
    }

    #[test]
    fn cells_are_quoted_and_formulas_defused() {
        for (text, expected) in [
            ("", ""),
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"no\"", "\"say \"\"no\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=1+1", "'=1+1"),
            ("+31", "'+31"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
            ("=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\""),
            ("a=b", "a=b"),
        ] {
            assert_eq!(cell(text.to_owned()), expected, "{text:?}");
        }
    }

    async fn body(rows: u64, broken_at: Option<u64>) -> Result<String, Problem> {
        let fetch = move |offset: u64, limit: u32| async move {
            if broken_at.is_some_and(|at| offset >= at) {
                return Err(Problem::new(ProblemType::TooBroad, "too many"));
            }
            let end = (offset + u64::from(limit)).min(rows);
            Ok((offset..end).map(|number| vec![number.to_string(), "x".to_owned()]).collect())
        };
        let answer = answer("list", &["number", "text"], fetch).await?;
        assert_eq!(answer.headers()["content-disposition"], "attachment; filename=\"list.csv\"");
        let collected = answer.into_body().collect().await.map_err(|_| Problem::internal())?;
        Ok(String::from_utf8(collected.to_bytes().into()).unwrap())
    }

    #[tokio::test]
    async fn every_page_follows_the_heading() {
        assert_eq!(body(0, None).await.unwrap(), "number,text\r\n");
        let whole = body(2_500, None).await.unwrap();
        let lines: Vec<&str> = whole.split_terminator("\r\n").collect();
        assert_eq!((lines.len(), lines[1], lines[2_500]), (2_501, "0,x", "2499,x"));
        assert_eq!(body(1_000, None).await.unwrap().lines().count(), 1_001);
    }

    #[tokio::test]
    async fn a_list_in_json_has_the_columns_as_members_and_texts_as_they_are() {
        for count in [0, 1, 2_500_u64] {
            let fetch = move |offset: u64, limit: u32| async move {
                let end = (offset + u64::from(limit)).min(count);
                Ok((offset..end).map(|number| vec![number.to_string(), "=1+\"1\"".to_owned()]).collect())
            };
            let answer = answer_as(Form::Json, "list", &["number", "text"], fetch).await.unwrap();
            assert_eq!(answer.headers()["content-disposition"], "attachment; filename=\"list.json\"");
            assert_eq!(answer.headers()["content-type"], "application/json");
            let whole = answer.into_body().collect().await.unwrap().to_bytes();
            let list: Vec<serde_json::Value> = serde_json::from_slice(&whole).unwrap();
            assert_eq!(list.len() as u64, count);
            let last = list.last().map(|own| (own["number"].clone(), own["text"].clone()));
            assert_eq!(last, (count > 0).then(|| ((count - 1).to_string().into(), "=1+\"1\"".into())));
        }
    }

    #[tokio::test]
    async fn an_answer_has_a_bound() {
        assert_eq!(body(MAX_ROWS + 5_000, None).await.unwrap().lines().count() as u64, MAX_ROWS + 1);
    }

    /// The rows of a list with cursors: pages without rows and pages with more than the limit are among them.
    async fn rows_by_cursor(pages: u32, rows_of: impl Fn(u32) -> u32 + Clone + Send + Sync + 'static) -> Vec<String> {
        let fetch = move |cursor: Option<String>, _| {
            let (at, rows_of) = (cursor.map_or(0, |cursor| cursor.parse::<u32>().unwrap()), rows_of.clone());
            async move {
                let rows = (0..rows_of(at)).map(|number| vec![format!("{at}-{number}")]).collect();
                Ok((rows, (at + 1 < pages).then(|| (at + 1).to_string())))
            }
        };
        let answer = answer_by_cursor("list", &["row"], fetch).await.unwrap();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8_lossy(&body).lines().map(str::to_owned).collect()
    }

    #[tokio::test]
    async fn pages_follow_each_other_by_cursors_up_to_the_bound() {
        assert_eq!(rows_by_cursor(1, |_| 0).await, ["row"]);
        let lines = rows_by_cursor(5, |page| if page % 2 == 0 { 0 } else { 3 }).await;
        assert_eq!(lines, ["row", "1-0", "1-1", "1-2", "3-0", "3-1", "3-2"]);
        let lines = rows_by_cursor(u32::MAX, |_| 700).await;
        assert_eq!((lines.len() as u64, lines.last().map(String::as_str)), (MAX_ROWS + 1, Some("142-599")));
    }

    #[tokio::test]
    async fn a_failure_is_a_problem_first_and_a_cut_later() {
        assert_eq!(body(2_500, Some(0)).await.unwrap_err().kind.name(), "too-broad");
        assert_eq!(body(2_500, Some(1_000)).await.unwrap_err().kind.name(), "internal");
    }
}

//! Reads a file item by item, and hands confirmed subscriptions to `people` in batches.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, BufRead, Read},
};

use model::{KanaalName, kanaal::Kanaal};
use people::{ImportLine, Imported, People};
use people_filter::Dialects;

use super::{
    Fault, Item, csv, fault, notifybc,
    objects::{Found, Objects},
};

/// Subscriptions of one durable write.
const BATCH: usize = 200;
/// The longest line of CSV, in bytes.
const MAX_LINE: u64 = 64 << 10;

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Subscriptions of NotifyBC as JSON.
    NotifyBc,
    /// CSV.
    Csv,
}

/// The kanalen that can be imported to, and the names that they have in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kanalen {
    known: BTreeSet<KanaalName>,
    /// Those whose owner approves every subscription.
    approved: BTreeSet<KanaalName>,
    renamed: BTreeMap<String, String>,
    /// What filters are read by.
    dialects: Dialects,
}

impl Kanalen {
    /// These kanalen; `renamed` has the names of the file and ours.
    pub fn new<'a>(kanalen: impl Iterator<Item = &'a Kanaal>, renamed: BTreeMap<String, String>) -> Self {
        let mut own = Self { renamed, ..Self::default() };
        for kanaal in kanalen {
            let set = if kanaal.approval { &mut own.approved } else { &mut own.known };
            set.insert(kanaal.naam.clone());
        }
        own
    }

    /// The same, with the named expressions that filters may call.
    #[must_use]
    pub fn with_dialects(self, dialects: Dialects) -> Self {
        Self { dialects, ..self }
    }

    pub(super) fn dialects(&self) -> &Dialects {
        &self.dialects
    }

    /// The kanaal of a name in the file.
    ///
    /// # Errors
    /// Why there is none, in Dutch.
    pub(super) fn find(&self, name: &str) -> Result<KanaalName, &'static str> {
        let name = self.renamed.get(name).map_or(name, String::as_str);
        let named = |kanaal: &&KanaalName| kanaal.as_str() == name;
        match self.known.iter().find(named) {
            Some(kanaal) => Ok(kanaal.clone()),
            None if self.approved.iter().any(|kanaal| kanaal.as_str() == name) => {
                Err("is een kanaal dat abonnementen goedkeurt: mensen kunnen zich daar niet aanmelden")
            }
            None => Err("is hier geen kanaal; maak het, of geef --kanaal NAAM=KANAAL"),
        }
    }

    /// For tests.
    #[cfg(test)]
    pub fn of<const N: usize, const M: usize>(known: [&str; N], renamed: [(&str, &str); M]) -> Self {
        let known = known.into_iter().filter_map(KanaalName::new).collect();
        let renamed = renamed.into_iter().map(|(from, to)| (from.to_owned(), to.to_owned())).collect();
        Self { known, renamed, ..Self::default() }
    }
}

/// What was in a file, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// What became of confirmed subscriptions.
    pub imported: BTreeMap<Imported, u64>,
    /// Subscriptions that are not confirmed, which are left out.
    pub unconfirmed: u64,
    /// Subscriptions that had ended, which are left out.
    pub ended: u64,
    /// Items that cannot be imported.
    pub faults: u64,
}

/// Why a file was not read to its end. What was imported before stays; the same again continues.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("the file: {0}")]
    Read(#[from] io::Error),
    /// The subscriptions were not stored.
    #[error(transparent)]
    People(#[from] people::Error),
}

/// Imports a file, or with `dry_run` only counts. `on_fault` gets the number of the line of each fault.
///
/// # Errors
/// The file cannot be read, or the subscriptions were not stored.
pub async fn load(
    people: &People,
    (file, format): (impl BufRead, Format),
    kanalen: &Kanalen,
    dry_run: bool,
    on_fault: &mut impl FnMut(u64, Fault),
) -> Result<Counts, LoadError> {
    let mut counts = Counts::default();
    let mut batch = Vec::with_capacity(BATCH);
    let mut items = Items::new(file, format);
    while let Some((line, item)) = items.next(kanalen)? {
        match item {
            Ok(Item::Confirmed(confirmed)) => batch.push(*confirmed),
            Ok(Item::Unconfirmed) => counts.unconfirmed += 1,
            Ok(Item::Ended) => counts.ended += 1,
            Err(fault) => {
                counts.faults += 1;
                on_fault(line, fault);
            }
        }
        if batch.len() == BATCH {
            import(people, std::mem::take(&mut batch), dry_run, &mut counts).await?;
        }
    }
    import(people, batch, dry_run, &mut counts).await?;
    Ok(counts)
}

async fn import(
    people: &People,
    batch: Vec<ImportLine>,
    dry_run: bool,
    counts: &mut Counts,
) -> Result<(), people::Error> {
    for imported in people.import(batch, dry_run).await? {
        *counts.imported.entry(imported).or_default() += 1;
    }
    Ok(())
}

/// The items of a file.
enum Items<R> {
    Objects(Objects<R>),
    Lines { file: R, line: u64, head: Option<csv::Head> },
}

impl<R: BufRead> Items<R> {
    fn new(file: R, format: Format) -> Self {
        match format {
            Format::NotifyBc => Self::Objects(Objects::new(file)),
            Format::Csv => Self::Lines { file, line: 0, head: None },
        }
    }

    fn next(&mut self, kanalen: &Kanalen) -> io::Result<Option<(u64, Result<Item, Fault>)>> {
        match self {
            Self::Objects(objects) => {
                let Some((line, found)) = objects.next().transpose()? else { return Ok(None) };
                let item = match found {
                    Found::Object(object) => notifybc::read(&object, kanalen),
                    Found::TooLarge => Err(fault("", "is groter dan 256 KiB")),
                    Found::Stray => Err(fault("", "is geen JSON-object")),
                };
                Ok(Some((line, item)))
            }
            Self::Lines { file, line, head } => loop {
                let Some(text) = read_line(file)? else { return Ok(None) };
                *line += 1;
                let text = match text {
                    Ok(text) if text.trim().is_empty() => continue,
                    Ok(text) => text,
                    Err(fault) => return Ok(Some((*line, Err(fault)))),
                };
                match head {
                    Some(head) => return Ok(Some((*line, head.read(&text, kanalen)))),
                    None => match csv::Head::parse(&text) {
                        Ok(found) => *head = Some(found),
                        // Nothing else of the file can be read.
                        Err(fault) => {
                            while read_line(file)?.is_some() {}
                            return Ok(Some((*line, Err(fault))));
                        }
                    },
                }
            },
        }
    }
}

/// The next line; a fault for one that is too long, or no UTF-8.
fn read_line(file: &mut impl BufRead) -> io::Result<Option<Result<String, Fault>>> {
    let mut bytes = Vec::new();
    if file.by_ref().take(MAX_LINE).read_until(b'\n', &mut bytes)? == 0 {
        return Ok(None);
    }
    if bytes.len() as u64 == MAX_LINE && !bytes.ends_with(b"\n") {
        let mut rest = Vec::new();
        while file.by_ref().take(MAX_LINE).read_until(b'\n', &mut rest)? > 0 && !rest.ends_with(b"\n") {
            rest.clear();
        }
        return Ok(Some(Err(fault("", "is langer dan 64 KiB"))));
    }
    Ok(Some(String::from_utf8(bytes).map_err(|_| fault("", "is geen UTF-8"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str, format: Format) -> Vec<(u64, &'static str)> {
        let mut items = Items::new(text.as_bytes(), format);
        let mut found = Vec::new();
        while let Some((line, item)) = items.next(&Kanalen::of(["weg"], [])).unwrap() {
            if let Err(fault) = item {
                found.push((line, fault.member));
            }
        }
        found
    }

    #[test]
    fn ch_130_faults_have_their_line_and_reading_goes_on() {
        let csv = format!(
            "address,kanaal,confirmed\n\nan@x.nl,weg,2021-01-02\nan@,weg,2021-01-02\n{}\nan@x.nl,raad,2021-01-02\n",
            "x".repeat(200_000)
        );
        assert_eq!(faults(&csv, Format::Csv), [(4, "address"), (5, ""), (6, "kanaal")]);
        assert_eq!(faults("naam\nan\nbo\n", Format::Csv), [(1, "")]);
        assert_eq!(faults("address;kanaal\nan\nbo\n", Format::Csv), [(1, "confirmed")]);
        let json = "[{\"state\":\"deleted\"},\n{\"state\":1},\n{\"state\":\"confirmed\"}]";
        assert_eq!(faults(json, Format::NotifyBc), [(2, "state"), (3, "userChannelId")]);
    }
}

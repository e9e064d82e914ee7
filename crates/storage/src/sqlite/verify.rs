//! Examines the files of a store without changing them: their integrity, the records of every log with their checksums,
//! whether progress and journal agree with the log, and the addressees, if there is a file with them. A gateway may run on the store meanwhile.

use std::path::Path;

use model::Registry;
use rusqlite::Connection;

use super::{AUDIENCE, GATEWAY, JOURNAL, audience, control, database, failure, journal, log, log_rows, progress_ahead};
use crate::Error;

/// Most lines of SQLite about one file.
const MAX_LINES: u32 = 20;
/// Most positions that a finding names.
const MAX_POSITIONS: usize = 20;

/// One line of the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether this is as it should be.
    pub good: bool,
    /// What was examined, and what is wrong with it.
    pub text: String,
}

fn finding(problem: Option<String>, what: String) -> Finding {
    match problem {
        None => Finding { good: true, text: what },
        Some(problem) => Finding { good: false, text: format!("{what}: {problem}") },
    }
}

/// Examines the store in a directory. Reads every page, so it takes as long as reading the files.
///
/// # Errors
/// `Unavailable` when there is no store. What is wrong inside the files is a finding.
pub fn verify(dir: &Path) -> Result<Vec<Finding>, Error> {
    let path = dir.join(GATEWAY);
    if !path.is_file() {
        return Err(failure::broken(format!("there is no {}", path.display())));
    }
    // The snapshot of the journal first: a running gateway writes it after the log.
    let journal_path = dir.join(JOURNAL);
    let journal = journal_path.is_file().then(|| snapshot(&journal_path));
    let mut findings = Vec::new();
    match snapshot(&path) {
        Err(error) => findings.push(finding(Some(error.to_string()), GATEWAY.to_owned())),
        Ok(gateway) => {
            findings.push(integrity(&gateway, GATEWAY));
            let examined = examine(&gateway, journal.as_ref().and_then(|journal| journal.as_ref().ok()), &mut findings);
            if let Err(error) = examined {
                findings.push(finding(Some(error.to_string()), "the content of gateway.sqlite".to_owned()));
            }
        }
    }
    match journal {
        None => findings.push(finding(Some("it is missing; a start creates it".to_owned()), JOURNAL.to_owned())),
        Some(Err(error)) => findings.push(finding(Some(error.to_string()), JOURNAL.to_owned())),
        Some(Ok(journal)) => findings.push(integrity(&journal, JOURNAL)),
    }
    examine_audience(&dir.join(AUDIENCE), &mut findings);
    Ok(findings)
}

/// Examines the file with addressees, if there is one.
fn examine_audience(path: &Path, findings: &mut Vec<Finding>) {
    if !path.is_file() {
        return;
    }
    let examined = snapshot(path).and_then(|audience| {
        findings.push(integrity(&audience, AUDIENCE));
        audience::verify::examine(&audience)
    });
    match examined {
        Ok(examined) => findings.extend(examined.into_iter().map(|(what, problem)| finding(problem, what))),
        Err(error) => findings.push(finding(Some(error.to_string()), AUDIENCE.to_owned())),
    }
}

/// A connection in a read transaction.
pub(super) fn snapshot(path: &Path) -> Result<Connection, Error> {
    let connection = database::open_reader(path)?;
    connection.execute_batch("BEGIN")?;
    let _: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(connection)
}

fn integrity(connection: &Connection, file: &str) -> Finding {
    let lines = connection.prepare(&format!("PRAGMA integrity_check({MAX_LINES})")).and_then(|mut statement| {
        let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
        lines.collect::<rusqlite::Result<Vec<_>>>()
    });
    let problem = match lines {
        Ok(lines) if lines == ["ok"] => None,
        Ok(lines) => Some(lines.join("; ")),
        Err(error) => Some(error.to_string()),
    };
    finding(problem, format!("integrity of {file}"))
}

fn examine(gateway: &Connection, journal: Option<&Connection>, findings: &mut Vec<Finding>) -> Result<(), Error> {
    let logs = log::bounds(gateway)?;
    let has_checksums = database::has(gateway, "record.checksum")?;
    for (id, naam, bounds) in &logs {
        let (mut bad, mut positions) = (0_u64, Vec::new());
        for at in bounds.first..bounds.end {
            let read =
                if has_checksums { log_rows::one(gateway, *id, at) } else { log_rows::one_without(gateway, *id, at) };
            let reason = match read {
                Ok(Ok(_)) => continue,
                Ok(Err(cause)) => cause.to_string(),
                Err(error) => error.to_string(),
            };
            bad += 1;
            if positions.len() < MAX_POSITIONS {
                positions.push(format!("{at} ({reason})"));
            }
        }
        let problem = (bad > 0).then(|| format!("{bad} cannot be read, at {}", positions.join(", ")));
        let count = bounds.end.saturating_sub(bounds.first);
        findings.push(finding(problem, format!("kanaal {naam}: {count} records, {} to {}", bounds.first, bounds.end)));
    }
    let mut registry = Registry::default();
    let read = control::read(gateway, &mut registry).err().map(|error| error.to_string());
    findings.push(finding(read, format!("kanalen ({}) and subscriptions", registry.kanalen().count())));
    let ends: Vec<_> = logs.into_iter().map(|(_, naam, bounds)| (naam, bounds.end)).collect();
    let ahead = progress_ahead::count(gateway, &ends)?;
    let problem = (ahead > 0).then(|| format!("{ahead} entries are ahead of the log; a start sets them to its end"));
    findings.push(finding(problem, "progress".to_owned()));
    if let Some(journal) = journal {
        let ahead = journal::agree::kanalen_beyond(journal, &ends)?;
        let problem = (ahead > 0)
            .then(|| format!("it is ahead of the log in {ahead} kanalen; a start removes the rows that are too many"));
        findings.push(finding(problem, "journal and log".to_owned()));
    }
    Ok(())
}

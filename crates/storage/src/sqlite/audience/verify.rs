//! Examines `audience.db` without changing it: every addressee with its checksum, the numbers that are kept of them, due
//! messages, and that slots are used once or hold zeros.

use rusqlite::Connection;

use super::{names::Names, outgoing, row};
use crate::{Error, sqlite::database};

/// Each thing that was examined, with what is wrong with it.
pub(in crate::sqlite) fn examine(connection: &Connection) -> Result<Vec<(String, Option<String>)>, Error> {
    let problem = |count: u64, what: &str| (count > 0).then(|| format!("{count} {what}"));
    let (addressees, damaged) = addressees(connection)?;
    // A file that was opened only by older programs has no outbox.
    let has_outbox = database::has(connection, "outgoing")?;
    let mut findings = vec![
        (format!("addressees: {addressees}"), problem(damaged, "cannot be read")),
        ("counts of addressees".to_owned(), problem(wrong_counts(connection)?, "differ from the rows")),
        (
            "slots of addressees".to_owned(),
            problem(wrong_slots(connection, has_outbox)?, "are lost, shared or not overwritten"),
        ),
    ];
    if has_outbox {
        let (due, damaged) = outgoing::examine(connection)?;
        findings.push((format!("due messages: {due}"), problem(damaged, "cannot be read or have no addressee")));
    }
    Ok(findings)
}

/// The number of rows, and of those that cannot be read.
fn addressees(connection: &Connection) -> Result<(u64, u64), Error> {
    let mut statement = connection.prepare("SELECT number FROM addressee")?;
    let (mut all, mut damaged, mut names) = (0, 0, Names::default());
    let mut rows = statement.query([])?;
    while let Some(found) = rows.next()? {
        all += 1;
        match row::read(connection, &mut names, found.get(0)?) {
            Ok(_) => {}
            Err(error) if row::is_damage(&error) => damaged += 1,
            Err(error) => return Err(error),
        }
    }
    Ok((all, damaged))
}

fn wrong_counts(connection: &Connection) -> Result<u64, Error> {
    let counted = "SELECT topic, state, filter, count(*) FROM addressee GROUP BY topic, state, filter";
    let kept = "SELECT topic, state, filter, count FROM tally";
    let sql = format!(
        "SELECT (SELECT count(*) FROM ({counted} EXCEPT {kept})) + (SELECT count(*) FROM ({kept} EXCEPT {counted}))"
    );
    count(connection, &sql)
}

/// Slots that are neither of one addressee or due message nor free, or more than one of these, and free ones that hold something.
fn wrong_slots(connection: &Connection, has_outbox: bool) -> Result<u64, Error> {
    let due = if has_outbox { "UNION ALL SELECT slot FROM outgoing WHERE slot IS NOT NULL" } else { "" };
    count(
        connection,
        &format!(
            "WITH used AS (SELECT slot FROM addressee UNION ALL SELECT slot FROM free_slot {due})
         SELECT (SELECT count(*) FROM (SELECT slot FROM personal EXCEPT SELECT slot FROM used))
             + (SELECT count(*) FROM (SELECT slot FROM used GROUP BY slot HAVING count(*) > 1))
             + (SELECT count(*) FROM free_slot f JOIN personal p ON p.slot = f.slot WHERE p.body <> zeroblob(f.size))"
        ),
    )
}

fn count(connection: &Connection, sql: &str) -> Result<u64, Error> {
    let count: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(count as u64)
}

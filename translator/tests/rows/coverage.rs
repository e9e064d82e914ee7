//! Every requirement of the groups on wire forms is in the name of a test here, or is listed below with the reason why
//! it cannot be tested without a server (or belongs to another crate).

use std::collections::BTreeSet;

/// Group and number of its rows.
const GROUPS: [(&str, u32); 9] = [
    ("ce_ctx", 50),
    ("ce_json", 27),
    ("ce_batch", 11),
    ("ce_http", 42),
    ("ce_kafka", 27),
    ("nlg_ctx", 35),
    ("nlg_sec", 6),
    ("nlg_http", 7),
    ("nlg_json", 6),
];

/// Rows of MAP and GW besides, which have their own list since most belong to other packages.
const MORE: [(&str, u32); 2] = [("map", 27), ("gw", 11)];

const ELSEWHERE: [(&str, &[u32], &str); 26] = [
    ("ce_ctx", &[11, 12], "ids are made and repeated posts answered by the gateway"),
    ("ce_ctx", &[43, 46], "limits and TLS of the server"),
    ("ce_batch", &[7, 8], "when batches are sent is decided by delivery"),
    ("ce_batch", &[9, 10], "switching batches off is the gateway's"),
    ("ce_http", &[3], "HTTP/2 of the server"),
    ("ce_http", &[38, 39], "content codings and methods of the server"),
    ("ce_http", &[41, 42], "the mode of a delivery, and its answer, are delivery's"),
    ("ce_kafka", &[10, 22, 26, 27], "topics and acknowledgements of the Kafka adapter"),
    ("nlg_ctx", &[1, 21], "documentation"),
    ("nlg_ctx", &[4], "attempts of delivery"),
    ("nlg_ctx", &[14, 15], "the management API"),
    ("nlg_ctx", &[23], "the gateway keeps no objects behind dataref"),
    ("nlg_ctx", &[27], "the gateway makes no sequences"),
    ("nlg_sec", &[2], "the choice of a form is delivery's"),
    ("nlg_sec", &[4, 5], "TLS and logs of the server"),
    ("nlg_http", &[2, 3], "the default form is delivery's"),
    ("nlg_json", &[4], "the schema checks output only; it accepts what the rules refuse"),
    ("nlg_json", &[5, 6], "which format is sent is delivery's"),
    ("map", &[19], "the envelope option is postponed"),
    ("map", &[25], "whether kenmerken fit their kanaal is checked by ingest, with the existence of the kanaal"),
    ("map", &[26], "the probe is the webhook validator's"),
    ("gw", &[1, 5], "durability of ingest"),
    ("gw", &[2, 3], "routing and answers of ingest"),
    ("gw", &[7], "the management API"),
    ("gw", &[8], "limits of the server"),
    ("gw", &[9], "the duplicates window of delivery"),
];

const SOURCES: [&str; 9] = [
    include_str!("batch.rs"),
    include_str!("ctx.rs"),
    include_str!("http.rs"),
    include_str!("json.rs"),
    include_str!("kafka.rs"),
    include_str!("map.rs"),
    include_str!("nlgov.rs"),
    include_str!("properties.rs"),
    include_str!("limits.rs"),
];

/// The rows that the name of a test mentions: each number after the words of a group.
fn rows_in(name: &str, found: &mut BTreeSet<(String, u32)>) {
    let words: Vec<_> = name.split('_').collect();
    let mut group = None;
    for (at, word) in words.iter().enumerate() {
        let known = |length: usize| {
            let joined = words.get(at..at + length)?.join("_");
            GROUPS.iter().chain(&MORE).any(|(group, _)| *group == joined).then_some(joined)
        };
        if let Some(start) = known(2).or_else(|| known(1)) {
            group = Some(start);
        } else if let (Some(group), 2, Ok(row)) = (&group, word.len(), word.parse()) {
            found.insert((group.clone(), row));
        }
    }
}

#[test]
fn every_row_is_tested_here_or_belongs_elsewhere() {
    let mut tested = BTreeSet::new();
    for line in SOURCES.iter().flat_map(|source| source.lines()) {
        if let Some(name) = line.trim_start().strip_prefix("fn ").and_then(|rest| rest.split('(').next()) {
            rows_in(name, &mut tested);
        }
    }
    let elsewhere: BTreeSet<_> =
        ELSEWHERE.iter().flat_map(|(group, rows, _)| rows.iter().map(|row| ((*group).to_owned(), *row))).collect();
    let all: BTreeSet<_> = GROUPS
        .iter()
        .chain(&MORE)
        .flat_map(|(group, count)| (1..=*count).map(|row| ((*group).to_owned(), row)))
        .collect();
    let missing: Vec<_> = all.iter().filter(|row| !tested.contains(*row) && !elsewhere.contains(*row)).collect();
    assert!(missing.is_empty(), "neither tested nor explained: {missing:?}");
    let both: Vec<_> = tested.intersection(&elsewhere).collect();
    assert!(both.is_empty(), "tested here, so not elsewhere: {both:?}");
    let unknown: Vec<_> = tested.difference(&all).collect();
    assert!(unknown.is_empty(), "no such rows: {unknown:?}");
}

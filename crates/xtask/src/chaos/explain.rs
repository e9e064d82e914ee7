//! Whether what `gateway verify` and `gateway audit deliveries` report is explained by the records that were tampered with.

/// What is wrong in the output of an examination, beyond so many records that cannot be read.
pub fn unexplained(printed: &str, tampered: usize) -> Option<String> {
    let bad: Vec<&str> = printed.lines().filter(|line| line.starts_with("BAD")).collect();
    let unread: usize = bad.iter().map(|line| count_unread(line)).sum();
    if let Some(line) = bad.iter().find(|line| count_unread(line) == 0) {
        return Some((*line).to_owned());
    }
    if bad.is_empty() {
        return Some("it failed without a finding".to_owned());
    }
    (unread > tampered).then(|| format!("{unread} records cannot be read, and {tampered} were tampered with"))
}

/// The records that a line calls unreadable: `… 3 cannot be read, at …`, `4 more places cannot be read`, or one that it names.
fn count_unread(line: &str) -> usize {
    let Some((before, _)) = line.split_once(" cannot be read") else { return 0 };
    let before = before.strip_suffix(" more places").unwrap_or(before);
    before.rsplit(' ').next().and_then(|count| count.parse().ok()).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_records_that_were_tampered_with_are_explained() {
        let verify = "ok     progress\nBAD    kanaal bench: 90 records, 0 to 90: 2 cannot be read, at 3 (x), 4 (y)\n";
        let audit = "BAD    cannot be read: kanaal bench, 3\nBAD    1 more places cannot be read\nok     subscription x: 3 wanted";
        for printed in [verify, audit] {
            assert_eq!(unexplained(printed, 2), None, "{printed}");
            assert!(unexplained(printed, 1).is_some_and(|reason| reason.starts_with('2')), "{printed}");
        }
        let other = format!("{verify}BAD    subscription x: 3 wanted = 2 delivered + 1 without an outcome: p");
        assert!(unexplained(&other, 9).is_some_and(|reason| reason.contains("without an outcome")));
        assert!(unexplained("gateway: no such file", 9).is_some());
    }
}

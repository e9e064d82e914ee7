//! The page docs/delivery-outcomes.md: what each answer of a webhook means and what follows, made from the table of statuses
//! and from `delivery::outcomes`.

use std::{fmt::Write as _, ops::RangeInclusive, time::Duration};

use delivery::{
    Cause, Class,
    outcomes::{effect, outage},
};

use crate::status::class;

/// The lowest and the highest status.
const STATUSES: RangeInclusive<u16> = 100..=599;

/// The page docs/delivery-outcomes.md, in Markdown.
pub fn page() -> String {
    let mut page =
        "# What follows from an answer\n\nGenerated from the code by `cargo xtask codegen`. For developers of \
                    subscribers: what the gateway does after each answer to a delivery.\n\n\
                    | answer | attributed to | what happens next |\n|---|---|---|\n"
            .to_owned();
    let wait = Some(Duration::from_secs(1));
    let paced = statuses(|status| class(status, wait) == class(429, wait), " with `Retry-After`");
    let mut rows = vec![(paced, class(429, wait))];
    let plain = [
        class(200, None),
        class(410, None),
        class(400, None),
        class(415, None),
        class(412, None),
        class(500, None),
        class(503, None),
    ];
    rows.extend(plain.map(|row| (statuses(|status| class(status, None) == row, ""), row)));
    rows.extend([
        (
            "no answer: the name does not resolve, the connection, TLS or HTTP fails, a time-out, a token cannot be obtained"
                .to_owned(),
            Class::Failed(Cause::Connection),
        ),
        ("nothing was sent: the gateway lacked what it needs, such as a file descriptor".to_owned(), Class::Failed(Cause::Gateway)),
        ("nothing was sent: the event has no form in the format".to_owned(), Class::Untranslatable),
    ]);
    for (answer, row) in rows {
        let effect = effect(row);
        let cause = if effect.cause.is_empty() { "\u{2013}" } else { effect.cause };
        // Writing to a string does not fail.
        let _ = writeln!(page, "| {answer} | {cause} | {} |", effect.next);
    }
    let _ = write!(
        page,
        "\nRedirects (3xx) are not followed. With `ladderOnly` every failing answer but 410 and those with `Retry-After` \
         consumes a retry, and no outage holds the subscription up.\n\n## Retries\n\nThe wait before retry *n* (from 0) is \
         `factor` \u{d7} `base`^*n* seconds, at most `capSeconds`; by default 3, 6, 12, 24 and 48 seconds. After the last one \
         the event is a dead letter (`dead-lettered`), which can be redriven.\n\n## Outages\n\n{}",
        outage()
    );
    page
}

/// The statuses for which this holds, as ranges; a whole hundred is written as `2xx`.
fn statuses(holds: impl Fn(u16) -> bool, suffix: &str) -> String {
    let mut ranges: Vec<(u16, u16)> = Vec::new();
    for status in STATUSES.filter(|status| holds(*status)) {
        match ranges.last_mut() {
            // A range does not cross a hundred, so that whole hundreds show.
            Some((_, last)) if *last + 1 == status && status % 100 != 0 => *last = status,
            _ => ranges.push((status, status)),
        }
    }
    let texts = ranges.iter().map(|(first, last)| match (first, last) {
        (first, last) if first % 100 == 0 && last % 100 == 99 => format!("{}xx", first / 100),
        (first, last) if first == last => first.to_string(),
        (first, last) => format!("{first}\u{2013}{last}"),
    });
    format!("{}{suffix}", texts.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn b1_the_page_has_a_row_for_every_status() {
        let rows = [200, 410, 400, 415, 412, 500, 503].map(|status| class(status, None));
        let classes: HashSet<Class> = STATUSES.map(|status| class(status, None)).collect();
        assert!(classes.iter().all(|class| rows.contains(class)), "{classes:?}");
        assert_eq!(classes.len(), rows.len());
    }

    #[test]
    fn b1_statuses_are_written_as_ranges() {
        assert_eq!(statuses(|status| class(status, None) == Class::Delivered, ""), "2xx");
        assert_eq!(statuses(|status| matches!(status, 400 | 402..=404), " x"), "400, 402\u{2013}404 x");
    }
}

//! Sizes that take long to reach: many subscriptions with filters, many events on the log with retention at work, many subscribers that
//! come back at the same time; on Kafka many kanalen instead. Figures beside their aims; one file per size.

mod events;
mod kanalen;
mod post;
mod returning;
mod subscriptions;

use std::time::Duration;

use serde_json::json;

use super::Bench;
use super::report::Table;
use crate::workspace::Failure;

/// What a figure should be.
#[derive(Clone, Copy)]
enum Aim {
    None,
    AtLeast(f64),
    AtMost(f64),
}

pub async fn measure(bench: &Bench<'_>) -> Result<Table, Failure> {
    let columns = ["what", "aim", "figure", "ratio"];
    let mut table = Table::new("scale", "Many subscriptions, events, returning subscribers or kanalen", &columns);
    let outcome = measure_all(bench, &mut table).await;
    // What was measured before an error took long.
    if outcome.is_err() {
        table.print();
    }
    outcome.map(|()| table)
}

async fn measure_all(bench: &Bench<'_>, table: &mut Table) -> Result<(), Failure> {
    if !bench.is_embedded() {
        return kanalen::measure(bench, table).await.map_err(|reason| format!("kanalen: {reason}"));
    }
    subscriptions::measure(bench, table).await.map_err(|reason| format!("subscriptions: {reason}"))?;
    events::measure(bench, table).await.map_err(|reason| format!("events: {reason}"))?;
    returning::measure(bench, table).await.map_err(|reason| format!("returning subscribers: {reason}"))
}

/// Adds a figure, and prints it at once: the whole takes long.
fn figure(table: &mut Table, what: &str, aim: Aim, figure: f64) {
    add(table, what, aim, figure, None);
}

/// Adds a figure with its ratio to another one, whose name in the report begins with `of_`.
fn figure_of(table: &mut Table, what: &str, aim: Aim, figure: f64, ratio: (&str, f64)) {
    add(table, what, aim, figure, Some(ratio));
}

fn seconds(table: &mut Table, what: &str, took: Duration) {
    figure(table, &format!("{what}, s"), Aim::None, took.as_secs_f64());
}

/// Adds a size that the kernel gives in KiB.
fn mebibytes(table: &mut Table, what: &str, kibibytes: u64) {
    figure(table, &format!("{what}, MiB"), Aim::None, kibibytes as f64 / 1024.0);
}

fn add(table: &mut Table, what: &str, aim: Aim, figure: f64, ratio: Option<(&str, f64)>) {
    let aim_text = aim.describe(figure);
    let text = if figure < 100.0 { format!("{figure:.2}") } else { format!("{figure:.0}") };
    println!("{what}: {text} {aim_text}");
    let mut figures = json!({ "what": what, "figure": figure });
    let mut ratio_text = String::new();
    if let Some((name, ratio)) = ratio {
        figures[name] = ratio.into();
        ratio_text = format!("{ratio:.2} {}", name.replace('_', " "));
    }
    table.row(vec![what.to_owned(), aim_text, text, ratio_text], figures);
}

impl Aim {
    /// The aim as text, with whether the figure reaches it.
    fn describe(self, figure: f64) -> String {
        let (text, is_reached) = match self {
            Self::None => return String::new(),
            Self::AtLeast(least) => (format!("at least {least}"), figure >= least),
            Self::AtMost(most) => (format!("at most {most}"), figure <= most),
        };
        format!("{text}: {}", if is_reached { "yes" } else { "no" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_shown_beside_its_aim_and_its_ratio() {
        let mut table = Table::new("scale", "", &[]);
        figure(&mut table, "created per second", Aim::AtLeast(1_000.0), 999.0);
        figure_of(&mut table, "match, us", Aim::AtMost(200.0), 12.0, ("of_first", 0.5));
        assert_eq!(table.figures()[0], json!({ "what": "created per second", "figure": 999.0 }));
        assert_eq!(table.figures()[1], json!({ "what": "match, us", "figure": 12.0, "of_first": 0.5 }));
        assert_eq!(Aim::AtLeast(1_000.0).describe(999.0), "at least 1000: no");
        assert_eq!(Aim::AtMost(200.0).describe(200.0), "at most 200: yes");
        assert_eq!(Aim::None.describe(1.0), "");
    }
}

//! The plan and the result of a migration as text, in Dutch, for the administrator.

use std::{collections::BTreeMap, fmt::Write, path::Path};

use model::{Subscription, subscription::Status};
use storage::progress::Key;

use super::{MigrationSummary, Source, apply::State};
use crate::config;

/// The plan: what the source holds, and the state of the target.
pub fn plan(source: &Source, from: &Path, state: State, kafka: &config::Kafka) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "Van   {}", from.display());
    let _ = writeln!(text, "Naar  {} (topics {}.*)", kafka.brokers, kafka.prefix);
    let _ = writeln!(text, "Kanalen ({})", source.ranges.len());
    for range in &source.ranges {
        let _ = writeln!(text, "  {:<24} {:>12} events", range.kanaal.as_str(), range.events());
    }
    let registry = &source.registry;
    let mut states: BTreeMap<&str, usize> = BTreeMap::new();
    for own in registry.subscriptions() {
        *states.entry(status(own)).or_default() += 1;
    }
    let _ = writeln!(text, "Abonnementen ({})", registry.subscriptions().count());
    for (state, count) in states {
        let _ = writeln!(text, "  {state:<24} {count:>12}");
    }
    let unsettled = source.progress.iter().filter(|(key, _)| matches!(key, Key::Unsettled(_))).count();
    for (what, count) in [
        ("Applicaties", registry.applicaties().count()),
        ("Schema's", registry.schemas().count()),
        ("Lopende opdrachten", registry.runs().count()),
        ("Leveringen onderweg", unsettled),
        ("Dead letters", source.dead_letters as usize),
        ("Abonnementen van mensen", source.addressees.iter().map(|count| count.addressees as usize).sum()),
    ] {
        let _ = writeln!(text, "{what:<26} {count:>12}");
    }
    let _ = writeln!(
        text,
        "Niet mee gaat de geschiedenis van leveringen die al zijn geslaagd; die blijft in de bron te vinden."
    );
    if state == State::Begun {
        let _ = writeln!(text, "Een eerdere poging is onderbroken; deze gaat verder waar die bleef.");
    }
    text
}

fn status(own: &Subscription) -> &'static str {
    match own.status {
        Status::Active if own.consent.granted().is_some() => "actief, met toestemming",
        Status::Active => "actief, zonder toestemming",
        Status::Paused => "gepauzeerd",
        Status::Suspended { .. } => "opgeschort",
        Status::Gone { .. } => "beeindigd door ontvanger",
        Status::Expired { .. } => "verlopen",
    }
}

/// The result: counts and digests of both sides.
pub fn table(summary: &MigrationSummary) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "\n{:<24} {:>12} {:>12}  {:<16}  gelijk", "Kanaal", "bron", "Kafka", "SHA-256");
    for row in &summary.kanalen {
        let (here, there) = (&row.source, &row.target);
        let equal = if row.is_equal() { "ja" } else { "NEE" };
        let start = here.digest.get(..16).unwrap_or_default();
        let _ = writeln!(
            text,
            "{:<24} {:>12} {:>12}  {start:<16}  {equal}",
            row.kanaal.as_str(),
            here.events,
            there.events
        );
    }
    let _ = writeln!(text, "Dead letters: {}; gegevens over voortgang: {}.", summary.dead_letters, summary.progress);
    let people = &summary.people;
    if !people.rows.is_empty() {
        let (addressees, due, evidence) = (people.of("addressee"), people.of("outgoing"), people.of("evidence"));
        let (mailings, messages) = (people.of("mailing"), people.of("inbox_message"));
        let start = people.digest.get(..16).unwrap_or_default();
        let _ = writeln!(
            text,
            "Mensen: {addressees} abonnementen, {due} berichten onderweg, {evidence} bewijzen, {mailings} verzendingen, \
             {messages} berichten in de berichtenbox; SHA-256 {start}, gelijk: ja."
        );
    }
    if people.feeds > 0 {
        let _ = writeln!(text, "Feeds: {} met wat al gezien is.", people.feeds);
    }
    text
}

/// What to put in the configuration, what to do next, and how to go back.
pub fn next_steps(from: &Path, key: &Path, kafka: &config::Kafka) -> String {
    let (from, key) = (from.display(), key.display());
    let config::Kafka { brokers, prefix, .. } = kafka;
    format!(
        "
Neem de configuratie van de gateway over voor iedere node (applicaties die er niet in staan worden ingetrokken), en zet daarin:

data = \"/var/lib/gateway-kafka\"    # niet {from}: die map blijft bewaard
[secrets]
key_file = \"{key}\"    # dezelfde sleutel op iedere node
[kafka]
brokers = \"{brokers}\"
prefix = \"{prefix}\"

Daarna
  1. gateway check --config BESTAND    zegt of rechten en instellingen kloppen
  2. gateway serve --config BESTAND    start de eerste node; leveringen gaan verder waar ze waren
  3. GET /v1/subscriptions             iedere state is als voorheen, en lag loopt terug naar 0
Start de gateway niet meer op {from} zolang er een op Kafka draait: beide zouden leveren.

Terug
  {from} is niet veranderd. Stop alle nodes op Kafka en start de gateway weer zonder [kafka] op die map. Wat daarna op
  Kafka is aangenomen staat er niet in, en wat vandaar is geleverd wordt opnieuw geleverd.
"
    )
}

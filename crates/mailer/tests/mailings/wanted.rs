//! Who gets an event, with what, and what is written about it.

use std::{
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

use model::addressee::{Addressee, Basis, EndReason, FilterText, Outcome, State, StateKind};
use serde_json::{Value, json};
use storage::Audience;
use test_relay::{Protection, Relay};

use super::world::{World, earlier, eventually, kanaal};

/// Everything that is logged in this process.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("not poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_reaches_who_wants_it_and_nobody_else_i9_i10_ch_20_ch_74_ch_91_ch_92_ch_110_ch_144() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || writer.clone());
    subscriber.init();
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let rendered = recorder.handle();
    metrics::set_global_recorder(recorder).expect("the first");

    let relay = Relay::start(
        Protection::None,
        json!({
            "contents": true,
            "rcpt": {
                "grey@burger.example": ["451 4.7.1 <grey@burger.example> later", "421 4.3.2 busy"],
                "unknown@burger.example": ["550 5.1.1 <unknown@burger.example> unknown"],
                "slow@burger.example": ["hang"],
            },
        }),
    );
    let relay = relay.await.expect("a relay");
    let directory = tempfile::tempdir().expect("a directory");
    let world = World::open(directory.path()).await;
    let filter = async |text: &str| {
        let text = FilterText::new(text.to_owned()).expect("a filter");
        Some(world.audience.filter_id(text).await.expect("a number"))
    };
    let (wants, differs) = (filter("sql:type = 'nl.afval.gewijzigd'").await, filter("sql:type = 'x'").await);
    let with = |address: &str, change: &dyn Fn(&mut Addressee)| {
        let mut addressee = world.addressee(&format!("{address}@burger.example"), "afval");
        change(&mut addressee);
        addressee
    };
    let later = earlier() + Duration::from_hours(2);
    let everybody = vec![
        with("all", &|_| {}),
        with("wants", &|one| one.filter = wants),
        with("grey", &|_| {}),
        with("slow", &|_| {}),
        with("unknown", &|_| {}),
        with("differs", &|one| one.filter = differs),
        with("later", &|one| one.state = State::confirmed(later, Basis::Code)),
        with("over", &|one| one.expires = Some(earlier())),
        with("left", &|one| one.state = State::Ended { at: earlier(), reason: EndReason::Complaint }),
    ];
    let gone = everybody[4].id;
    world.put(everybody).await;
    world.publish("afval", "e1", &[("subject", "Grijze container"), ("time", "2026-12-01T14:30:00Z")]).await;
    world.publish("afval", "e2", &[("expirytime", "2020-01-01T00:00:00Z")]).await;
    let driver = world.start(relay.port());

    // One for whom the relay hangs delays nobody else.
    for (name, outcome) in [
        ("all", Outcome::Sent),
        ("wants", Outcome::Sent),
        ("grey", Outcome::Sent),
        ("unknown", Outcome::PermanentFailure),
    ] {
        let address = format!("{name}@burger.example");
        let is_so = async || world.outcomes(&address).await.contains(&("e1".to_owned(), Some(outcome)));
        eventually(&format!("{name} ends"), is_so).await;
        let all = world.outcomes(&address).await;
        assert_eq!(all.iter().filter(|(event, _)| event == "e1").count(), 1, "{name}: one outcome");
    }
    // The event e2 had expired when it was published.
    eventually("e2 ends", async || {
        world.outcomes("all@burger.example").await.contains(&("e2".to_owned(), Some(Outcome::Expired)))
    })
    .await;
    let bounced = async || {
        let stored = world.audience.get(gone).await.expect("read").expect("it is there");
        stored.addressee.state.kind() == StateKind::Ended
    };
    eventually("the address that does not exist is ended", bounced).await;
    for name in ["differs", "later", "over", "left"] {
        let outcomes = world.outcomes(&format!("{name}@burger.example")).await;
        assert!(outcomes.iter().all(|(event, _)| event != "e1"), "{name}: {outcomes:?}");
    }
    assert_eq!(world.audience.counts(Some(&kanaal("afval"))).await.expect("counts").len(), 2);
    driver.abort();
    let mails = relay.accepted().await.expect("mails");
    let mut to: Vec<_> = mails.iter().filter_map(|mail| mail["to"].as_str()).collect();
    to.sort_unstable();
    assert_eq!(to, ["all@burger.example", "grey@burger.example", "wants@burger.example"], "each once");
    check_mail(&mails[0]);

    let logged = String::from_utf8(lines.0.lock().expect("not poisoned").clone()).expect("UTF-8");
    let shown = rendered.render();
    assert!(shown.contains("gateway_people_mailing_ends_total{kanaal=\"afval\",end=\"sent\"}"), "{shown}");
    for text in [logged, shown] {
        assert!(!text.contains("burger.example"), "I10: no address is written");
    }
}

/// The built-in text names type, subject and time, and the list has its fields.
fn check_mail(mail: &Value) {
    let all = mail.to_string();
    for part in [
        "Er is een nieuw bericht over afval.",
        "nl.afval.gewijzigd",
        "Grijze container",
        "1 december 2026",
        "https://berichten.example.nl/a/l",
        "List-Unsubscribe=One-Click",
        "<afval.gemeente.example>",
    ] {
        assert!(all.contains(part), "{part}: {all}");
    }
}

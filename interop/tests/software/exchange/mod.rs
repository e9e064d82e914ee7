//! Every official SDK as sender, to every official SDK as receiver, through the gateway: the difficult events of
//! `events.toml` arrive equal in attributes, types and payload. What an SDK itself gets wrong is listed by name in
//! `deviations.toml`, and must still occur.

mod compare;
mod deviations;
mod sdk;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use interop::gateway::{CONSUMER, Gateway, KANAAL, PUBLISHER};
use interop::program::Server;
use interop::{Failure, program};
use serde_json::json;

use compare::{Difference, ReadEvent};
use sdk::{Sdk, Sender};
use table::Event;

/// Longest any sender may take, and longest a receiver may be silent while something is still due.
const PATIENCE: Duration = Duration::from_mins(5);

/// The results of one sender: the cases that were accepted, and the errors of the others.
struct Sent {
    sender: Sender,
    accepted: BTreeSet<String>,
    refused: BTreeMap<String, String>,
}

impl Sent {
    fn lost(&self) -> impl Iterator<Item = Difference> {
        self.refused.iter().map(|(case, said)| Difference {
            case: case.clone(),
            member: "event".to_owned(),
            sender: (self.sender.sdk.name, self.sender.mode),
            receiver: None,
            detail: said.clone(),
        })
    }
}

async fn send(sender: &Sender, url: &str, token: &str, events: &[Event]) -> Result<Sent, Failure> {
    let folder = tempfile::tempdir().map_err(Failure::file(&std::env::temp_dir()))?;
    let file = folder.path().join("events.json");
    std::fs::write(&file, table::for_senders(events, sender.mode)).map_err(Failure::file(&file))?;
    let command = sender.sdk.sender(url, sender.mode, &sender.prefix(), &file, token)?;
    let lines = program::run(&format!("sender {sender}"), command, PATIENCE).await?;
    let (mut accepted, mut refused) = (BTreeSet::new(), BTreeMap::new());
    for line in lines {
        let case = line["case"].as_str().unwrap_or_default().to_owned();
        if line["status"].as_u64().is_some_and(|status| (200..300).contains(&status)) {
            accepted.insert(case);
        } else {
            refused.insert(case, line.to_string());
        }
    }
    assert_eq!(accepted.len() + refused.len(), events.iter().filter(|event| event.can_be_sent_in(sender.mode)).count());
    Ok(Sent { sender: sender.clone(), accepted, refused })
}

/// Reads lines until every accepted event is there once on each of these sinks.
async fn collect(receiver: &mut Server, due: usize) -> Result<BTreeMap<(String, String), ReadEvent>, Failure> {
    let mut found = BTreeMap::new();
    while found.len() < due {
        let line = receiver.line(PATIENCE).await?;
        let (sink, read_event) = ReadEvent::read(&line);
        let again = found.insert((sink, read_event.id.clone()), read_event);
        assert_eq!(again.map(|first| first.id), None, "twice: {line}");
    }
    Ok(found)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_sender_to_every_receiver() -> Result<(), Failure> {
    let events = table::read();
    let known = deviations::read(&events);
    let gateway = Gateway::start("").await?;
    let (publisher, consumer) = (gateway.token(PUBLISHER).await?, gateway.token(CONSUMER).await?);

    let mut receivers = Vec::new();
    for sdk in Sdk::prepare_all()? {
        let server = Server::start(&format!("receiver {}", sdk.name), sdk.receiver()?).await?;
        for format in sdk.receives {
            let spoil: Vec<_> =
                sdk.spoils(format).iter().map(|case| json!({ "not": { "suffix": { "id": case } } })).collect();
            let more = json!({ "config": { "kanalen": [KANAAL], "format": format }, "filters": spoil });
            gateway.subscribe(&consumer, &format!("http://127.0.0.1:{}/{format}", server.port), more).await?;
        }
        receivers.push((sdk, server));
    }

    let senders: Vec<Sender> = receivers.iter().flat_map(|(sdk, _)| sdk.senders()).collect();
    let mut sent = Vec::new();
    let mut direct = vec![0; receivers.len()];
    for sender in &senders {
        sent.push(send(sender, &gateway.url("/v1/events"), &publisher, &events).await?);
        // The same without the gateway: what the two SDKs make of each other is the measure of what it adds.
        if sender.mode != "batch" {
            for ((_, server), due) in receivers.iter().zip(&mut direct) {
                let url = format!("http://127.0.0.1:{}/direct-{}", server.port, sender.mode);
                *due += send(sender, &url, "none", &events).await?.accepted.len();
            }
        }
    }

    let accepted: usize = sent.iter().map(|sent| sent.accepted.len()).sum();
    let mut differences: Vec<Difference> = sent.iter().flat_map(Sent::lost).collect();
    let (mut compared, mut transparent, mut changed) = (0, 0, Vec::new());
    for ((sdk, server), direct) in receivers.iter_mut().zip(direct) {
        let wanted = |format: &str, case: &String| !sdk.spoils(format).contains(&case.as_str());
        let due = |format: &str| sent.iter().flat_map(|one| &one.accepted).filter(|case| wanted(format, case)).count();
        let found = collect(server, sdk.receives.iter().map(|format| due(format)).sum::<usize>() + direct).await?;
        for one in &sent {
            for event in events.iter().filter(|event| one.accepted.contains(&event.case)) {
                let id = one.sender.prefix() + event.id();
                for format in sdk.receives.iter().filter(|format| wanted(format, &event.case)) {
                    let expected = event.expected(&id, one.sender.mode, format);
                    let read_event = found.get(&((*format).to_owned(), id.clone()));
                    differences.extend(compare::against(&expected, read_event, &one.sender, (sdk.name, format), event));
                    compared += 1;
                }
                // A sender that makes up what is not given makes it up anew each time.
                let through = |sink: String| found.get(&(sink, id.clone()));
                if let Some(unmediated) = through(format!("direct-{}", one.sender.mode))
                    && let Some(mediated) = through(one.sender.mode.to_owned())
                    && event.is_whole()
                {
                    if mediated.same() != unmediated.same() {
                        let (with, without) = (mediated.same(), unmediated.same());
                        changed.push(format!("{} to {}:\n   {with}\ninstead of\n   {without}", one.sender, sdk.name));
                    }
                    transparent += 1;
                }
            }
        }
    }

    let unexplained = deviations::unexplained(&known, &differences);
    let vanished = deviations::vanished(&known, &differences);
    println!(
        "{} events, {} senders by SDK and mode, {} receivers by SDK and format: {accepted} accepted, {compared} compared, {transparent} \
         also without the gateway; {} differences, all by {} known deviations of the SDKs",
        events.len(),
        senders.len(),
        receivers.iter().map(|(sdk, _)| sdk.receives.len()).sum::<usize>(),
        differences.len(),
        known.len(),
    );
    assert!(
        unexplained.is_empty(),
        "{} differences without a known reason:\n{}",
        unexplained.len(),
        unexplained.join("\n")
    );
    assert!(vanished.is_empty(), "deviations that no longer occur; take them off the list:\n{}", vanished.join("\n"));
    Ok(())
}

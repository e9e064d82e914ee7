//! A gateway in which something of everything is: deliveries that succeeded, failed and wait, dead letters, a run, a request for
//! approval; with hostile data, or with data as an organisation has it.

use std::time::Duration;

use interop::gateway::{BEHEER, CONSUMER, Gateway, PUBLISHER};
use interop::program::Server;
use interop::{Failure, http, sources};
use serde_json::{Value, json};
use tokio::process::Command;

const CONSOLE: &str = "[console]\norganisation = \"Gemeente Voorbeeld\"\n";

/// Messages to people, of which none is due.
const PEOPLE: &str = "[people]\nurl = \"https://berichten.example.nl\"\norganisation = \"Gemeente Voorbeeld\"\n\
    [email]\nhost = \"localhost\"\nport = 9\nsecurity = \"plain\"\nfrom = \"noreply@example.nl\"\nname = \"Gemeente Voorbeeld\"\n";

/// An id with markup that would run, and a mark that turns the direction of what follows.
const ID: &str =
    "\"><img src=x onerror=\"globalThis.executed=1\"><script>globalThis.executed=1</script>\u{202e}gnilevtno";
/// The start of a word of 10,000 letters.
const SUBJECT: &str = "=HYPERLINK(\"https://kwaad.example\")";
/// The name of a subscription.
const NAME: &str = "</td><script>globalThis.executed=1</script>\u{202e}maan";
/// A part of a payload.
const DATA: &str = "<script>globalThis.executed=1</script>";

/// The gateway and the receivers of its events.
pub struct Filled {
    pub gateway: Gateway,
    subscription: String,
    approval: String,
    event: String,
    /// The names of the subscriptions to a receiver that refuses every event, and to one that is down.
    failing: [(&'static str, String); 2],
    receivers: Server,
}

/// What differs between hostile data and data of an organisation.
struct Content {
    /// The names of the subscription that takes everything, and of the one that waits for approval.
    names: [&'static str; 2],
    events: Vec<Value>,
    /// Further configuration.
    configuration: &'static str,
}

impl Filled {
    /// With texts that would break a page that does not escape, wrap or isolate them.
    pub async fn with_hostile_data() -> Result<Self, Failure> {
        let event = |id: &str, subject: String| {
            json!({
                "specversion": "1.0", "id": id, "source": "urn:x:%3Cscript%3E", "type": "nl.overheid.zaken.<b>x</b>",
                "subject": subject, "data": {"tekst": DATA, "bsn": "111222333"},
            })
        };
        let events = vec![event(ID, SUBJECT.to_owned() + &"a".repeat(10_000)), event("2", SUBJECT.to_owned())];
        Self::start(Content { names: [NAME, NAME], events, configuration: PEOPLE }).await
    }

    /// With texts as they are in an organisation.
    pub async fn as_in_an_organisation() -> Result<Self, Failure> {
        let kinds = ["zaak-aangemaakt", "status-gewijzigd", "document-toegevoegd", "besluit-genomen"];
        let event = |n: usize| {
            json!({
                "specversion": "1.0", "id": format!("ZAAK-2026-{:07}", 4_210 + n),
                "source": "urn:nld:oin:00000001823288444000:systeem:zaaksysteem",
                "type": format!("nl.overheid.zaken.{}", kinds[n % kinds.len()]),
                "subject": format!("zaak/2026-{:05}", 873 + n / kinds.len()),
                "data": {"zaaktype": "vergunning", "vertrouwelijkheid": "zaakvertrouwelijk"},
            })
        };
        let names = ["Zaken naar het klantportaal", "Zaken naar de belastingdienst"];
        Self::start(Content { names, events: (0..24).map(event).collect(), configuration: "[own_events]\n" }).await
    }

    /// The base URL of the receivers.
    pub fn receivers(&self) -> String {
        format!("http://127.0.0.1:{}", self.receivers.port)
    }

    /// The names and ids of the subscriptions whose receiver refuses every event, and whose receiver is down.
    pub fn failing(&self) -> &[(&'static str, String); 2] {
        &self.failing
    }

    /// Places in the paths of `interop/console/visits.js`.
    pub fn places(&self) -> Value {
        json!({"subscription": self.subscription, "approval": self.approval, "event": self.event})
    }

    /// What the pages must show as it is.
    pub fn marks() -> Value {
        json!({"id": ID, "subject": SUBJECT, "name": NAME, "data": DATA})
    }

    async fn start(content: Content) -> Result<Self, Failure> {
        let mut command = Command::new("node");
        command.arg(sources().join("console/receivers.js"));
        let receivers = Server::start("receivers", command).await?;
        let gateway = Gateway::start(&format!("{CONSOLE}{}", content.configuration)).await?;
        let filling = Filling { beheer: gateway.token(BEHEER).await?, gateway };
        filling.prepare_kanalen().await?;

        let sink = |path: &str| format!("http://127.0.0.1:{}{path}", receivers.port);
        let [everything, awaiting] = content.names;
        let subscription = filling.subscribe(&sink("/neemt-aan?sleutel=geheim"), "zaken", everything).await?;
        let mut failing = [("Documenten naar het archief", "/weigert"), ("Meldingen openbare ruimte", "/ligt-eruit")]
            .map(|(name, path)| (name, path.to_owned()));
        for (name, path) in &mut failing {
            *path = filling.subscribe(&sink(path), "zaken", name).await?;
        }
        filling.subscribe(&sink("/zegt-nee"), "zaken", "Nog zonder toestemming").await?;
        let waits = filling.subscribe(&sink("/neemt-aan"), "besluiten", awaiting).await?;
        filling
            .wait("consent", &format!("/v1/subscriptions/{subscription}"), |answer| {
                answer["status"]["state"] == "granted"
            })
            .await?;

        let publisher = filling.gateway.token(PUBLISHER).await?;
        let url = filling.gateway.url("/v1/events?kanaal=zaken");
        for event in &content.events {
            let answer = http::send_as("application/cloudevents+json", "POST", &url, &publisher, Some(event)).await?;
            assert_eq!(answer.0, 202, "{}", answer.1);
        }
        // On the kanaal that asks for approval: what would leave of it is shown there.
        let mut decided = content.events[0].clone();
        decided["id"] = json!("BESLUIT-2026-0000017");
        let besluiten = filling.gateway.url("/v1/events?kanaal=besluiten");
        let answer =
            http::send_as("application/cloudevents+json", "POST", &besluiten, &publisher, Some(&decided)).await?;
        assert_eq!(answer.0, 202, "{}", answer.1);
        filling
            .wait("event", "/v1/events?kanaal=besluiten", |answer| {
                answer["results"].as_array().is_some_and(|all| all.len() == 1)
            })
            .await?;
        let count = content.events.len();
        filling.wait("dead letters", "/v1/dead-letters", |answer| answer["count"] == count).await?;
        let delivered = format!("/v1/subscriptions/{subscription}/deliveries?outcome=delivered&pageSize=100");
        filling
            .wait("deliveries", &delivered, |answer| answer["results"].as_array().is_some_and(|all| all.len() == count))
            .await?;
        let replay = format!("/v1/subscriptions/{subscription}/replay");
        filling.post(&replay, &json!({"from": "2026-01-01T00:00:00Z"}), 202).await?;

        let text = |name: &str| content.events[0][name].as_str().unwrap_or_default();
        let event = format!("{}/{}", encode(text("source")), encode(text("id")));
        let approval = format!("besluiten/{waits}");
        Ok(Self { gateway: filling.gateway, subscription, approval, event, failing, receivers })
    }
}

/// A gateway that is being filled.
struct Filling {
    gateway: Gateway,
    beheer: String,
}

impl Filling {
    async fn prepare_kanalen(&self) -> Result<(), Failure> {
        let kanaal =
            json!({"naam": "zaken", "filters": ["bronorganisatie", "zaaktype", "vertrouwelijkheidaanduiding"]});
        self.post("/v1/kanalen", &kanaal, 201).await?;
        let kanaal = json!({
            "naam": "besluiten", "approval": "required", "documentatieLink": "https://docs.voorbeeld.example/besluiten",
            "filters": ["besluittype", "verantwoordelijkeOrganisatie"],
        });
        self.post("/v1/kanalen", &kanaal, 201).await?;
        let schema = json!({
            "name": "zaak", "types": ["nl.overheid.zaken.zaak-aangemaakt"], "schema": {"type": "object"},
            "description": "Een zaak is aangemaakt</p><script>globalThis.executed=1</script>", "example": {"naam": "x"},
        });
        self.post("/v1/schemas", &schema, 201).await.map(drop)
    }

    async fn subscribe(&self, sink: &str, kanaal: &str, name: &str) -> Result<String, Failure> {
        let config = json!({
            "kanalen": [kanaal], "name": name, "contact": "beheer@leverancier.example",
            "description": "Voor de aansluiting van de leverancier",
        });
        let token = self.gateway.token(CONSUMER).await?;
        let body = json!({"sink": sink, "protocol": "HTTP", "config": config});
        let answer = http::send("POST", &self.gateway.url("/v1/subscriptions"), &token, Some(&body)).await?;
        assert_eq!(answer.0, 201, "{}", answer.1);
        Ok(answer.1["id"].as_str().unwrap_or_default().to_owned())
    }

    async fn post(&self, path: &str, body: &Value, expected: u16) -> Result<Value, Failure> {
        let answer = http::send("POST", &self.gateway.url(path), &self.beheer, Some(body)).await?;
        assert_eq!(answer.0, expected, "{path}: {}", answer.1);
        Ok(answer.1)
    }

    /// Waits until an answer is as wanted, for as long as a slow machine may need.
    async fn wait(&self, what: &str, path: &str, is_wanted: impl Fn(&Value) -> bool) -> Result<(), Failure> {
        let url = self.gateway.url(path);
        let mut last = Value::Null;
        for _ in 0..3_000 {
            last = http::send("GET", &url, &self.beheer, None).await?.1;
            if is_wanted(&last) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err(Failure::Exchange { what: format!("no {what} after five minutes"), why: last.to_string() })
    }
}

/// A segment of a path in percent-encoding, as the console writes it.
fn encode(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}

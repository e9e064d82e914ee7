//! `gateway demo --channels`: a citizen subscribes by e-mail, confirms, gets a mail about an event, and leaves, all by SMTP with a
//! mail server that runs beside the gateway.

use http::Method;

use super::{
    Failure,
    client::Client,
    environment::{Environment, PAGES},
    mail_server::{Mail, MailServer},
    scenario::{JSON, post, until},
    transcript::Transcript,
};

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
const CLOUDEVENT: (&str, &str) = ("Content-Type", "application/cloudevents+json");
const SUBSCRIPTION: &str =
    r#"{"protocol": "SMTP", "sink": "mailto:an@inwoner.example", "config": {"kanalen": ["afval"], "language": "nl"}}"#;
const FIRST: &str = r#"{"specversion": "1.0", "id": "1", "source": "urn:nld:oin:00000001823288444000:systeem:afval", "type": "nl.gemeente.afval.ophaaldag-verplaatst", "subject": "Papier: woensdag wordt donderdag", "kanaal": "afval"}"#;
const SECOND: &str = r#"{"specversion": "1.0", "id": "2", "source": "urn:nld:oin:00000001823288444000:systeem:afval", "type": "nl.gemeente.afval.ophaaldag-verplaatst", "subject": "Gft: maandag wordt dinsdag", "kanaal": "afval"}"#;

/// Runs the steps; fails when a mail that is expected does not arrive.
pub async fn run(environment: &Environment, mail: &mut MailServer, transcript: &mut Transcript) -> Result<(), Failure> {
    let gateway = &environment.gateway;
    transcript.step(&format!(
        "A gateway runs at {gateway}, for citizens at {PAGES};\n   a mail server runs at 127.0.0.1:{}, as the relay of a municipality.",
        mail.port
    ));
    transcript.step("A kanaal is registered, for news about the collection of waste:");
    post(environment, transcript, "/v1/kanalen", &[JSON], r#"{"naam": "afval"}"#).await?;

    transcript.step("A citizen subscribes on the website of the municipality, which asks the gateway:");
    let made = post(environment, transcript, "/v1/subscriptions", &[JSON], SUBSCRIPTION).await?;
    let id = made["id"].as_str().unwrap_or_default().to_owned();
    transcript.step("Nothing is sent to an address that is not confirmed but this mail:");
    let confirmation = next(mail, transcript).await?;

    transcript.step("The citizen opens the link and presses the button; opening it changes nothing:");
    let page = path(&confirmation)?;
    let citizen = Client::without_token(gateway.clone())?;
    citizen.send(Method::GET, &page, &[], "").await?;
    press(&citizen, transcript, &page, &[FORM], "wat=bevestigen").await?;
    reaches(environment, &id, "confirmed").await?;

    transcript.step("An event is published, and arrives as a mail:");
    post(environment, transcript, "/v1/events", &[CLOUDEVENT], FIRST).await?;
    let news = next(mail, transcript).await?;

    transcript.step("The citizen leaves with the button of the mail program (RFC 8058), without opening a page:");
    let links = news.header("List-Unsubscribe").unwrap_or_default();
    let one_click = links.split(['<', '>']).find_map(|link| link.strip_prefix(PAGES));
    let one_click = one_click.ok_or("the mail has no List-Unsubscribe")?;
    press(&citizen, transcript, one_click, &[FORM], "List-Unsubscribe=One-Click").await?;
    reaches(environment, &id, "ended").await?;
    transcript.step("That is acknowledged, with a link to undo it:");
    let acknowledgement = next(mail, transcript).await?;

    transcript.step("The next event is published, and goes to nobody:");
    post(environment, transcript, "/v1/events", &[CLOUDEVENT], SECOND).await?;
    transcript.step("The citizen comes back, by the link in the last mail:");
    press(&citizen, transcript, &path(&acknowledgement)?, &[FORM], "wat=herstellen").await?;
    reaches(environment, &id, "confirmed").await
}

async fn next(mail: &mut MailServer, transcript: &Transcript) -> Result<Mail, Failure> {
    let arrived = mail.next_mail().await?;
    transcript.show(&arrived.block());
    Ok(arrived)
}

/// The path of the link in a mail.
fn path(mail: &Mail) -> Result<String, Failure> {
    let link = mail.link(PAGES).and_then(|link| link.strip_prefix(PAGES));
    link.map(str::to_owned).ok_or_else(|| format!("no link in the mail: {}", mail.text))
}

/// Sends a form as a browser or a mail program does.
async fn press(
    citizen: &Client,
    transcript: &Transcript,
    path: &str,
    headers: &[(&str, &str)],
    form: &str,
) -> Result<(), Failure> {
    let answer = citizen.send(Method::POST, path, headers, form).await?;
    transcript.show(&format!("POST {path}\n{form}\n\n-> {}", answer.status));
    Ok(())
}

/// Waits until the subscription of the citizen has a state.
async fn reaches(environment: &Environment, id: &str, state: &str) -> Result<(), Failure> {
    let path = format!("/v1/subscriptions/{id}");
    until(|| async {
        let shown = environment.client.send(Method::GET, &path, &[], "").await?.json()?;
        Ok((shown["status"]["state"] == state).then_some(()))
    })
    .await
}

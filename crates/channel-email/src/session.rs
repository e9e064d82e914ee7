//! A session with the relay: the connection from its greeting to where mails can be sent, and its end. The mails are in
//! `transaction`.

use std::time::Duration;

use egress::{Destination, Egress};

use crate::authenticate::Dialogue;
use crate::capabilities::Capabilities;
use crate::class::{Meaning, meaning};
use crate::credential::Credentials;
use crate::outcome::{Fault, Outcome};
use crate::place::Place;
use crate::reply::Reply;
use crate::settings::{Security, Settings};
use crate::wire::Wire;

/// The time for QUIT and its reply.
const QUIT: Duration = Duration::from_secs(2);

/// A connection on which mails can be sent.
pub(crate) struct Session {
    pub(crate) wire: Wire,
    pub(crate) capabilities: Capabilities,
    pub(crate) state: State,
}

/// What the next mail on a session needs first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Nothing.
    Ready,
    /// RSET: the transaction of a refused mail is still open.
    Open,
    /// Another connection: this one is over, or out of step.
    Over,
}

impl Session {
    /// Connects, and does what comes before the first mail. `renew`: the relay refused the last credential.
    ///
    /// # Errors
    /// The outcome of the mail that the session was for.
    pub async fn open(egress: &Egress, settings: &Settings, renew: bool) -> Result<Self, Outcome> {
        let limit = settings.reply_timeout;
        let destination = Destination {
            host: &settings.host,
            port: settings.port,
            security: settings.security.of_connection(),
            tls: settings.tls_profile.as_deref(),
        };
        let connection = egress.connect(destination).await;
        let connection = connection.map_err(|error| Outcome::not_connected(Place::Connect, &error))?;
        let mut wire = Wire::new(connection);
        expect(&mut wire, Place::Connect, limit).await?;
        let mut capabilities = ehlo(&mut wire, settings).await?;
        if matches!(settings.security, Security::StartTls(_)) {
            if !capabilities.starttls {
                return Err(Outcome::no_reply(Place::StartTls, Fault::NoStartTls));
            }
            wire = start_tls(wire, limit).await?;
            // What was offered before TLS may have been changed on the way.
            capabilities = ehlo(&mut wire, settings).await?;
        }
        if let Some(credentials) = settings.security.credentials() {
            authenticate(&mut wire, credentials.as_ref(), capabilities, limit, renew).await?;
        }
        Ok(Self { wire, capabilities, state: State::Ready })
    }

    /// Whether the next mail can be sent here: the relay has not closed the connection and has sent nothing since the last.
    pub fn is_usable(&mut self) -> bool {
        self.state != State::Over && self.wire.is_quiet()
    }

    /// Ends the session with QUIT.
    pub async fn quit(mut self) {
        if self.wire.write(b"QUIT\r\n", QUIT).await.is_ok() {
            // The connection is closed whatever the reply is.
            let _ = self.wire.reply(QUIT).await;
        }
    }
}

/// Reads the reply that belongs to a place, and fails unless the session goes on.
async fn expect(wire: &mut Wire, place: Place, limit: Duration) -> Result<(), Outcome> {
    let reply = wire.reply(limit).await;
    goes_on(place, reply.map_err(|fault| Outcome::no_reply(place, fault))?)
}

fn goes_on(place: Place, reply: Reply) -> Result<(), Outcome> {
    match meaning(place, reply.code, reply.status) {
        Meaning::Next => Ok(()),
        Meaning::Ended(class) => Err(Outcome::reply(class, place, reply)),
    }
}

async fn write(wire: &mut Wire, place: Place, line: &str, limit: Duration) -> Result<(), Outcome> {
    wire.write(line.as_bytes(), limit).await.map_err(|fault| Outcome::no_reply(place, fault))
}

async fn ehlo(wire: &mut Wire, settings: &Settings) -> Result<Capabilities, Outcome> {
    let limit = settings.reply_timeout;
    write(wire, Place::Ehlo, &format!("EHLO {}\r\n", settings.hello), limit).await?;
    let (mut capabilities, mut first) = (Capabilities::default(), true);
    let reply = wire.reply_with(limit, |text| {
        if !std::mem::take(&mut first) {
            capabilities.add(text);
        }
    });
    goes_on(Place::Ehlo, reply.await.map_err(|fault| Outcome::no_reply(Place::Ehlo, fault))?)?;
    Ok(capabilities)
}

async fn start_tls(mut wire: Wire, limit: Duration) -> Result<Wire, Outcome> {
    let place = Place::StartTls;
    write(&mut wire, place, "STARTTLS\r\n", limit).await?;
    expect(&mut wire, place, limit).await?;
    let connection = wire.into_connection().map_err(|fault| Outcome::no_reply(place, fault))?;
    let connection = connection.start_tls().await.map_err(|error| Outcome::not_connected(place, &error))?;
    Ok(Wire::new(connection))
}

async fn authenticate(
    wire: &mut Wire,
    credentials: &dyn Credentials,
    capabilities: Capabilities,
    limit: Duration,
    renew: bool,
) -> Result<(), Outcome> {
    let failed = |fault| Outcome::no_reply(Place::Auth, fault);
    let credential = credentials.credential(renew).await;
    let credential = credential.map_err(|error| failed(Fault::NoCredential(error.to_string())))?;
    let dialogue = Dialogue::new(&credential, capabilities).ok_or_else(|| failed(Fault::NoMechanism))?;
    for line in dialogue.0 {
        write(wire, Place::Auth, &line, limit).await?;
        let reply = wire.reply(limit).await.map_err(failed)?;
        if reply.code != 334 {
            return goes_on(Place::Auth, reply);
        }
    }
    Err(failed(Fault::Malformed))
}

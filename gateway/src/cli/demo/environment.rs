//! The processes of the demonstration: a gateway with storage in a temporary directory, a subscriber, and a client.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use model::{
    Clock, Random,
    clock::{SystemClock, SystemRandom},
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::mpsc,
};

use super::{
    Failure,
    client::Client,
    subscriber::{self, ReceivedRequest},
};
use crate::cli::output::{errln, print_line};
use web::auth::jwt;

use crate::{config, start};

/// The client that the demonstration, and then its reader, uses.
const CLIENT_ID: &str = "demo";
/// Where the pages for citizens are, for the citizens: a proxy in front of the gateway, which is left out here.
pub const PAGES: &str = "https://berichten.gemeente.example";
/// How long a request may take to arrive at the subscriber.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The running parts of the demonstration.
pub struct Environment {
    running: start::Running,
    directory: Directory,
    seen: mpsc::UnboundedReceiver<ReceivedRequest>,
    /// `http://…` of the gateway.
    pub gateway: String,
    /// `http://…` of the subscriber.
    pub subscriber: String,
    /// A token with every scope.
    pub token: String,
    /// Sends requests to the gateway.
    pub client: Client,
}

impl Environment {
    /// Starts gateway and subscriber.
    pub async fn start(gateway: SocketAddr, subscriber: SocketAddr) -> Result<Self, Failure> {
        Self::with(gateway, subscriber, "").await
    }

    /// Starts a gateway that sends mails through a relay at this port of 127.0.0.1.
    pub async fn with_mail(gateway: SocketAddr, relay: u16) -> Result<Self, Failure> {
        let subscriber = SocketAddr::new(gateway.ip(), 0);
        let people = format!(
            "[people]\nurl = \"{PAGES}\"\norganisation = \"Gemeente Voorbeeld\"\n[email]\nhost = \"127.0.0.1\"\n\
             port = {relay}\nsecurity = \"plain\"\nfrom = \"berichten@gemeente.example\"\nname = \"Gemeente Voorbeeld\"\n"
        );
        Self::with(gateway, subscriber, &people).await
    }

    async fn with(gateway: SocketAddr, subscriber: SocketAddr, sections: &str) -> Result<Self, Failure> {
        let secret = SystemRandom.uuid().to_string();
        let directory = Directory::make()?;
        let (seen_by, seen) = mpsc::unbounded_channel();
        let subscriber = subscriber::start(subscriber, seen_by).await?;
        let text = configuration(&directory.0, gateway, &secret) + sections;
        let config = config::parse(&text).map_err(|error| error.to_string())?;
        let running = Box::pin(start::start(config)).await.map_err(|error| error.to_string())?;
        let gateway = format!("http://{}", running.address);
        let token = jwt::mint(CLIENT_ID, secret.as_bytes(), SystemClock::default().now());
        Ok(Self {
            client: Client::new(gateway.clone(), token.clone())?,
            running,
            directory,
            seen,
            gateway,
            subscriber: format!("http://{subscriber}"),
            token,
        })
    }

    /// A link that logs the reader in to the console, once, within an hour.
    #[cfg(feature = "console")]
    pub fn login_link(&self) -> Option<String> {
        use console::{Area, login_link::LoginLink};
        use model::{ExtraRight, Grants, Role};
        let extra = ExtraRight::ALL.to_vec();
        let grants = Grants { extra, ..Grants::of(Role::Beheerder) };
        let now = SystemClock::default().now();
        let link = LoginLink::new("demo", grants, Duration::from_hours(1), now, &SystemRandom);
        link.url(&self.running.app.secrets, Area::Console, &self.gateway)
    }

    /// This program has no console.
    #[cfg(not(feature = "console"))]
    pub fn login_link(&self) -> Option<String> {
        None
    }

    /// The next request that the subscriber got.
    pub async fn next_request(&mut self) -> Result<ReceivedRequest, Failure> {
        match tokio::time::timeout(TIMEOUT, self.seen.recv()).await {
            Ok(Some(seen)) => Ok(seen),
            Ok(None) => Err("the subscriber stopped".to_owned()),
            Err(_) => Err(format!("nothing arrived at the subscriber for {} seconds", TIMEOUT.as_secs())),
        }
    }

    /// Shows what the subscriber gets until Ctrl-C (or SIGTERM).
    pub async fn echo_until_interrupted(&mut self) -> Result<(), Failure> {
        let mut terminate = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
        loop {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => return Ok(()),
                _ = terminate.recv() => return Ok(()),
                seen = self.seen.recv() => match seen {
                    Some(seen) if print_line(format_args!("\n{}", seen.block())) => {}
                    _ => return Ok(()),
                },
            }
        }
    }

    /// Stops everything and removes what was stored.
    pub async fn stop(self) {
        self.running.stop().await;
        drop(self.directory);
    }
}

/// The directory of the gateway; it goes with this.
struct Directory(PathBuf);

impl Directory {
    fn make() -> Result<Self, Failure> {
        let path = std::env::temp_dir().join(format!("gateway-demo-{}", std::process::id()));
        std::fs::create_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            errln!("{} stays behind: {error}", self.0.display());
        }
    }
}

fn configuration(directory: &std::path::Path, listen: SocketAddr, secret: &str) -> String {
    let data = directory.join("data").display().to_string();
    let console = if cfg!(feature = "console") { "[console]\norganisation = \"Gemeente Voorbeeld\"" } else { "" };
    format!(
        r#"
listen = "{listen}"
data = {data:?}
origin = "gateway.demo.example"
source = "urn:nld:oin:00000001823288444000:systeem:demo"
[egress]
allow = ["127.0.0.0/8", "::1/128"]
allow_http = ["127.0.0.0/8", "::1/128"]
{console}
[log]
level = "error"
[[applicatie]]
client_id = "{CLIENT_ID}"
secret = "{secret}"
scopes = ["notificaties.publiceren", "notificaties.consumeren", "notificaties.beheer"]
"#
    )
}

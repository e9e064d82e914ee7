//! A gateway on a free port with three clients declared.

use std::{
    fmt::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use gateway::{config, start};
use management::Management;
use model::{
    Clock, Timestamp,
    clock::{ManualClock, SystemClock, SystemRandom},
};
use tempfile::TempDir;
use web::auth::jwt;

use super::{Client, PATIENCE, eventually};

/// Client id of an applicatie that may publish.
pub const PUBLISHER: &str = "publisher";
/// Client id of an applicatie that may subscribe.
pub const CONSUMER: &str = "consumer";
/// Client id of another applicatie that may subscribe.
pub const OTHER: &str = "other";
/// Client id of an applicatie with all scopes.
pub const BEHEER: &str = "beheer";

const ORIGIN: &str = "gateway.test.example";

/// A running gateway and its directory.
pub struct Gateway {
    running: start::Running,
    directory: TempDir,
    more: String,
    clock: Arc<dyn Clock>,
    /// Its base URL: `http://127.0.0.1:port`.
    pub base: String,
}

impl Gateway {
    /// Starts a gateway with the default configuration of the tests.
    pub async fn start() -> Self {
        Self::with("").await
    }

    /// Starts a gateway with `more` at the top of its configuration: top-level keys, then tables. It listens on a free port, unless `more`
    /// begins with `listen`, and reaches receivers on this machine, unless `more` begins with `egress.allow`.
    pub async fn with(more: &str) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        Self::open(directory, more.to_owned(), ORIGIN, Arc::new(SystemClock::default())).await
    }

    /// Starts a gateway whose clock changes only when the test sets it.
    pub async fn with_clock(more: &str, clock: &Arc<ManualClock>) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let clock: Arc<dyn Clock> = Arc::clone(clock) as _;
        Self::open(directory, more.to_owned(), ORIGIN, clock).await
    }

    /// Starts a gateway on the data directory `data` in this directory.
    pub async fn on(directory: TempDir) -> Self {
        Self::open(directory, String::new(), ORIGIN, Arc::new(SystemClock::default())).await
    }

    async fn open(directory: TempDir, more: String, origin: &str, clock: Arc<dyn Clock>) -> Self {
        let text = configuration(&directory.path().join("data"), &more, origin);
        // The threads of a gateway that stopped in this process may have its files for a moment.
        let running = eventually("the files are free", || async {
            let mut config = config::parse(&text).expect("the configuration is right");
            // A change is never refused because the disk of the test machine is slow.
            config.limits.store_seconds = PATIENCE.as_secs();
            match Box::pin(start::Running::start(config, Arc::clone(&clock), Arc::new(SystemRandom))).await {
                Err(start::StartError::Storage(storage::Error::InUse { .. })) => None,
                started => Some(started),
            }
        });
        let running = running.await.expect("the gateway starts");
        let base = format!("http://{}", running.address);
        Self { running, directory, more, clock, base }
    }

    /// Stops it and starts it again on the same directory, perhaps on another port.
    pub async fn restart(self) -> Self {
        self.restart_as(ORIGIN).await
    }

    /// Restarts it on the same directory with another origin.
    pub async fn restart_as(self, origin: &str) -> Self {
        self.running.stop().await;
        Self::open(self.directory, self.more, origin, self.clock).await
    }

    /// Stops it and starts it again on the same directory with other configuration.
    pub async fn restart_with(self, more: &str) -> Self {
        self.running.stop().await;
        Self::open(self.directory, more.to_owned(), ORIGIN, self.clock).await
    }

    /// Stops it, runs `work` on its data directory, and starts it again.
    pub async fn restart_after(self, work: impl AsyncFnOnce(&Path)) -> Self {
        self.running.stop().await;
        work(&self.directory.path().join("data")).await;
        Self::open(self.directory, self.more, ORIGIN, self.clock).await
    }

    /// Shuts it down in order and waits until it has ended.
    pub async fn stop(self) {
        self.running.stop().await;
    }

    /// The content of every file in its data directory except the key.
    pub fn files(&self) -> Vec<Vec<u8>> {
        let entries = std::fs::read_dir(self.directory.path().join("data")).expect("the data directory");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        paths
            .filter(|path| path.is_file() && !path.ends_with("secrets.key"))
            .map(|path| std::fs::read(path).expect("a file that can be read"))
            .collect()
    }

    /// The file with the key of stored secrets.
    pub fn key_file(&self) -> PathBuf {
        self.directory.path().join("data/secrets.key")
    }

    /// Its use cases.
    pub fn management(&self) -> &Management {
        &self.running.app.management
    }

    /// Its addressees and the messages that are due to them; it has to be configured with people.
    #[cfg(feature = "console")]
    pub fn audience(&self) -> &Arc<dyn storage::Audience> {
        self.running.app.audience.as_ref().expect("people are configured")
    }

    /// Its light subscriptions; it has to be configured with people.
    #[cfg(feature = "console")]
    pub fn people(&self) -> &people::People {
        self.running.app.people.as_ref().expect("people are configured")
    }

    /// Its time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Stops it in order and leaves what it kept.
    pub async fn into_directory(self) -> TempDir {
        self.running.stop().await;
        self.directory
    }

    /// A client with the token of one of the declared applicaties.
    pub fn client(&self, client_id: &str) -> Client {
        Client::new(self.base.clone(), Some(self.token(client_id)))
    }

    /// A token of one of the declared applicaties.
    pub fn token(&self, client_id: &str) -> String {
        jwt::mint(client_id, secret(client_id).as_bytes(), self.clock.now())
    }

    /// A client that sends no token.
    pub fn nobody(&self) -> Client {
        Client::new(self.base.clone(), None)
    }

    /// A client without a token of another listener of it.
    pub fn nobody_at(base: &str) -> Client {
        Client::new(base.to_owned(), None)
    }

    /// Its configuration, with the ports that the system chose.
    pub fn config(&self) -> &config::Config {
        &self.running.app.config
    }
}

fn secret(client_id: &str) -> String {
    format!("the long enough secret of {client_id}")
}

fn configuration(data: &Path, more: &str, origin: &str) -> String {
    let data = data.display().to_string();
    let listen = if more.starts_with("listen = ") { "" } else { "listen = \"127.0.0.1:0\"" };
    let local = "egress.allow = [\"127.0.0.0/8\"]\negress.allow_http = [\"127.0.0.0/8\"]";
    let egress = if more.starts_with("egress.allow") { "" } else { local };
    let mut text = format!(
        r#"
{listen}
data = {data:?}
origin = "{origin}"
source = "urn:nld:oin:00000001823288444000:systeem:test"
{egress}
{more}
[log]
level = "warn"
"#
    );
    for (client_id, scopes) in [
        (PUBLISHER, r#"["notificaties.publiceren"]"#),
        (CONSUMER, r#"["notificaties.consumeren"]"#),
        (OTHER, r#"["notificaties.consumeren"]"#),
        (BEHEER, r#"["notificaties.publiceren", "notificaties.consumeren", "notificaties.beheer"]"#),
    ] {
        let secret = secret(client_id);
        write!(text, "[[applicatie]]\nclient_id = \"{client_id}\"\nsecret = \"{secret}\"\nscopes = {scopes}\n")
            .expect("a string takes everything");
    }
    text
}

//! What the gateway is made of: ports, clock, randomness, configuration, and the services over them. The only place
//! that names adapters, and that knows in which order things start and stop.

use std::{net::SocketAddr, ops::Deref, sync::Arc, time::Duration};

use delivery::{EgressSender, Engine, EngineParts};
use metrics_exporter_prometheus::PrometheusHandle;
use model::{
    Clock, Random,
    clock::{SystemClock, SystemRandom},
};
use storage::{Control, EventLog, Journal, control::SharedRegistry};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;
use webhook_validator::target::{Admission, Welcome};

use crate::{
    api::{operations::Readiness, v1::runs::Runs},
    auth::{Autorisaties, Tokens, autorisaties::StartError as AutorisatiesError, jwt::Validity},
    config::{self, Config, Role},
    consent,
    credentials::{self, Opener},
    inbound::{public_url::own_url, rate::Rate},
    ingest,
    payload::Payloads,
    router,
    secrets::{self, Secrets},
    server::{self, tls},
    stores,
    tasks::{
        autorisaties, certificates,
        declare::{Declare, DeclareError},
        declare_subscriptions::{self, Declared},
        expire::Expire,
        index::Index,
        retention::Retention,
    },
    telemetry::exporter,
};

/// The gateway, as every handler sees it; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What an [`App`] gives access to.
pub struct Parts {
    /// Configuration, as checked.
    pub config: Arc<Config>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Events.
    pub log: Arc<dyn EventLog>,
    /// Changes of kanalen, subscriptions, applicaties and runs.
    pub control: Arc<dyn Control>,
    /// What happened.
    pub journal: Arc<dyn Journal>,
    /// What there is now.
    pub registry: SharedRegistry,
    /// Seals and opens secrets.
    pub secrets: Arc<Secrets>,
    /// Opens the credentials of subscriptions.
    pub credentials: Arc<Opener>,
    /// Judges tokens.
    pub tokens: Tokens,
    /// Knows the rights of applicaties that declare none.
    pub autorisaties: Option<Autorisaties>,
    /// The way out.
    pub egress: Arc<egress::Egress>,
    /// Delivers.
    pub engine: delivery::Handle,
    /// Asks subscribers for consent.
    pub consent: consent::Service,
    /// Runs that were started lately.
    pub runs: Arc<Runs>,
    /// How publishing goes.
    pub ingest: ingest::Settings,
    /// Compiled schemas of payloads.
    pub payloads: Payloads,
    /// Who may deliver to us after a handshake.
    pub admission: Admission,
    /// The pace of publishers.
    pub rate: Rate,
    /// Proxies whose `X-Forwarded-*` are believed.
    pub trusted_proxies: Vec<egress::Cidr>,
    /// Whether the gateway can do its work.
    pub readiness: Readiness,
    /// Metrics of this process.
    pub metrics: PrometheusHandle,
}

impl App {
    /// Where the outside reaches us, for links in the answer to a request with these headers; no slash at the end.
    pub fn public_url(&self, headers: &http::HeaderMap) -> String {
        crate::inbound::public_url::public_url(&self.config, headers)
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// How long storage may take to close.
const CLOSE: Duration = Duration::from_secs(10);

/// Why the gateway does not start; every text says what to mend.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Storage cannot be opened.
    #[error(transparent)]
    Storage(#[from] storage::Error),
    /// The data directory cannot be made.
    #[error("directory {path}: {source}")]
    Directory {
        /// Which.
        path: std::path::PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// There is an embedded file where Kafka is to be used.
    #[error(
        "{file} holds events of a gateway on the embedded file, and [kafka] is set: move them with gateway migrate, and set \
         data to a directory of its own"
    )]
    BothStores {
        /// The file.
        file: std::path::PathBuf,
    },
    /// The topics hold a part of what is being moved to them.
    #[error("a migration to these topics is not finished: repeat gateway migrate, with the same --from")]
    Unfinished,
    /// The key of stored secrets cannot be used.
    #[error(transparent)]
    Secrets(#[from] secrets::Error),
    /// The way out cannot be set up.
    #[error("egress: {0}")]
    Egress(#[from] egress::SettingsError),
    /// Declared state cannot be applied.
    #[error("declared state: {0}")]
    Declare(#[from] DeclareError),
    /// The Autorisaties API cannot be used.
    #[error(transparent)]
    Autorisaties(#[from] AutorisatiesError),
    /// The consent service cannot be set up.
    #[error("consent: {0}")]
    Consent(#[from] consent::StartError),
    /// Metrics cannot be collected.
    #[error("metrics: {0}")]
    Metrics(#[from] metrics_exporter_prometheus::BuildError),
    /// A value of the configuration that was checked cannot be read after all.
    #[error("configuration: {0}")]
    Config(String),
    /// The listener cannot be bound.
    #[error("listen {address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// The certificate of the listener cannot be used.
    #[error("tls: {0}")]
    Tls(#[from] tls::TlsError),
    /// A task ended badly.
    #[error("start was interrupted")]
    Interrupted,
}

/// A gateway that runs; [`Running::stop`] ends it in order, dropping it at once.
pub struct Running {
    /// What handlers see.
    pub app: App,
    /// Where it listens, with the port the system chose when none was configured.
    pub address: SocketAddr,
    listeners: JoinSet<()>,
    tasks: JoinSet<()>,
    stop_listening: CancellationToken,
    stop_tasks: CancellationToken,
}

/// Starts a gateway with the machine's clock and randomness.
pub async fn start(config: Config) -> Result<Running, StartError> {
    Running::start(config, Arc::new(SystemClock::default()), Arc::new(SystemRandom)).await
}

impl Running {
    /// Binds the listeners, opens storage, applies declared state, and starts everything.
    pub async fn start(mut config: Config, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Result<Self, StartError> {
        let main = bind(config.listen).await?;
        config.listen = main.1;
        let certificate = config.tls.as_ref().map(tls::Certificate::load).transpose()?.map(Arc::new);
        let own = match config.operations.listen {
            Some(address) => Some(bind(address).await?.0),
            None => None,
        };
        let subscriptions = declared_subscriptions(&config)?;
        let (app, declares) = assemble(Arc::new(config), clock, random).await?;
        if declares {
            declare_subscriptions::apply(&app, subscriptions).await.map_err(DeclareError::from)?;
        }
        let stop_tasks = CancellationToken::new();
        let mut tasks = spawn(&app, &stop_tasks);
        if let Some(certificate) = &certificate {
            tasks.spawn(Arc::clone(certificate).follow());
        }
        let stop_listening = CancellationToken::new();
        let mut listeners = JoinSet::new();
        let mut routes = router::table();
        routes.retain(|route| route.role.is_none_or(|role| app.config.has(role)));
        match own {
            None => routes.extend(router::operations()),
            Some(listener) => {
                let router = router::router(&app, router::operations());
                listeners.spawn(listen(&app, listener, None, router, &stop_listening));
            }
        }
        let router = router::router(&app, routes);
        listeners.spawn(listen(&app, main.0, certificate, router, &stop_listening));
        Ok(Self { app, address: main.1, listeners, tasks, stop_listening, stop_tasks })
    }

    /// Stops in order: no new requests, requests under way, deliveries under way, then the rest.
    pub async fn stop(mut self) {
        self.stop_listening.cancel();
        while self.listeners.join_next().await.is_some() {}
        self.app.engine.shutdown(Duration::from_secs(self.app.config.delivery.drain_seconds)).await;
        self.stop_tasks.cancel();
        self.tasks.shutdown().await;
        if let Err(error) = self.app.journal.flush().await {
            tracing::warn!(%error, "the journal lost its last moments");
        }
        // Clients of Kafka say goodbye to their brokers, which may be away.
        let app = self.app;
        let closed = tokio::task::spawn_blocking(move || drop(app));
        if tokio::time::timeout(CLOSE, closed).await.is_err() {
            tracing::warn!("storage does not close in time and is left");
        }
    }
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

fn listen(
    app: &App,
    listener: TcpListener,
    certificate: Option<Arc<tls::Certificate>>,
    router: axum::Router,
    stop: &CancellationToken,
) -> impl Future<Output = ()> + Send + use<> {
    let drain = Duration::from_secs(app.config.delivery.drain_seconds);
    let (limits, stop) = (app.config.limits.clone(), stop.clone());
    async move { server::serve(listener, certificate, router, &limits, stop, drain).await }
}

/// Puts everything together; whether the configuration is the one whose declared state holds.
async fn assemble(
    config: Arc<Config>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
) -> Result<(App, bool), StartError> {
    let metrics = exporter::install()?;
    let egress = Arc::new(egress(&config)?);
    let stores = stores::open(&config, &egress, &clock, &random).await?;
    let secrets = Arc::new(secrets(&config)?);
    let (log, control, journal) = (&stores.log, &stores.control, &stores.journal);
    let declares = Declare {
        config: &config,
        control: control.as_ref(),
        secrets: &secrets,
        clock: clock.as_ref(),
        random: random.as_ref(),
    }
    .apply()
    .await?;
    let credentials = Arc::new(Opener::new(credentials::Parts {
        secrets: Arc::clone(&secrets),
        egress: Arc::clone(&egress),
        control: Arc::clone(control),
        clock: Arc::clone(&clock),
        limits: credentials::limits(&config.egress),
    }));
    let consent = consent::Service::new(consent::Parts {
        config: Arc::clone(&config),
        clock: Arc::clone(&clock),
        control: Arc::clone(control),
        egress: Arc::clone(&egress),
        secrets: Arc::clone(&secrets),
        credentials: Arc::clone(&credentials),
    })?;
    // Before anything is sent: what expired while nobody ran.
    let expire = Expire { control: Arc::clone(control), clock: Arc::clone(&clock) };
    if let Err(error) = expire.pass().await {
        tracing::warn!(%error, "the end of a subscription will be told again");
    }
    let engine = Engine::start(EngineParts {
        log: Arc::clone(log),
        control: Arc::clone(control),
        progress: stores.progress().await?,
        journal: Arc::clone(journal),
        sender: Arc::new(sender(&config, &egress, &clock)),
        credentials: Arc::clone(&credentials) as _,
        clock: Arc::clone(&clock),
        random: Arc::clone(&random),
        settings: engine_settings(&config.delivery),
        gateway_url: own_url(&config).into(),
    });
    let registry = control.registry();
    let asked = config.auth.autorisaties.as_ref();
    let autorisaties = asked.map(|settings| {
        let callback_url = format!("{}/api/v1/callbacks", own_url(&config));
        Autorisaties::new(settings, callback_url, Arc::clone(&egress), Arc::clone(&clock))
    });
    let autorisaties = autorisaties.transpose()?;
    let validity =
        Validity { leeway: i64::from(config.auth.leeway_seconds), max_age: i64::from(config.auth.max_age_seconds) };
    let app = App(Arc::new(Parts {
        ingest: ingest::Settings::new(&config),
        payloads: Payloads::default(),
        admission: admission(&config)?,
        rate: Rate::new(config.limits.requests_per_second),
        trusted_proxies: ranges(&config.proxy.trusted)?,
        tokens: Tokens::new(registry.clone(), Arc::clone(&secrets), validity),
        readiness: Readiness::default(),
        runs: Arc::default(),
        config,
        clock,
        random,
        log: stores.log,
        control: stores.control,
        journal: stores.journal,
        registry,
        secrets,
        autorisaties,
        credentials,
        egress,
        engine,
        consent,
        metrics,
    }));
    Ok((app, declares))
}

fn spawn(app: &App, stop: &CancellationToken) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    tasks.spawn(exporter::upkeep(app.metrics.clone()));
    if app.config.has(Role::Deliver) {
        tasks.spawn(app.consent.clone().run(app.engine.clone(), stop.clone()));
        let expire = Expire { control: Arc::clone(&app.control), clock: Arc::clone(&app.clock) };
        tasks.spawn(expire.run());
        tasks.spawn(autorisaties::keep(app.clone()));
    }
    if !app.config.has(Role::Beheer) {
        return tasks;
    }
    tasks.spawn(Arc::clone(&app.runs).follow(Arc::clone(&app.control)));
    let index =
        Index { log: Arc::clone(&app.log), journal: Arc::clone(&app.journal), control: Arc::clone(&app.control) };
    tasks.spawn(index.run());
    let retention = Retention {
        log: Arc::clone(&app.log),
        journal: Arc::clone(&app.journal),
        registry: app.registry.clone(),
        clock: Arc::clone(&app.clock),
        default: Duration::from_secs(u64::from(app.config.retention_days) * 86_400),
    };
    tasks.spawn(retention.run());
    tasks.spawn(certificates::follow(Arc::clone(&app.egress)));
    tasks
}

/// The key of stored secrets. On Kafka it must be there: a node that made one for itself could read nothing of the others.
pub fn secrets(config: &Config) -> Result<Secrets, secrets::Error> {
    let file = config.secrets.key_file.clone().unwrap_or_else(|| config.data.join("secrets.key"));
    if config.kafka.is_some() { Secrets::read_file(&file) } else { Secrets::open_file(&file) }
}

/// The way out, as configured; reads the certificates that `[egress]` names.
pub fn egress(config: &Config) -> Result<egress::Egress, StartError> {
    Ok(egress::Egress::new(egress_settings(config)?)?)
}

fn policy(config: &Config) -> Result<egress::Policy, StartError> {
    Ok(egress::Policy { allow: ranges(&config.egress.allow)?, allow_http: ranges(&config.egress.allow_http)? })
}

/// The subscriptions that are declared, as they are meant.
pub fn declared_subscriptions(config: &Config) -> Result<Vec<Declared>, StartError> {
    let environment = |name: &str| std::env::var(name).ok();
    let read = declare_subscriptions::subscriptions(config, &policy(config)?, &environment);
    Ok(read.map_err(DeclareError::from)?)
}

fn egress_settings(config: &Config) -> Result<egress::Settings, StartError> {
    let own = &config.egress;
    let profiles = own.tls.iter().map(|(name, profile)| {
        let profile = egress::TlsProfile {
            certificate: profile.certificate.clone(),
            key: profile.key.clone(),
            ca: profile.ca.clone(),
        };
        (name.clone(), profile)
    });
    Ok(egress::Settings {
        policy: policy(config)?,
        connect_timeout: Duration::from_secs(own.connect_timeout_seconds),
        pool_idle_per_host: own.idle_connections_per_host,
        extra_ca: own.extra_ca.clone(),
        profiles: profiles.collect(),
        ..egress::Settings::default()
    })
}

fn sender(config: &Config, egress: &Arc<egress::Egress>, clock: &Arc<dyn Clock>) -> EgressSender {
    let limits = egress::Limits {
        total: Duration::from_secs(config.egress.timeout_seconds),
        idle: Duration::from_secs(config.egress.idle_timeout_seconds),
        ..egress::Limits::default()
    };
    let profiles = config.egress.tls.keys().map(|name| (name.clone(), name.as_str().into())).collect();
    EgressSender::new(Arc::clone(egress), limits, Arc::clone(clock), profiles)
}

fn engine_settings(own: &config::Delivery) -> delivery::Settings {
    delivery::Settings {
        window: own.window,
        in_flight: own.max_in_flight.get() as usize,
        in_flight_total: own.max_in_flight_total.get() as usize,
        // A checkpoint covers what was read before the one before it.
        checkpoint_interval: Duration::from_millis(own.checkpoint_ms / 2),
        outage_limit: Duration::from_secs(u64::from(own.outage_limit_hours) * 3_600),
        duplicates: own.duplicates_window,
        ..delivery::Settings::default()
    }
}

fn admission(config: &Config) -> Result<Admission, StartError> {
    let origins = config
        .target
        .allowed_origins
        .iter()
        .map(|origin| origin.parse().map_err(|_| StartError::Config(format!("target.allowed_origins: {origin}"))))
        .collect::<Result<_, _>>()?;
    let limit = match config.target.rate_per_minute {
        Some(rate) => webhook_validator::Rate::PerMinute(rate),
        None => webhook_validator::Rate::Unlimited,
    };
    Ok(Admission { origins: Welcome::Only(origins), limit })
}

fn ranges(texts: &[String]) -> Result<Vec<egress::Cidr>, StartError> {
    texts.iter().map(|text| text.parse().map_err(|error| StartError::Config(format!("{text}: {error}")))).collect()
}

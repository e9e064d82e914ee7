//! Starts and stops the gateway: builds its parts, and starts and stops them in order.
//!
//! The storage adapter is selected in [`crate::stores`]; the state of handlers is [`crate::app`].

mod error;

use std::{net::SocketAddr, num::NonZeroU32, sync::Arc, time::Duration};

use channel_webhook::{
    consent,
    credentials::{self, Opener},
};
use delivery::{Channels, Engine, EngineParts};
use management::{
    Management, audit::Recorder, declared::Declaration as DeclaredState, expiry::Expiry, index::Index,
    observer::JournalObserver, quota::Quotas, readiness::Node, retention::Retention, statistics::Statistics,
    stream::Stream, subscriptions::SinkTurns,
};
use model::{
    Actor, Clock, KanaalName, Random, Registry,
    audit::{Action, Object, ObjectKind},
    clock::{SystemClock, SystemRandom},
    kanaal::OWN_KANAAL,
};
use publishing::{Payloads, Publishing};
use secrets::Secrets;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;
use web::{
    auth::{Certificates, Tokens, Usage, jwt::Validity},
    document::Documents,
    overload::Overload,
    rate::Rate,
};
use webhook_validator::target::{AllowedOrigins, ConsentPolicy};

use crate::{
    app::{App, Parts},
    clients::WebClients,
    config::{self, Config, Role},
    feeds, inbound_mail,
    inspector::ConfigInspector,
    own_events,
    own_urls::OwnUrls,
    process_facts::OwnProcess,
    receivers::{self, WebhookReceivers},
    router, senders,
    server::{self, Listener, tls},
    settings::{self, ranges},
    stores,
    tasks::{
        autorisaties, certificates,
        declare::{DeclareError, declared_state},
        declare_subscriptions::{self, Declaration},
        secret_files,
    },
    telemetry::{
        exporter,
        samples::{self, Samples},
    },
    webhooks,
};

pub use self::error::StartError;

/// How long storage may take to close.
const CLOSE: Duration = Duration::from_secs(10);

/// A running gateway. [`Running::stop`] stops it gracefully; dropping it aborts its tasks.
pub struct Running {
    /// The state of handlers.
    pub app: App,
    /// Where it listens, with the port the system chose when none was configured.
    pub address: SocketAddr,
    listeners: JoinSet<()>,
    tasks: JoinSet<()>,
    senders: JoinSet<()>,
    stop_listening: CancellationToken,
    stop_sending: CancellationToken,
    stop_tasks: CancellationToken,
}

/// Starts a gateway with the machine's clock and randomness.
pub async fn start(config: Config) -> Result<Running, StartError> {
    Running::start(config, Arc::new(SystemClock::default()), Arc::new(SystemRandom)).await
}

impl Running {
    /// Binds the listeners, opens storage, applies declared state, and starts everything.
    pub async fn start(mut config: Config, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Result<Self, StartError> {
        let backlog = config.limits.backlog;
        let main = bind(config.listen, backlog)?;
        config.listen = main.1;
        let certificate = config.tls.as_ref().map(tls::Certificate::load).transpose()?.map(Arc::new);
        let own = match config.operations.listen {
            Some(address) => Some(bind(address, backlog)?.0),
            None => None,
        };
        let portal_listen = config.portaal.as_ref().and_then(|portal| portal.listen);
        let portal = match portal_listen.filter(|_| config.has(Role::Beheer)) {
            Some(address) => Some(bind(address, backlog)?),
            None => None,
        };
        if let (Some(own), Some((_, bound))) = (&mut config.portaal, &portal) {
            own.listen = Some(*bound);
        }
        let person_proxies = bind_for_person_proxies(&mut config)?;
        let inbound = match config.email.as_mut().and_then(|email| email.inbound.as_mut()) {
            Some(own) => {
                let (listener, bound) = bind(own.listen, backlog)?;
                own.listen = bound;
                let tls = own.tls().as_ref().map(tls::Certificate::load).transpose()?.map(Arc::new);
                Some((listener, tls))
            }
            None => None,
        };
        let subscriptions = declared_subscriptions(&config)?;
        let clients = certificate.as_ref().and_then(|own| own.clients().cloned());
        let of_proxies = settings::clients_of_proxies(&config)?;
        let certificates = settings::certificates(&config, clients, of_proxies.clone())?;
        let (app, declares) = Box::pin(assemble(Arc::new(config), clock, random, certificates)).await?;
        if declares {
            declare_subscriptions::apply(&app.management, subscriptions).await.map_err(DeclareError::from)?;
        }
        let stop_tasks = CancellationToken::new();
        let mut tasks = spawn(&app, &stop_tasks);
        if let Some(certificate) = &certificate {
            tasks.spawn(certificates::follow_listener(Arc::clone(certificate)));
        }
        if let Some(authorities) = of_proxies {
            tasks.spawn(certificates::follow_clients_of_proxies(authorities));
        }
        let stop_sending = CancellationToken::new();
        let senders = senders::spawn(&app, &stop_sending);
        let stop_listening = CancellationToken::new();
        let mut listeners = JoinSet::new();
        if let (Some((listener, certificate)), Some(mailboxes)) = (inbound, app.inbound_mail.clone()) {
            let own = app.config.email.as_ref().and_then(|email| email.inbound.as_ref());
            if let Some(own) = own {
                let stop = stop_listening.clone();
                let config = (app.config.as_ref(), own);
                listeners.spawn(inbound_mail::listen(listener, config, certificate.as_ref(), mailboxes, stop));
            }
            if let Some(certificate) = certificate {
                tasks.spawn(certificates::follow_listener(certificate));
            }
        }
        let mut routes = router::apis(&app);
        routes.retain(|route| route.role.is_none_or(|role| app.config.has(role.into())));
        let (bounds, answers) = (settings::connections(&app.config)?, settings::answers(&app.config.limits));
        match own {
            None => routes.extend(router::operations(&app)),
            Some(socket) => {
                let router = router::router(&app, router::operations(&app));
                let (bounds, answers) = (bounds.clone(), Arc::clone(&answers));
                let listener = Listener { socket, tls: None, router, bounds, answers };
                listeners.spawn(listen(&app, listener, &stop_listening));
            }
        }
        if let Some((socket, address)) = portal {
            let router = router::router(&app, router::portal(&app));
            let (bounds, answers) = (bounds.clone(), Arc::clone(&answers));
            let listener = Listener { socket, tls: certificate.clone(), router, bounds, answers };
            tracing::info!(%address, "listening for the portal");
            listeners.spawn(listen(&app, listener, &stop_listening));
        }
        if let Some((socket, address)) = person_proxies {
            let (router, bounds, answers) = (router::of_proxies(&app), bounds.clone(), Arc::clone(&answers));
            let listener = Listener { socket, tls: certificate.clone(), router, bounds, answers };
            tracing::info!(%address, "listening for proxies that name people");
            listeners.spawn(listen(&app, listener, &stop_listening));
        }
        let router = router::router(&app, routes);
        let listener = Listener { socket: main.0, tls: certificate, router, bounds, answers };
        listeners.spawn(listen(&app, listener, &stop_listening));
        Ok(Self { app, address: main.1, listeners, tasks, senders, stop_listening, stop_sending, stop_tasks })
    }

    /// Stops in order: no new requests, requests under way, deliveries and mails under way, then the rest.
    pub async fn stop(mut self) {
        self.app.management.stream.close();
        if let Some(inbox) = &self.app.inbox {
            inbox.close();
        }
        self.stop_listening.cancel();
        while self.listeners.join_next().await.is_some() {}
        self.stop_sending.cancel();
        let drain = Duration::from_secs(self.app.config.delivery.drain_seconds);
        let senders = &mut self.senders;
        let sent = tokio::time::timeout(drain, async { while senders.join_next().await.is_some() {} });
        let ((), sent) = tokio::join!(self.app.engine.shutdown(drain), sent);
        if sent.is_err() {
            tracing::warn!("mails that are under way are sent again at the next start");
        }
        self.stop_tasks.cancel();
        self.tasks.shutdown().await;
        self.app.management.recorder.flush().await;
        if let Err(error) = self.app.journal.flush().await {
            tracing::warn!(%error, "the last entries of the journal were not stored");
        }
        // Closing Kafka clients contacts the brokers, which may be unreachable.
        let app = self.app;
        let closed = tokio::task::spawn_blocking(move || drop(app));
        if tokio::time::timeout(CLOSE, closed).await.is_err() {
            tracing::warn!("storage did not close within the timeout");
        }
    }
}

fn bind(address: SocketAddr, backlog: u32) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |source| StartError::Listen { address, source };
    let listener = server::bind(address, backlog).map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// The listener of proxies that name people, on nodes with the role beheer when there are any.
fn bind_for_person_proxies(config: &mut Config) -> Result<Option<(TcpListener, SocketAddr)>, StartError> {
    let (is_beheer, backlog) = (config.has(Role::Beheer), config.limits.backlog);
    let own = config.people.as_mut().and_then(|people| people.inbox.as_mut()?.proxy.as_mut());
    let Some((address, own)) = own.and_then(|own| Some((own.listen?, own))).filter(|_| is_beheer) else {
        return Ok(None);
    };
    let (listener, bound) = bind(address, backlog)?;
    own.listen = Some(bound);
    Ok(Some((listener, bound)))
}

fn listen(app: &App, listener: Listener, stop: &CancellationToken) -> impl Future<Output = ()> + Send + use<> {
    let drain = Duration::from_secs(app.config.delivery.drain_seconds);
    let (limits, stop) = (app.config.limits.clone(), stop.clone());
    async move { server::serve(listener, &limits, stop, drain).await }
}

/// Builds all parts. Also returns whether the declared state of this configuration was applied (no newer revision exists).
async fn assemble(
    config: Arc<Config>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    certificates: Certificates,
) -> Result<(App, bool), StartError> {
    let metrics = exporter::install()?;
    let egress = Arc::new(egress(&config)?);
    let statistics = Arc::new(Statistics::new(Arc::clone(&clock)));
    let stream = Arc::new(Stream::new(Arc::clone(&clock), random.as_ref()));
    let observer = JournalObserver { statistics: Arc::clone(&statistics), stream: Arc::clone(&stream) };
    let stores = stores::open(&config, &egress, &clock, &random, Some(Arc::new(observer))).await?;
    let secrets = Arc::new(secrets(&config)?);
    let installation = secrets.installation_id(&config.origin);
    let (log, control, journal) = (&stores.log, &stores.control, &stores.journal);
    let recorder = Arc::new(Recorder::new(Arc::clone(&stores.audit), Arc::clone(&clock)));
    let loaded = Object::new(ObjectKind::Configuration, crate::VERSION);
    if let Err(error) = recorder.record(&Actor::configuration(), Action::ConfigurationLoad, loaded).await {
        // A full disk does not keep the gateway from starting: deliveries go on.
        tracing::warn!(%error, "the start is not in the audit trail");
    }
    let declaration =
        DeclaredState { control: control.as_ref(), secrets: &secrets, clock: clock.as_ref(), random: random.as_ref() };
    let declared = declared_state(&config)?;
    let declares = declaration.apply(&declared).await.map_err(DeclareError::from)?;
    check_own_kanaal(&config, &control.registry().read())?;
    let credentials = Arc::new(Opener::new(credentials::Parts {
        secrets: Arc::clone(&secrets),
        egress: Arc::clone(&egress),
        control: Arc::clone(control),
        clock: Arc::clone(&clock),
        limits: webhooks::token_limits(&config.egress),
    }));
    let consent = consent::Service::new(consent::Parts {
        settings: webhooks::consent(&config),
        clock: Arc::clone(&clock),
        control: Arc::clone(control),
        egress: Arc::clone(&egress),
        secrets: Arc::clone(&secrets),
        credentials: Arc::clone(&credentials) as _,
    })?;
    // Before anything is sent, end what expired while no node ran.
    let expiry = Expiry { control: Arc::clone(control), clock: Arc::clone(&clock) };
    if let Err(error) = expiry.pass().await {
        tracing::warn!(%error, "the expiry of a subscription is submitted again later");
    }
    let sender = (installation.as_str(), control.registry());
    let webhook = webhooks::channel(&config, &egress, Arc::clone(&credentials) as _, sender, (&clock, &random));
    let channels = Channels { webhook: Arc::new(webhook) };
    let engine = Engine::start(EngineParts {
        log: Arc::clone(log),
        control: Arc::clone(control),
        progress: stores.progress().await?,
        journal: Arc::clone(journal),
        channels: channels.clone(),
        clock: Arc::clone(&clock),
        random: Arc::clone(&random),
        settings: engine_settings(&config.delivery),
    });
    let registry = control.registry();
    let validity =
        Validity { leeway: i64::from(config.auth.leeway_seconds), max_age: i64::from(config.auth.max_age_seconds) };
    let publishing = Publishing::new(publishing::Parts {
        log: Arc::clone(log),
        control: Arc::clone(control),
        registry: registry.clone(),
        clock: Arc::clone(&clock),
        random: Arc::clone(&random),
        settings: settings::publishing(&config, installation.clone()),
        payloads: Payloads::default(),
    });
    let autorisaties = settings::autorisaties(&config, &egress, &clock)?;
    let usage = Arc::new(Usage::default());
    let management = Management::new(management::Parts {
        log: Arc::clone(log),
        control: Arc::clone(control),
        journal: Arc::clone(journal),
        trail: Arc::clone(&stores.audit),
        recorder: Arc::clone(&recorder),
        registry: registry.clone(),
        engine: engine.clone(),
        secrets: Arc::clone(&secrets),
        publishing: publishing.clone(),
        receivers: Arc::new(WebhookReceivers::new(
            Arc::clone(&egress),
            Arc::clone(&credentials),
            consent.clone(),
            channels,
            egress_settings(&config)?,
            &config,
        )),
        clock: Arc::clone(&clock),
        random: Arc::clone(&random),
        settings: management::Settings {
            origin: config.origin.clone(),
            default_retry: config.delivery.retry.policy().unwrap_or_default(),
            require_precondition: config.subscriptions.require_if_match,
            own_abonnementen_only: config.notificaties.own_abonnementen_only,
            default_kanaal: KanaalName::new(&config.default_kanaal),
            outage_limit: outage_limit(&config.delivery),
            retention: retention(&config),
            declared_kanalen: declared.kanalen,
            declared_subscriptions: config
                .subscription
                .iter()
                .map(|own| (declare_subscriptions::id_of(&own.id), own.id.clone()))
                .collect(),
            kanalen_changed_by: config.notificaties.kanalen_changed_by(),
            quotas: Quotas {
                subscriptions: config.subscriptions.per_client,
                replays: config.subscriptions.replays_per_client,
                redrives: config.subscriptions.redrives_per_client,
            },
            own_events: config.own_events.is_some(),
            fetch_documentation: config.notificaties.fetch_documentatie_link,
            node: Node { clustered: config.kafka.is_some(), delivers: config.has(Role::Deliver) },
        },
        runs: Arc::default(),
        readiness: management::Readiness::default(),
        sink_turns: SinkTurns::default(),
        clients: Arc::new(WebClients {
            usage: Arc::clone(&usage),
            autorisaties: autorisaties.clone(),
            clock: Arc::clone(&clock),
        }),
        facts: Arc::new(OwnProcess { config: Arc::clone(&config), started: clock.now() }),
        statistics,
        stream,
        retention_risks: management::retention_warning::RetentionRisks::default(),
        lag_samples: management::lag_trend::LagSamples::default(),
        log_ins: management::sessions::KnownLogIns::default(),
        inspector: Arc::new(ConfigInspector {
            config: Arc::clone(&config),
            egress: Arc::clone(&egress),
            autorisaties: autorisaties.clone(),
            clock: Arc::clone(&clock),
            busy: Arc::default(),
        }),
        last_report: management::configuration::LastReport::default(),
    });
    let people = crate::people::people(&config, stores.audience.as_ref(), &clock, &random)?;
    let mail = crate::mail::mail(&config, stores.audience.as_ref(), people.as_ref(), &egress, &clock)?;
    let sms = crate::mail::sms(&config, stores.audience.as_ref(), people.as_ref(), &egress, &clock)?;
    let inbound_mail = inbound_mail::mailboxes(&config, people.as_ref(), &recorder, &clock)?;
    let receipts = crate::receipts::receipts(&config, people.as_ref(), &recorder)?;
    let mailings = crate::mailings::parts(&config, &stores, people.as_ref(), (mail.as_ref(), sms.as_ref()), &clock)?;
    let inbox = crate::inbox::inbox(&config, &stores, people.as_ref(), &clock, &random).await?;
    let replacements = crate::people_administration::replacements(&stores, people.as_ref());
    let people_administration = crate::people_administration::administration(
        &config,
        &stores,
        people.as_ref(),
        mail.as_ref(),
        mailings.as_ref(),
        replacements.as_ref(),
        &recorder,
    );
    #[cfg(feature = "console")]
    let console =
        crate::console::site(&config, &management, people_administration.as_ref(), &secrets, &clock, &random, &egress)?;
    #[cfg(feature = "console")]
    let people_site = crate::people::site(&config, people.as_ref());
    #[cfg(feature = "console")]
    let pages = crate::console::refusals(console.clone(), people_site.clone());
    #[cfg(not(feature = "console"))]
    let pages = None;
    let web = web::Context::new(web::context::Parts {
        settings: settings::web(&config)?,
        clock: Arc::clone(&clock),
        random: Arc::clone(&random),
        control: Arc::clone(control),
        tokens: Tokens::new(registry.clone(), Arc::clone(&secrets), validity),
        access_tokens: settings::access_tokens(&config, &egress),
        person_tokens: crate::inbox::person_tokens(&config, &egress),
        trusted_header: settings::trusted_header(&config)?,
        addresses: settings::addresses(&config)?,
        is_anonymous: config.auth.is_anonymous,
        certificates,
        autorisaties,
        recorder,
        rate: Rate::new(NonZeroU32::new(config.limits.requests_per_second)),
        failures: settings::failures(&config),
        usage,
        overload: Arc::new(Overload::new(
            Some(config.limits.queue_ms).filter(|target| *target > 0).map(Duration::from_millis),
        )),
        documents: Documents::default(),
        pages,
    });
    let app = App::new(Parts {
        consent_policy: consent_policy(&config)?,
        management,
        publishing,
        audience: stores.audience,
        people_owner: stores.people_owner,
        people,
        identity_tokens: Arc::new(settings::identity_tokens(&config, &egress)),
        receipts,
        people_administration,
        replacements,
        mail,
        inbound_mail,
        sms,
        mailings,
        inbox,
        feeds: feeds::FeedStates::of(&config, stores.feeds.as_ref()),
        web,
        #[cfg(feature = "console")]
        console,
        #[cfg(feature = "console")]
        people_site,
        config,
        clock,
        random,
        log: stores.log,
        control: stores.control,
        journal: stores.journal,
        registry,
        secrets,
        credentials,
        egress,
        engine,
        consent,
        metrics,
        samples: Samples::default(),
    });
    Ok((app, declares))
}

/// Checks that the kanaal of the gateway's own events, when there are any, is nobody else's.
fn check_own_kanaal(config: &Config, registry: &Registry) -> Result<(), StartError> {
    let kanaal = registry.kanaal(OWN_KANAAL).filter(|_| config.own_events.is_some());
    match kanaal.and_then(|kanaal| kanaal.owner.clone()) {
        Some(owner) => Err(StartError::OwnKanaal { owner }),
        None => Ok(()),
    }
}

fn spawn(app: &App, stop: &CancellationToken) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    tasks.spawn(exporter::upkeep(app.metrics.clone()));
    tasks.spawn(Arc::clone(&app.management.recorder).run());
    tasks.spawn(samples::follow(app.clone()));
    tasks.spawn(certificates::follow_egress(Arc::clone(&app.egress)));
    tasks.spawn(secret_files::follow(app.clone()));
    senders::spawn_upkeep(app, &mut tasks, stop);
    if app.config.has(Role::Deliver) {
        tasks.spawn(app.consent.clone().run(app.engine.clone(), stop.clone()));
        let expiry = Expiry { control: Arc::clone(&app.control), clock: Arc::clone(&app.clock) };
        tasks.spawn(expiry.run());
        tasks.spawn(app.management.clone().watch_retention());
        tasks.spawn(app.management.clone().watch_lag());
        if let Some(publisher) = own_events::publisher(app) {
            tasks.spawn(publisher.run());
        }
        tasks.spawn(autorisaties::maintain_abonnement(app.clone()));
    }
    if !app.config.has(Role::Beheer) {
        return tasks;
    }
    tasks.spawn(Arc::clone(&app.management.runs).follow(Arc::clone(&app.control)));
    let index =
        Index { log: Arc::clone(&app.log), journal: Arc::clone(&app.journal), control: Arc::clone(&app.control) };
    tasks.spawn(index.run());
    let retention = Retention {
        log: Arc::clone(&app.log),
        journal: Arc::clone(&app.journal),
        trail: Arc::clone(&app.management.trail),
        keep_trail: app.config.audit.retention(),
        registry: app.registry.clone(),
        clock: Arc::clone(&app.clock),
        default: retention(&app.config),
    };
    tasks.spawn(retention.run());
    tasks
}

/// How long a sink may fail before its subscriptions are suspended.
fn outage_limit(own: &config::Delivery) -> Duration {
    Duration::from_secs(u64::from(own.outage_limit_hours) * 3_600)
}

/// How long a kanaal without a retention of its own keeps its events.
fn retention(config: &Config) -> Duration {
    Duration::from_secs(u64::from(config.retention_days) * 86_400)
}

/// The key of stored secrets. On Kafka it must be there: a node that made one for itself could read nothing of the others.
pub fn secrets(config: &Config) -> Result<Secrets, secrets::Error> {
    let file = config.key_file();
    if config.kafka.is_some() { Secrets::read_file(&file) } else { Secrets::open_file(&file) }
}

/// The way out, as configured; reads the certificates that `[egress]` names.
pub fn egress(config: &Config) -> Result<egress::Egress, StartError> {
    Ok(egress::Egress::new(egress_settings(config)?)?)
}

/// The rules for outgoing requests.
pub fn policy(config: &Config) -> Result<egress::Policy, StartError> {
    Ok(egress::Policy { allow: ranges(&config.egress.allow)?, allow_http: ranges(&config.egress.allow_http)? })
}

/// The subscriptions that are declared, as they are meant.
pub fn declared_subscriptions(config: &Config) -> Result<Vec<Declaration>, StartError> {
    let environment = |name: &str| std::env::var(name).ok();
    let (policy, own) = (policy(config)?, OwnUrls::of(config));
    let check_url = |url: &str| receivers::check_url(&policy, &own, url);
    let read = declare_subscriptions::subscriptions(config, &check_url, &environment);
    Ok(read.map_err(DeclareError::from)?)
}

fn egress_settings(config: &Config) -> Result<egress::Settings, StartError> {
    let own = &config.egress;
    let profiles = own.tls.iter().map(|(name, profile)| {
        let profile = egress::TlsProfile {
            certificate: profile.certificate.clone(),
            key: profile.key.clone(),
            ca: profile.ca.clone(),
            applicaties: profile.applicaties.clone(),
        };
        (name.clone(), profile)
    });
    Ok(egress::Settings {
        policy: policy(config)?,
        connect_timeout: Duration::from_secs(own.connect_timeout_seconds),
        pool_idle_per_host: own.idle_connections_per_host,
        extra_ca: own.extra_ca.clone(),
        profiles: profiles.collect(),
        http1: own.http1.clone(),
        ..egress::Settings::default()
    })
}

fn engine_settings(own: &config::Delivery) -> delivery::Settings {
    delivery::Settings {
        window: own.window,
        in_flight: own.max_in_flight.get() as usize,
        in_flight_total: own.max_in_flight_total.get() as usize,
        // A checkpoint covers what was read before the one before it.
        checkpoint_interval: Duration::from_millis(own.checkpoint_ms / 2),
        outage_limit: outage_limit(own),
        duplicates: own.duplicates_window,
        ..delivery::Settings::default()
    }
}

fn consent_policy(config: &Config) -> Result<ConsentPolicy, StartError> {
    let origins = config
        .target
        .allowed_origins
        .iter()
        .map(|origin| origin.parse().map_err(|_| StartError::Config(format!("target.allowed_origins: {origin}"))))
        .collect::<Result<_, _>>()?;
    let max_rate = match config.target.rate_per_minute {
        Some(rate) => webhook_validator::Rate::PerMinute(rate),
        None => webhook_validator::Rate::Unlimited,
    };
    Ok(ConsentPolicy { origins: AllowedOrigins::Only(origins), max_rate })
}

//! `gateway import open-notificaties`: shows the changes that an import makes, and with `--apply` makes them. Imports of people are
//! in [`super::import_people`].
//!
//! It opens the storage of the configuration while the gateway is stopped, so that nothing else changes it.

use std::{
    io::Write,
    net::{IpAddr, ToSocketAddrs},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use clap::Subcommand;
use model::{
    Clock, Random,
    applicatie::Scope,
    clock::{SystemClock, SystemRandom},
};

use super::{
    Failure, Settings,
    import_people::{self, ImportPeople},
};
use crate::cli::output::{out, outln};
use crate::{
    config::{Applicatie, Config},
    import::{self, Client, ImportTarget, Source},
    own_urls::OwnUrls,
    start, stores,
};

/// What to import from.
#[derive(Debug, Subcommand)]
pub enum Import {
    /// Kanalen, abonnementen, clients and retries of an Open Notificaties.
    OpenNotificaties {
        /// Its set-up file (setup_configuration, YAML), or the values of a Helm chart with that file in configuration.data or
        /// opennotificaties.configuration.data, as in PodiumD.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
        /// Its Notificaties API, for example https://notificaties.gemeente.example/api/v1; read before the file, which
        /// wins where both speak of the same thing.
        #[arg(long, value_name = "URL", requires = "client_id", requires = "secret_file")]
        url: Option<String>,
        /// The client_id to ask that API with; it needs the scope notificaties.consumeren.
        #[arg(long, value_name = "ID")]
        client_id: Option<String>,
        /// A file with the secret of that client.
        #[arg(long, value_name = "FILE")]
        secret_file: Option<PathBuf>,
        /// The applicatie that abonnementen will belong to and may change them; without one only an administrator may.
        #[arg(long, value_name = "CLIENT_ID", default_value = "")]
        owner: String,
        /// Where to write the lines for the configuration; without one they are shown, with secrets left out.
        #[arg(long, value_name = "FILE")]
        write: Option<PathBuf>,
        /// Do it, instead of only showing what would be done.
        #[arg(long)]
        apply: bool,
        #[command(flatten)]
        settings: Settings,
    },
    /// Confirmed subscriptions of people from an export of NotifyBC (JSON), with the links that it sent.
    Notifybc(ImportPeople),
    /// Confirmed subscriptions of people from CSV: address,kanaal,confirmed and if wanted language,filter.
    People(ImportPeople),
}

/// Imports, or shows the plan; the exit code is 1 when a resource cannot be imported.
pub fn run(import: Import) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if !matches!(import, Import::OpenNotificaties { .. }) {
        return runtime.block_on(import_people::run(import));
    }
    let Import::OpenNotificaties { file, url, client_id, secret_file, owner, write, apply, settings } = import else {
        return Ok(ExitCode::FAILURE);
    };
    let config = settings.load().map_err(|error| settings.describe_error(&error))?;
    let api = match (url, client_id, secret_file) {
        (Some(url), Some(client_id), Some(secret_file)) => {
            Some((url, Client { client_id, secret: text(&secret_file)?.trim_end().to_owned() }))
        }
        _ => None,
    };
    if api.is_none() && file.is_none() {
        return Err("geef --file (het set-up-bestand), --url (de API), of allebei".into());
    }
    runtime.block_on(async {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
        let source = read_source(&config, api, file.as_deref(), clock.as_ref()).await?;
        let refused = compare_and_apply(&config, &source, &owner, apply, clock).await?;
        // A configuration that has a client for administrators already needs no other one.
        let administers = |own: &Applicatie| own.scopes.iter().any(|scope| scope == Scope::Beheer.label());
        let secret = format!("{}{}", SystemRandom.uuid().simple(), SystemRandom.uuid().simple());
        let beheer = (!config.applicatie.iter().any(administers)).then_some(secret.as_str());
        configuration(&source, beheer, write.as_deref())?;
        if !apply {
            outln!("\nEr is niets veranderd. Voeg --apply toe om dit uit te voeren; de gateway mag dan niet draaien.");
        }
        Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

async fn read_source(
    config: &Config,
    api: Option<(String, Client)>,
    file: Option<&Path>,
    clock: &dyn Clock,
) -> Result<Source, Failure> {
    let mut source = Source::default();
    if let Some((url, client)) = api {
        source = import::read_api(&start::egress(config)?, &url, &client, clock.now()).await?;
    }
    if let Some(path) = file {
        let environment = |name: &str| std::env::var(name).ok();
        let read = import::read_setup(&text(path)?, &environment);
        source = source.with(read.map_err(|error| format!("{}: {error}", path.display()))?);
    }
    Ok(source)
}

/// Compares, and applies the plan if `apply` is set. Returns the number of resources that cannot be imported.
async fn compare_and_apply(
    config: &Config,
    source: &Source,
    owner: &str,
    apply: bool,
    clock: Arc<dyn Clock>,
) -> Result<usize, Failure> {
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let stores = stores::open(config, &Arc::new(start::egress(config)?), &clock, &random, None).await?;
    stores.control.catch_up().await?;
    let secrets = start::secrets(config)?;
    let target = ImportTarget {
        control: stores.control.as_ref(),
        log: stores.log.as_ref(),
        secrets: &secrets,
        clock: clock.as_ref(),
        random: random.as_ref(),
        owner,
        origin: &config.origin,
        retry: config.delivery.retry.policy().unwrap_or_default(),
    };
    let own = OwnUrls::of(config);
    let registry = stores.control.registry();
    let plan = import::plan(
        source.clone(),
        &import::PresentState {
            registry: &registry.read(),
            open_auth: &|subscription| target.open_auth(subscription),
            is_own_url: &|url| own.contains(url),
            can_move: config.kafka.is_none(),
        },
    );
    if apply {
        target.apply(&plan).await?;
    }
    out!("{}", import::report(&plan, &source.notes, apply));
    Ok(plan.refused())
}

/// Writes the lines for the configuration, or shows them without secrets.
fn configuration(source: &Source, beheer: Option<&str>, write: Option<&Path>) -> Result<(), Failure> {
    let resolve = |host: &str| -> Vec<IpAddr> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        (bare, 0).to_socket_addrs().map(|found| found.map(|address| address.ip()).collect()).unwrap_or_default()
    };
    let lines = import::fragment(source, beheer, &resolve);
    if let Some(path) = write {
        create_private_file(path)?
            .write_all(lines.as_bytes())
            .map_err(|error| format!("{}: {error}", path.display()))?;
        outln!("Regels voor de configuratie staan in {} (met geheimen: bewaar het veilig).", path.display());
        return Ok(());
    }
    outln!("\nRegels voor de configuratie; geheimen staan er alleen in met --write BESTAND:\n");
    for line in lines.lines() {
        outln!("{}", if line.starts_with("secret = ") { "secret = \"…\"" } else { line });
    }
    Ok(())
}

/// A file that only its owner may read, also when it exists already.
fn create_private_file(path: &Path) -> Result<std::fs::File, Failure> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let opened = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    let private = opened.and_then(|file| {
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        Ok(file)
    });
    private.map_err(|error| format!("{}: {error}", path.display()).into())
}

fn text(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()).into())
}

//! The checks of `gateway check` for the running gateway, and what only a running one knows. `management` decides when they run.

use std::sync::Arc;

use async_trait::async_trait;
use egress::Egress;
use management::configuration::{Check, Inspector, Verdict};
use model::Clock;
use serde_json::Value;
use web::auth::Autorisaties;

use crate::{
    cli::check,
    config::{CheckResult, Config, Severity},
};

/// The adapter of [`Inspector`].
pub struct ConfigInspector {
    /// The configuration that this gateway runs with.
    pub config: Arc<Config>,
    /// Whose shortage of connections is reported.
    pub egress: Arc<Egress>,
    /// Whose abonnement is reported.
    pub autorisaties: Option<Arc<Autorisaties>>,
    /// The time that certificates and other ends are compared with.
    pub clock: Arc<dyn Clock>,
    /// Held by the thread that checks, which goes on when nobody waits for it any more.
    pub busy: Arc<tokio::sync::Mutex<()>>,
}

#[async_trait]
impl Inspector for ConfigInspector {
    async fn inspect(&self) -> Vec<Check> {
        let (config, busy, now) = (Arc::clone(&self.config), Arc::clone(&self.busy), self.clock.now());
        let checking = move || {
            let Ok(_checking) = busy.try_lock() else {
                return vec![Check::new(
                    "checks",
                    Verdict::Wrong,
                    (
                        "an earlier check still waits for a disk or a broker",
                        "een eerdere controle wacht nog op een schijf of een broker",
                    ),
                )];
            };
            let values = serde_json::to_value(&*config).unwrap_or_default();
            let results = check::check_running(&config, now).into_iter();
            results.map(|result| translated(result, &values)).collect::<Vec<_>>()
        };
        let mut checks = match tokio::task::spawn_blocking(checking).await {
            Ok(checks) => checks,
            Err(error) => vec![Check::new(
                "checks",
                Verdict::Wrong,
                (format!("the checks were interrupted: {error}"), "de controles zijn afgebroken"),
            )],
        };
        checks.push(match self.egress.shortage() {
            None => Check::new(
                "egress",
                Verdict::Ok,
                ("connections out can be made", "uitgaande verbindingen zijn mogelijk"),
            ),
            Some(shortage) => Check::new(
                "egress",
                Verdict::Wrong,
                (format!("no connections out: {shortage}"), "uitgaande verbindingen zijn niet mogelijk"),
            )
            .with_remedy((
                "raise the limit of open files of the process",
                "verhoog het maximum aantal open bestanden van het proces",
            )),
        });
        checks.extend(self.registration());
        checks
    }
}

impl ConfigInspector {
    /// The abonnement at the Notificaties API that reports changes of autorisaties, if there is to be one.
    fn registration(&self) -> Option<Check> {
        let autorisaties = self.autorisaties.as_ref().filter(|own| own.registration().is_some())?;
        let item = "auth.autorisaties.abonnement";
        Some(match autorisaties.registration_error() {
            None => Check::new(
                item,
                Verdict::Ok,
                ("no problem is known on this node", "op deze node is geen probleem bekend"),
            ),
            Some(error) => Check::new(
                item,
                Verdict::Warning,
                (error, "de gateway heeft geen abonnement op wijzigingen van autorisaties"),
            )
            .with_remedy((
                "until then changed rights are used when the cache expires",
                "tot dat is hersteld gelden gewijzigde rechten pas als de cache verloopt",
            )),
        })
    }
}

fn translated(result: CheckResult, values: &Value) -> Check {
    Check {
        value: value(values, &result.item),
        verdict: match result.severity {
            Severity::Pass => Verdict::Ok,
            Severity::Advice => Verdict::Warning,
            Severity::Failure => Verdict::Wrong,
        },
        item: result.item,
        finding: result.text,
        remedy: result.remedy,
        expires: result.expires,
    }
}

/// The value of a key, if it is a single value or a list of these. Secrets are never part of serialized configuration.
fn value(values: &Value, item: &str) -> Option<String> {
    let scalar = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    };
    match item.split('.').try_fold(values, |value, key| value.get(key))? {
        Value::Array(all) => Some(all.iter().map(scalar).collect::<Option<Vec<_>>>()?.join(", ")),
        single => scalar(single),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_checks_hold_no_secrets() {
        let text = r#"
origin = "gateway.example"
[egress]
allow_http = ["10.0.0.0/8", "127.0.0.0/8"]
[auth.autorisaties]
url = "https://ac.example/"
client_id = "nrc"
secret = "never to be shown"
[[applicatie]]
client_id = "a"
secret = "never to be shown"
secrets = ["never to be shown"]
scopes = []
"#;
        let values = serde_json::to_value(crate::config::parse(text).unwrap()).unwrap();
        assert!(!values.to_string().contains("never to be shown"));
        for (item, expected) in [
            ("origin", Some("gateway.example")),
            ("egress.allow_http", Some("10.0.0.0/8, 127.0.0.0/8")),
            ("auth.query_token", Some("false")),
            ("public_url", None),
            ("applicatie", None),
            ("auth.autorisaties.secret", None),
            ("readiness", None),
        ] {
            assert_eq!(value(&values, item).as_deref(), expected, "{item}");
        }
    }
}

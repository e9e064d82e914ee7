//! The chart as Helm renders it, and the manifests by kind and name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use interop::Failure;
use serde_json::Value;

use crate::{ask, deploy};

/// The release and the namespace that every chart is rendered for.
pub const RELEASE: &str = "gateway";
const NAMESPACE: &str = "events";
/// The oldest Kubernetes that the chart takes, and the newest that the schemas are there for.
pub const VERSIONS: [&str; 2] = ["1.27", "1.37"];
/// The examples: each is complete but for the Secrets it names.
pub const EXAMPLES: [&str; 4] = ["together", "by-role", "embedded", "secured"];

/// The results of `helm lint` and `helm template` on the chart.
pub struct Chart {
    pub lint_messages: Vec<String>,
    pub documents: Vec<Value>,
    pub notes: String,
    pub refused: Option<String>,
}

impl Chart {
    /// Renders the chart with these files of values; later files override earlier ones.
    pub async fn render(values: &[PathBuf]) -> Result<Chart, Failure> {
        let folder = deploy("helm/gateway");
        let mut arguments = vec![PathBuf::from("chart"), folder, RELEASE.into(), NAMESPACE.into(), VERSIONS[0].into()];
        arguments.extend(values.iter().cloned());
        let answer = ask(arguments).await?;
        let text = |name: &str| answer[name].as_str().map(str::to_owned);
        Ok(Chart {
            lint_messages: crate::texts(&answer["remarks"]).into_iter().map(str::to_owned).collect(),
            documents: answer["documents"].as_array().cloned().unwrap_or_default(),
            notes: text("notes").unwrap_or_default(),
            refused: text("refused"),
        })
    }

    /// With an example, and more values as YAML.
    pub async fn example(name: &str, more: &str) -> Result<Chart, Failure> {
        let file = tempfile::NamedTempFile::new().map_err(Failure::file(Path::new("values")))?;
        std::fs::write(file.path(), more).map_err(Failure::file(file.path()))?;
        let chart =
            Chart::render(&[deploy(&format!("helm/gateway/ci/{name}-values.yaml")), file.path().into()]).await?;
        assert_eq!(chart.refused, None, "{name}");
        Ok(chart)
    }

    /// All manifests of a kind.
    pub fn all(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.documents.iter().filter(move |document| document["kind"] == kind)
    }

    /// What runs nodes of the gateway.
    pub fn workloads(&self) -> impl Iterator<Item = &Value> {
        self.all("Deployment").chain(self.all("StatefulSet"))
    }

    /// The configuration that all nodes share.
    pub fn configuration(&self) -> &str {
        self.all("ConfigMap").next().and_then(|map| map["data"]["gateway.toml"].as_str()).expect("gateway.toml")
    }
}

pub fn name(document: &Value) -> &str {
    document["metadata"]["name"].as_str().unwrap_or_default()
}

/// The labels of a selector or of something selected.
pub fn labels(value: &Value) -> BTreeMap<&str, &str> {
    let labels = value.as_object().into_iter().flatten();
    labels.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))).collect()
}

/// Whether a selector, which names at least one label, selects these.
pub fn selects(selector: &Value, selected: &Value) -> bool {
    let (wanted, has) = (labels(selector), labels(selected));
    !wanted.is_empty() && wanted.iter().all(|(name, value)| has.get(name) == Some(value))
}

/// The pod that a workload makes.
pub fn pod(workload: &Value) -> &Value {
    &workload["spec"]["template"]
}

/// The roles that the pods of a workload have.
pub fn roles(workload: &Value) -> Vec<String> {
    let environment = pod(workload)["spec"]["containers"][0]["env"].as_array();
    let roles = environment.into_iter().flatten().find(|variable| variable["name"] == "GATEWAY_ROLES");
    let roles = roles.and_then(|variable| variable["value"].as_str()).expect("GATEWAY_ROLES");
    serde_json::from_str(roles).expect("a list of roles")
}

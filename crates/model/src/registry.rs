//! The registry: kanalen, subscriptions, applicaties, runs and payload schemas as they stand, folded from accepted
//! changes.
//!
//! Folding never fails and is idempotent: a change carries the whole new state of one thing, so
//! replaying a compacted stream of changes gives the same registry.

use std::{collections::BTreeMap, sync::Arc};

use uuid::Uuid;

use crate::{
    Kanaal, KanaalName, PayloadSchema, SchemaName, Subscription, SubscriptionId,
    applicatie::Applicatie,
    run::{Run, RunId},
};

/// An accepted change: the whole new state of one thing, or its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A kanaal was made or changed.
    Kanaal(Arc<Kanaal>),
    /// A kanaal was deleted.
    KanaalDeleted(KanaalName),
    /// A subscription was made or changed.
    Subscription(Arc<Subscription>),
    /// A subscription was deleted.
    SubscriptionDeleted(SubscriptionId),
    /// An applicatie was declared or changed.
    Applicatie(Arc<Applicatie>),
    /// An applicatie was withdrawn.
    ApplicatieDeleted(String),
    /// A run was asked for.
    Run(Arc<Run>),
    /// A run is over (done or stopped).
    RunEnded(RunId),
    /// A payload schema was registered, or declared anew.
    Schema(Arc<PayloadSchema>),
    /// A payload schema was withdrawn.
    SchemaDeleted(SchemaName),
    /// Configuration of this revision was declared; older revisions are not applied after it.
    Declared {
        /// The revision, chosen by the administrator.
        revision: u64,
    },
}

/// Everything that can be changed, as it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registry {
    kanalen: BTreeMap<KanaalName, Arc<Kanaal>>,
    subscriptions: BTreeMap<SubscriptionId, Arc<Subscription>>,
    applicaties: BTreeMap<String, Arc<Applicatie>>,
    runs: BTreeMap<RunId, Arc<Run>>,
    schemas: BTreeMap<SchemaName, Arc<PayloadSchema>>,
    schemas_by_uri: BTreeMap<String, SchemaName>,
    schemas_by_type: BTreeMap<String, SchemaName>,
    revision: u64,
}

impl Registry {
    /// Folds one change in.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Kanaal(kanaal) => {
                self.kanalen.insert(kanaal.naam.clone(), Arc::clone(kanaal));
            }
            Change::KanaalDeleted(naam) => {
                self.kanalen.remove(naam);
            }
            Change::Subscription(subscription) => {
                self.subscriptions.insert(subscription.id, Arc::clone(subscription));
            }
            Change::SubscriptionDeleted(id) => {
                self.subscriptions.remove(id);
            }
            Change::Applicatie(applicatie) => {
                self.applicaties.insert(applicatie.client_id.clone(), Arc::clone(applicatie));
            }
            Change::ApplicatieDeleted(client_id) => {
                self.applicaties.remove(client_id);
            }
            Change::Run(run) => {
                self.runs.insert(run.id, Arc::clone(run));
            }
            Change::RunEnded(id) => {
                self.runs.remove(id);
            }
            Change::Schema(schema) => {
                self.forget_schema(&schema.name);
                self.schemas_by_uri.insert(schema.uri.clone(), schema.name.clone());
                for kind in &schema.types {
                    self.schemas_by_type.insert(kind.clone(), schema.name.clone());
                }
                self.schemas.insert(schema.name.clone(), Arc::clone(schema));
            }
            Change::SchemaDeleted(name) => self.forget_schema(name),
            Change::Declared { revision } => self.revision = *revision,
        }
    }

    fn forget_schema(&mut self, name: &SchemaName) {
        if self.schemas.remove(name).is_some() {
            self.schemas_by_uri.retain(|_, own| own != name);
            self.schemas_by_type.retain(|_, own| own != name);
        }
    }

    /// The kanaal with this name.
    pub fn kanaal(&self, naam: &str) -> Option<&Arc<Kanaal>> {
        self.kanalen.get(naam)
    }

    /// The kanaal with this id.
    pub fn kanaal_by_id(&self, id: Uuid) -> Option<&Arc<Kanaal>> {
        self.kanalen.values().find(|kanaal| kanaal.id == id)
    }

    /// All kanalen by name.
    pub fn kanalen(&self) -> impl Iterator<Item = &Arc<Kanaal>> {
        self.kanalen.values()
    }

    /// The subscription with this id.
    pub fn subscription(&self, id: SubscriptionId) -> Option<&Arc<Subscription>> {
        self.subscriptions.get(&id)
    }

    /// All subscriptions by id.
    pub fn subscriptions(&self) -> impl Iterator<Item = &Arc<Subscription>> {
        self.subscriptions.values()
    }

    /// The subscription that an owner made with a key of its own choice.
    pub fn made_with(&self, owner: &str, key: &str) -> Option<&Arc<Subscription>> {
        let own = |subscription: &&Arc<Subscription>| {
            subscription.owner == owner && subscription.create_key.as_ref().is_some_and(|own| own.key == key)
        };
        self.subscriptions.values().find(own)
    }

    /// The applicatie with this `client_id`.
    pub fn applicatie(&self, client_id: &str) -> Option<&Arc<Applicatie>> {
        self.applicaties.get(client_id)
    }

    /// All applicaties by `client_id`.
    pub fn applicaties(&self) -> impl Iterator<Item = &Arc<Applicatie>> {
        self.applicaties.values()
    }

    /// The run with this id, while it is not over.
    pub fn run(&self, id: RunId) -> Option<&Arc<Run>> {
        self.runs.get(&id)
    }

    /// All runs that are not over.
    pub fn runs(&self) -> impl Iterator<Item = &Arc<Run>> {
        self.runs.values()
    }

    /// The payload schema with this name.
    pub fn schema(&self, name: &str) -> Option<&Arc<PayloadSchema>> {
        self.schemas.get(name)
    }

    /// The payload schema registered for this `dataschema`.
    pub fn schema_of_uri(&self, uri: &str) -> Option<&Arc<PayloadSchema>> {
        self.schemas.get(self.schemas_by_uri.get(uri)?)
    }

    /// The payload schema registered for this type of event.
    pub fn schema_of_type(&self, kind: &str) -> Option<&Arc<PayloadSchema>> {
        self.schemas.get(self.schemas_by_type.get(kind)?)
    }

    /// All payload schemas by name.
    pub fn schemas(&self) -> impl ExactSizeIterator<Item = &Arc<PayloadSchema>> {
        self.schemas.values()
    }

    /// The types that payload schemas are registered for, with their schema.
    pub fn types(&self) -> impl Iterator<Item = (&str, &Arc<PayloadSchema>)> {
        self.schemas_by_type.iter().filter_map(|(kind, name)| Some((kind.as_str(), self.schemas.get(name)?)))
    }

    /// The newest revision of declared configuration; 0 when none was.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The whole state as changes, in an order that can be folded.
    pub fn to_changes(&self) -> Vec<Change> {
        let mut changes: Vec<Change> = self.kanalen.values().cloned().map(Change::Kanaal).collect();
        changes.extend(self.applicaties.values().cloned().map(Change::Applicatie));
        changes.extend(self.subscriptions.values().cloned().map(Change::Subscription));
        changes.extend(self.runs.values().cloned().map(Change::Run));
        changes.extend(self.schemas.values().cloned().map(Change::Schema));
        if self.revision > 0 {
            changes.push(Change::Declared { revision: self.revision });
        }
        changes
    }
}

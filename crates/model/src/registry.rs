//! The registry: the present kanalen, subscriptions, applicaties, runs and payload schemas, folded from accepted
//! changes.
//!
//! Folding never fails and is idempotent: a change contains the whole new state of one object, so that replaying a
//! compacted stream of changes gives the same registry.

use std::{collections::BTreeMap, sync::Arc};

use uuid::Uuid;

use crate::{
    Kanaal, KanaalName, PayloadSchema, SchemaName, Subscription, SubscriptionId,
    applicatie::Applicatie,
    revocation::{Revocation, Revoked},
    run::{Run, RunId},
};

/// An accepted change: the whole new state of one object, or its deletion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A kanaal was created or changed.
    Kanaal(Arc<Kanaal>),
    /// A kanaal was deleted.
    KanaalDeleted(KanaalName),
    /// A subscription was created or changed.
    Subscription(Arc<Subscription>),
    /// A subscription was deleted.
    SubscriptionDeleted(SubscriptionId),
    /// An applicatie was declared or changed.
    Applicatie(Arc<Applicatie>),
    /// An applicatie was deleted.
    ApplicatieDeleted(String),
    /// A run was requested.
    Run(Arc<Run>),
    /// A run has ended (completed or stopped).
    RunEnded(RunId),
    /// A payload schema was registered or declared.
    Schema(Arc<PayloadSchema>),
    /// A payload schema was deleted.
    SchemaDeleted(SchemaName),
    /// Sessions were ended, or a link or token was used.
    Revocation(Arc<Revocation>),
    /// What was revoked would be too old by now.
    RevocationForgotten(Revoked),
    /// A revision of the configuration was applied; older revisions are ignored from then on.
    Declared {
        /// The revision, chosen by the administrator.
        revision: u64,
    },
}

/// The present state of everything that control can change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registry {
    kanalen: BTreeMap<KanaalName, Arc<Kanaal>>,
    subscriptions: BTreeMap<SubscriptionId, Arc<Subscription>>,
    /// The number of subscriptions by owner, without zeros.
    owned: BTreeMap<String, usize>,
    /// Subscriptions by owner and idempotency key.
    made: BTreeMap<(String, String), SubscriptionId>,
    applicaties: BTreeMap<String, Arc<Applicatie>>,
    runs: BTreeMap<RunId, Arc<Run>>,
    schemas: BTreeMap<SchemaName, Arc<PayloadSchema>>,
    schemas_by_uri: BTreeMap<String, SchemaName>,
    schemas_by_type: BTreeMap<String, SchemaName>,
    /// By the key of what is revoked.
    revocations: BTreeMap<String, Arc<Revocation>>,
    revision: u64,
}

impl Registry {
    /// Applies one change.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Kanaal(kanaal) => {
                self.kanalen.insert(kanaal.naam.clone(), Arc::clone(kanaal));
            }
            Change::KanaalDeleted(naam) => {
                self.kanalen.remove(naam);
            }
            Change::Subscription(subscription) => {
                let before = self.subscriptions.insert(subscription.id, Arc::clone(subscription));
                self.disown(before);
                *self.owned.entry(subscription.owner.clone()).or_default() += 1;
                if let Some(key) = made_with(subscription) {
                    self.made.insert(key, subscription.id);
                }
            }
            Change::SubscriptionDeleted(id) => {
                let before = self.subscriptions.remove(id);
                self.disown(before);
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
            Change::Revocation(revocation) => {
                self.revocations.insert(revocation.what.to_string(), Arc::clone(revocation));
            }
            Change::RevocationForgotten(what) => {
                self.revocations.remove(&what.to_string());
            }
            Change::Declared { revision } => self.revision = *revision,
        }
    }

    fn disown(&mut self, subscription: Option<Arc<Subscription>>) {
        let Some(subscription) = subscription else { return };
        if let Some(key) = made_with(&subscription) {
            self.made.remove(&key);
        }
        if let Some(count) = self.owned.get_mut(&subscription.owner) {
            *count -= 1;
            if *count == 0 {
                self.owned.remove(&subscription.owner);
            }
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

    /// The kanaal of events of a type that name none themselves (GW-02): the longest type route of all kanalen; else
    /// the third label of `nl.overheid.<kanaal>.…`; else `default`. `None` when no rule names a kanaal that exists.
    pub fn kanaal_of_type(&self, kind: &str, default: Option<&KanaalName>) -> Option<&Arc<Kanaal>> {
        let routes = self.kanalen().flat_map(|kanaal| kanaal.type_routes.iter().map(move |prefix| (prefix, kanaal)));
        let matching = routes.filter(|(prefix, _)| kind.starts_with(prefix.as_str()));
        let routed = matching.max_by_key(|(prefix, _)| prefix.len()).map(|(_, kanaal)| kanaal);
        let label = || kind.strip_prefix("nl.overheid.")?.split_once('.').map(|(label, _)| label);
        routed
            .or_else(|| label().and_then(|naam| self.kanaal(naam)))
            .or_else(|| default.and_then(|naam| self.kanaal(naam.as_str())))
    }

    /// The subscription with this id.
    pub fn subscription(&self, id: SubscriptionId) -> Option<&Arc<Subscription>> {
        self.subscriptions.get(&id)
    }

    /// All subscriptions by id.
    pub fn subscriptions(&self) -> impl Iterator<Item = &Arc<Subscription>> {
        self.subscriptions.values()
    }

    /// The number of subscriptions of an owner.
    pub fn subscriptions_of(&self, owner: &str) -> usize {
        self.owned.get(owner).copied().unwrap_or_default()
    }

    /// The subscription that an owner created with this idempotency key.
    pub fn subscription_created_with(&self, owner: &str, key: &str) -> Option<&Arc<Subscription>> {
        self.subscriptions.get(self.made.get(&(owner.to_owned(), key.to_owned()))?)
    }

    /// The applicatie with this `client_id`.
    pub fn applicatie(&self, client_id: &str) -> Option<&Arc<Applicatie>> {
        self.applicaties.get(client_id)
    }

    /// All applicaties by `client_id`.
    pub fn applicaties(&self) -> impl Iterator<Item = &Arc<Applicatie>> {
        self.applicaties.values()
    }

    /// The run with this id, until it has ended.
    pub fn run(&self, id: RunId) -> Option<&Arc<Run>> {
        self.runs.get(&id)
    }

    /// All runs that have not ended.
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

    /// The types for which payload schemas are registered, with their schema.
    pub fn types(&self) -> impl Iterator<Item = (&str, &Arc<PayloadSchema>)> {
        self.schemas_by_type.iter().filter_map(|(kind, name)| Some((kind.as_str(), self.schemas.get(name)?)))
    }

    /// The revocation of this.
    pub fn revocation(&self, what: &Revoked) -> Option<&Arc<Revocation>> {
        self.revocations.get(&what.to_string())
    }

    /// All revocations.
    pub fn revocations(&self) -> impl ExactSizeIterator<Item = &Arc<Revocation>> {
        self.revocations.values()
    }

    /// The newest applied revision of the configuration; 0 for none.
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
        changes.extend(self.revocations.values().cloned().map(Change::Revocation));
        if self.revision > 0 {
            changes.push(Change::Declared { revision: self.revision });
        }
        changes
    }
}

/// Owner and idempotency key of a subscription.
fn made_with(subscription: &Subscription) -> Option<(String, String)> {
    let key = subscription.create_key.as_ref()?;
    Some((subscription.owner.clone(), key.key.clone()))
}

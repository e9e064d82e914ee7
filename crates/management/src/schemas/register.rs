//! Registers a payload schema.

use std::sync::Arc;

use model::{Actor, Kanaal, KanaalName, PayloadSchema, SchemaName, decide::Command};

use super::SchemaRequest;
use crate::{Conflict, Error, Fault, Management};

/// A payload schema that a publisher asks to register. The members are those of [`PayloadSchema`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterSchema {
    /// Its name.
    pub name: SchemaName,
    /// See [`PayloadSchema`]; `None` for the address where it is served.
    pub uri: Option<String>,
    /// See [`PayloadSchema`].
    pub types: Vec<String>,
    /// See [`PayloadSchema`]; it must exist.
    pub kanaal: Option<KanaalName>,
    /// See [`PayloadSchema`].
    pub description: String,
    /// See [`PayloadSchema`].
    pub example: Option<String>,
    /// See [`PayloadSchema`].
    pub text: String,
    /// The URL below which schemas are served by name, with a slash at the end.
    pub served_below: String,
}

impl Management {
    /// Registers a schema for the actor.
    ///
    /// [`Error::Forbidden`] when a type, or the kanaal that it names, belongs to a kanaal of another owner;
    /// [`Error::Invalid`] for a request that breaks rules; [`Conflict::SchemaBuiltIn`] and [`Error::Rejected`] when the
    /// name, the `dataschema` or a type is taken, or there are too many schemas.
    pub async fn register_schema(&self, actor: &Actor, request: RegisterSchema) -> Result<PayloadSchema, Error> {
        self.register(actor, actor.client_id().map(str::to_owned), request).await
    }

    /// Registers a schema that belongs to the client `owner`, for which the actor acts.
    ///
    /// # Errors
    /// As [`Self::register_schema`]; [`Error::Invalid`] names `owner` when the actor does not act for it.
    pub async fn register_schema_for(
        &self,
        actor: &Actor,
        owner: &str,
        request: RegisterSchema,
    ) -> Result<PayloadSchema, Error> {
        let is_known = self.registry.read().applicatie(owner).is_some();
        if !actor.may_manage(owner) || !is_known {
            return Err(Error::invalid("owner", "must be a client for which this person acts"));
        }
        self.register(actor, Some(owner.to_owned()), request).await
    }

    async fn register(
        &self,
        actor: &Actor,
        owner: Option<String>,
        request: RegisterSchema,
    ) -> Result<PayloadSchema, Error> {
        let address = format!("{}{}", request.served_below, request.name);
        let schema = SchemaRequest {
            name: request.name,
            uri: request.uri.unwrap_or_else(|| address.clone()),
            types: request.types,
            kanaal: request.kanaal,
            description: request.description,
            example: request.example,
            text: request.text,
        };
        let mut faults = schema.check();
        faults.extend(schema.check_registered());
        if schema.kanaal.as_ref().is_some_and(|naam| self.registry.read().kanaal(naam.as_str()).is_none()) {
            faults.push(Fault::new("kanaal", "must be the name of a kanaal that exists"));
        }
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        self.check_schema_kanalen(actor, &schema)?;
        if schema.uri.starts_with(&request.served_below) && schema.uri != address {
            let rule = format!(
                "is an address of this gateway, where only the schema of that name is served; {address} is its own"
            );
            return Err(Error::invalid("uri", rule));
        }
        if schema.is_built_in() {
            return Err(Conflict::SchemaBuiltIn(schema.name).into());
        }
        let schema = schema.build(owner, self.clock.now());
        self.control.submit(actor, Command::RegisterSchema(Box::new(schema.clone()))).await??;
        Ok(schema)
    }

    /// Checks that the kanaal of a schema, and those that its types are routed to, have no other owner than the actor.
    fn check_schema_kanalen(&self, actor: &Actor, schema: &SchemaRequest) -> Result<(), Error> {
        let registry = self.registry.read();
        let named = schema.kanaal.as_ref().and_then(|naam| registry.kanaal(naam.as_str()));
        let routed = schema.types.iter().filter_map(|kind| registry.kanaal_of_type(kind, None));
        let foreign = |kanaal: &&Arc<Kanaal>| kanaal.owner.as_ref().is_some_and(|owner| !actor.may_manage(owner));
        match named.into_iter().chain(routed).find(foreign) {
            Some(kanaal) => Err(Error::Forbidden(format!(
                "Schemas of events of kanaal {} are registered by its owner or an administrator.",
                kanaal.naam
            ))),
            None => Ok(()),
        }
    }
}

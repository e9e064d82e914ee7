//! Ends a session of the list, or all sessions of its person.

use model::{Actor, audit::Subject, revocation::Revoked};
use uuid::Uuid;

use super::list::{Person, StartedSession};
use crate::{Error, Management, Resource, Right};

impl Management {
    /// Ends one session. People end their own; those of others need [`Right::EndSessions`].
    ///
    /// # Errors
    /// [`Error::NotFound`] when the actor sees no such session, [`Error::Forbidden`] when it may not end it.
    pub async fn end_listed_session(&self, actor: &Actor, id: Uuid) -> Result<(), Error> {
        self.listed_session(actor, id).await?;
        self.end_sessions(actor, Revoked::Session(id)).await
    }

    /// Ends all sessions of the person of a session.
    ///
    /// # Errors
    /// As [`Self::end_listed_session`].
    pub async fn end_sessions_of_person(&self, actor: &Actor, id: Uuid) -> Result<(), Error> {
        let Person { issuer, subject } = self.listed_session(actor, id).await?.person;
        self.end_sessions(actor, Revoked::Person { issuer, subject }).await
    }

    async fn listed_session(&self, actor: &Actor, id: Uuid) -> Result<StartedSession, Error> {
        let found = self.list_sessions(actor).await?.sessions.into_iter().find(|session| session.id == id);
        let session = found.ok_or(Error::NotFound(Resource::Session))?;
        let is_own =
            Subject::from(&actor.identity).id == format!("{}#{}", session.person.issuer, session.person.subject);
        if is_own || Right::EndSessions.is_granted_to(actor) {
            return Ok(session);
        }
        Err(Error::Forbidden("Only an administrator may end the session of somebody else.".to_owned()))
    }
}

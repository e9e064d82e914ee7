//! A job that only executes statements, without state in memory to publish or undo.

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::writer::Job;
use crate::Error;

type Statements<T> = Box<dyn FnOnce(&Connection) -> Result<T, Error> + Send>;

pub(super) struct StatementJob<T> {
    statements: Option<Statements<T>>,
    result: Option<T>,
    reply: oneshot::Sender<Result<T, Error>>,
}

impl<T> StatementJob<T> {
    pub(super) fn new(
        statements: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
        reply: oneshot::Sender<Result<T, Error>>,
    ) -> Self {
        Self { statements: Some(Box::new(statements)), result: None, reply }
    }
}

impl<T: Send> Job for StatementJob<T> {
    fn stage(&mut self, connection: &Connection) -> Result<(), Error> {
        if let Some(statements) = self.statements.take() {
            self.result = Some(statements(connection)?);
        }
        Ok(())
    }

    fn answer(self: Box<Self>, outcome: Result<(), Error>) {
        let answer = match (outcome, self.result) {
            (Ok(()), Some(result)) => Ok(result),
            (Ok(()), None) => Err(super::failure::broken("a change was not made")),
            (Err(error), _) => Err(error),
        };
        // The caller may have given up.
        drop(self.reply.send(answer));
    }
}

//! What the audit trail records of a request: the table of routes names the action, and the guard records what no command does.
//!
//! An accepted change is recorded by storage with the decision. Here: changes that were refused or are no command, views of
//! payloads, refused tokens, and other reads when these are configured. Publishing events is not recorded.

use axum::extract::{FromRequestParts, RawPathParams, Request};
use http::{Method, StatusCode};
use management::audit::Recorder;
use model::{
    Actor,
    audit::{Action, Object, ObjectKind, Verdict},
};

use crate::{Problem, query};

/// What is recorded of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recording {
    /// Every attempt to change something.
    Change(Action, ObjectKind),
    /// That something was read, and attempts without the right to it.
    View(Action, ObjectKind),
    /// As a view, when the query has this parameter.
    Search(Action, ObjectKind, &'static str),
}

/// In the extensions of a response: nothing more is recorded, since the request only counted what a change would do, or the
/// handler has recorded it.
#[derive(Debug, Clone, Copy)]
pub struct Unrecorded;

/// What a request attempts, for the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attempt {
    action: Action,
    object: Object,
    is_change: bool,
}

impl Attempt {
    /// What a request on a route attempts; `None` when nothing of it is recorded. The object is the last placeholder of the path.
    pub(crate) async fn of(
        recording: Option<Recording>,
        request: Request,
        route: &str,
        reads: bool,
    ) -> (Request, Option<Self>) {
        let (action, kind, is_change) = match recording {
            Some(Recording::Change(action, kind)) => (action, kind, true),
            Some(Recording::View(action, kind)) => (action, kind, false),
            Some(Recording::Search(action, kind, name)) if query::first(request.uri(), name).is_some() => {
                (action, kind, false)
            }
            _ if reads && request.method() == Method::GET => (Action::Read, ObjectKind::Route, false),
            _ => return (request, None),
        };
        if kind == ObjectKind::Route {
            let object = Object::new(kind, route);
            return (request, Some(Self { action, object, is_change }));
        }
        let (mut parts, body) = request.into_parts();
        let params = RawPathParams::from_request_parts(&mut parts, &()).await.ok();
        let id = params.and_then(|params| params.iter().last().map(|(_, value)| value.to_owned())).unwrap_or_default();
        let object = Object::new(kind, id);
        (Request::from_parts(parts, body), Some(Self { action, object, is_change }))
    }

    /// Records the answer to an attempt of an actor, unless storage has.
    ///
    /// # Errors
    /// 503 when an action that was accepted is not recorded.
    pub(crate) async fn record(
        self,
        recorder: &Recorder,
        actor: &Actor,
        status: StatusCode,
        problem: Option<&Problem>,
    ) -> Result<(), Problem> {
        if actor.recorded.get() {
            return Ok(());
        }
        let Self { action, object, is_change } = self;
        match verdict(status, problem) {
            Verdict::Accepted => Ok(recorder.record(actor, action, object).await?),
            // Storage is away: nothing was done, and nothing can be recorded.
            _ if status == StatusCode::SERVICE_UNAVAILABLE => Ok(()),
            verdict if is_change || status == StatusCode::FORBIDDEN => {
                recorder.record_refused(actor, action, object, verdict).await;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// How a request ended. The reason has the type of the problem and the names of members, never values.
pub(crate) fn verdict(status: StatusCode, problem: Option<&Problem>) -> Verdict {
    if status.is_success() || status.is_redirection() {
        return Verdict::Accepted;
    }
    let reason = problem.map_or_else(
        || status.as_u16().to_string(),
        |problem| {
            let members: Vec<&str> = problem.errors.iter().map(|fault| fault.member.as_str()).collect();
            let kind = problem.kind.name();
            if members.is_empty() { kind.to_owned() } else { format!("{kind}: {}", members.join(", ")) }
        },
    );
    match status {
        StatusCode::CONFLICT | StatusCode::GONE | StatusCode::PRECONDITION_FAILED => Verdict::Rejected(reason),
        status if status.is_server_error() => Verdict::Failed(reason),
        _ => Verdict::Refused(reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ProblemType, problem::Fault};

    #[test]
    fn a_verdict_names_members_and_no_values() {
        let invalid = Problem::invalid(vec![Fault::new("config.tls", "must not be secret-marker")]);
        assert_eq!(verdict(invalid.status, Some(&invalid)), Verdict::Refused("invalid-request: config.tls".to_owned()));
        let conflict = Problem::new(ProblemType::KanaalExists, "secret-marker");
        assert!(
            matches!(verdict(conflict.status, Some(&conflict)), Verdict::Rejected(reason) if !reason.contains("marker"))
        );
        assert_eq!(verdict(StatusCode::OK, None), Verdict::Accepted);
        assert_eq!(verdict(StatusCode::NOT_FOUND, None), Verdict::Refused("404".to_owned()));
        assert_eq!(verdict(StatusCode::BAD_GATEWAY, None), Verdict::Failed("502".to_owned()));
    }
}

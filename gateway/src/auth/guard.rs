//! The guard before every route: token, scope, and the caller put where handlers find it.

use std::{borrow::Cow, time::Duration};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use compact_str::CompactString;
use http::{HeaderMap, Uri, header};
use model::applicatie::Scope;

use super::{Caller, autorisaties::Unanswered, dutch, jwt::TokenError};
use crate::{
    app::App,
    inbound::{outer::is_zgw, query},
    problem::Problem,
};

/// When a client may come back whose rights are not known.
const AGAIN: Duration = Duration::from_secs(5);

/// What a route asks of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing.
    Public,
    /// A good token with at least one of these scopes; beheer always does.
    AnyOf(&'static [Scope]),
    /// The same, or the token that the gateway gave another Notificaties API for its own abonnement there.
    Callback(&'static [Scope]),
}

/// What the guard of one route works with.
#[derive(Clone)]
pub struct Guard {
    /// The gateway.
    pub app: App,
    /// What the route asks.
    pub access: Access,
    /// Whether its answer shows what other nodes have changed until now.
    pub current: bool,
}

impl Guard {
    /// Without the brokers an answer shows what this node knows.
    async fn catch_up(&self) {
        if self.current
            && let Err(error) = self.app.control.catch_up().await
        {
            tracing::warn!(%error, "an answer may be behind what other nodes have changed");
        }
    }
}

/// Lets the request through, or answers 401, 403 or 400.
pub async fn guard(State(guard): State<Guard>, mut request: Request, next: Next) -> Response {
    let admitted = match guard.access {
        Access::Public => {
            guard.catch_up().await;
            return next.run(request).await;
        }
        Access::AnyOf(scopes) => admit(&guard.app, request.headers(), request.uri(), scopes).await,
        Access::Callback(scopes) => match registered(&guard.app, request.headers()) {
            Some(caller) => Ok(caller),
            None => admit(&guard.app, request.headers(), request.uri(), scopes).await,
        },
    };
    match admitted {
        Ok(caller) => {
            guard.catch_up().await;
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

/// The other Notificaties API, when it shows the token of our own abonnement.
fn registered(app: &App, headers: &HeaderMap) -> Option<Caller> {
    let registration = app.autorisaties.as_ref()?.registration()?;
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    let token = lines.next()?.to_str().ok()?.strip_prefix("Bearer ")?;
    let is_it = lines.next().is_none() && registration.is_token(token);
    is_it.then(|| Caller { client_id: CompactString::const_new("notificaties-api"), scopes: Vec::new() })
}

async fn admit(app: &App, headers: &HeaderMap, uri: &Uri, scopes: &[Scope]) -> Result<Caller, Problem> {
    let token = token(app, headers, uri)?;
    let now = app.clock.now();
    let caller = match app.tokens.caller(&token, now) {
        // The client may have been declared on another node a moment ago.
        Err(TokenError::UnknownClient) => {
            app.control.catch_up().await?;
            app.tokens.caller(&token, now)
        }
        verdict => verdict,
    };
    let mut caller = caller.map_err(|error| refused(error, uri))?;
    if let (Some(autorisaties), []) = (&app.autorisaties, caller.scopes.as_slice()) {
        caller.scopes = autorisaties.scopes(&caller.client_id).await.map_err(|error| unanswered(&error, uri))?;
    }
    if scopes.iter().any(|scope| caller.may(*scope)) {
        return Ok(caller);
    }
    if is_zgw(uri.path()) {
        return Err(Problem::forbidden(dutch::lacking(scopes)));
    }
    let needed: Vec<&str> = scopes.iter().map(|scope| scope.label()).collect();
    Err(Problem::forbidden(format!("This needs the scope {}.", needed.join(" or "))))
}

fn refused(error: TokenError, uri: &Uri) -> Problem {
    let detail = if is_zgw(uri.path()) { dutch::token(error).to_owned() } else { error.to_string() };
    Problem::unauthenticated(detail).with_zgw_code(error.code())
}

/// It is not known what the caller may do. Clients of the Notificaties API know 403 for it, and try again.
fn unanswered(error: &Unanswered, uri: &Uri) -> Problem {
    if !is_zgw(uri.path()) {
        return Problem::unavailable("What this client may do is not known now.", AGAIN);
    }
    let code = match error {
        Unanswered::NotAuthenticated(_) => "not_authenticated_for_ac",
        Unanswered::Unreachable(_) | Unanswered::Unusable(_) => "permission_denied",
    };
    Problem::forbidden(dutch::unanswered(error)).with_zgw_code(code)
}

fn token<'a>(app: &App, headers: &'a HeaderMap, uri: &Uri) -> Result<Cow<'a, str>, Problem> {
    let mut headers = headers.get_all(header::AUTHORIZATION).iter();
    let header = headers.next();
    if headers.next().is_some() {
        return Err(Problem::bad_request("two-tokens", "Authorization appears more than once."));
    }
    let in_query = if app.config.auth.query_token { query::first(uri, "access_token") } else { None };
    match (header, in_query) {
        (Some(_), Some(_)) => {
            Err(Problem::bad_request("two-tokens", "A token in the header and in the query: send one."))
        }
        (None, Some(token)) => Ok(token.into()),
        (Some(header), None) => header
            .to_str()
            .ok()
            .and_then(|value| value.strip_prefix("Bearer "))
            .map(|token| token.trim().into())
            .ok_or_else(|| refused(TokenError::Absent, uri)),
        (None, None) => Err(refused(TokenError::Absent, uri)),
    }
}

//! Logging in with an identity provider: the way there, the way back, and the logout that the provider reports.

use std::time::Duration;

use askama::Template;
use axum::{
    extract::State,
    response::{AppendHeaders, IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use management::Error;
use model::{
    Actor, Timestamp,
    audit::{Action, Object, ObjectKind, Verdict},
    decide::Rejection,
    revocation::Revoked,
};
use oidc::Login;
use serde::{Deserialize, Serialize};
use web::{Problem, ProblemType};

use super::login_link::start;
use crate::{
    Console, View,
    area::Area,
    form::Form,
    guard::TARGET_PARAMETER,
    page::{PageResult, page_with},
    provider::{LogInError, LogInProvider, REDIRECT},
    session::{LoggedInBy, Session, cookie::Cookie},
};

/// How long a log-in at the provider may take.
const LOG_IN_TIME: Duration = Duration::from_mins(10);

/// The longest time for which a logout token may hold.
const LONGEST_TOKEN: Duration = Duration::from_hours(24);

/// The route on which people come back, for the audit trail.
const ROUTE: &str = "GET /beheer/oidc/terug";

/// A log-in under way, as its cookie holds it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pending {
    login: String,
    target: Option<String>,
    until: i64,
}

#[derive(Template)]
#[template(path = "no_role.html")]
struct NoRole<'a> {
    view: &'a View,
    /// The names of the claims that arrived.
    claims: Vec<String>,
}

/// Sends the browser to the provider.
pub async fn begin(State(console): State<Console>, view: View) -> PageResult {
    let provider = provider(&console)?;
    let login = Login::start(console.random.as_ref());
    let url = provider.url(&login, &redirect_uri(&view), view.now).await.map_err(|error| refuse(&error))?;
    let target = view.parameter(TARGET_PARAMETER).filter(|target| is_own_path(target));
    let pending = Pending {
        login: String::from_utf8(login.to_bytes()).map_err(|_| Problem::internal())?,
        target,
        until: (view.now + LOG_IN_TIME).as_micros(),
    };
    let bytes = serde_json::to_vec(&pending).map_err(|_| Problem::internal())?;
    let seconds = u32::try_from(LOG_IN_TIME.as_secs()).ok();
    let cookie = Cookie::Login.set(&console.secrets, view.head.is_https(), &bytes, seconds);
    let cookie = cookie.ok_or_else(Problem::internal)?;
    let location = HeaderValue::try_from(url).map_err(|_| Problem::internal())?;
    Ok((StatusCode::SEE_OTHER, [(header::SET_COOKIE, cookie), (header::LOCATION, location)]).into_response())
}

/// The provider sent the browser back: starts the session, or explains why there is none.
pub async fn back(State(console): State<Console>, view: View) -> PageResult {
    let provider = provider(&console)?;
    console
        .limits
        .log_in
        .admit(&view.address(), console.clock.instant())
        .map_err(|wait| Problem::new(ProblemType::TooManyRequests, "Too many log-ins.").with_retry_after(wait))?;
    let Some(pending) = pending(&console, &view) else {
        return Err(refused(&console, &view, &LogInError::Refused(oidc::Error::State)).await);
    };
    let login = Login::from_bytes(pending.login.as_bytes()).ok_or_else(Problem::internal)?;
    let query = view.head.uri.query().unwrap_or_default();
    let random = console.random.as_ref();
    let identity = provider.identity(&login, query, &redirect_uri(&view), view.now, random).await;
    let claims = match identity {
        Ok(claims) => claims,
        Err(error) => return Err(refused(&console, &view, &error).await),
    };
    let subject = claims.text("sub").unwrap_or_default().to_owned();
    let grants = provider.claims.grants(&claims);
    let response = if grants.roles.is_empty() {
        let somebody =
            Actor::person(provider.requests.issuer(), subject.as_str(), grants).with_origin(view.actor.origin);
        let (object, verdict) = (Object::new(ObjectKind::Session, ""), Verdict::Refused("no role".to_owned()));
        console.web.recorder.record_refused(&somebody, Action::SessionStart, object, verdict).await;
        let claims = claims.names().map(str::to_owned).collect();
        page_with(StatusCode::FORBIDDEN, &NoRole { view: &view, claims })?
    } else {
        let person = (provider.requests.issuer().to_owned(), subject.clone(), provider.claims.name(&claims, &subject));
        let by = LoggedInBy::Provider { session: claims.text("sid").map(str::to_owned) };
        let mut session = Session::start(person, grants, by, view.now, random);
        session.language = Some(view.language);
        let object = Object::new(ObjectKind::Session, session.id.to_string());
        let actor = session.actor(view.actor.origin, view.area);
        let granted_by = provider.claims.grounds(&claims);
        console.web.recorder.record_with_reason(&actor, Action::SessionStart, object, &granted_by).await?;
        start(&console, &view, &session, pending.target.as_deref())?
    };
    // The log-in is over, whatever came of it: its cookie starts no second one.
    Ok((AppendHeaders([(header::SET_COOKIE, Cookie::Login.removal(view.head.is_https()))]), response).into_response())
}

/// The provider reports that it logged somebody out (OpenID Connect Back-Channel Logout 1.0).
pub async fn back_channel(State(console): State<Console>, view: View, form: Form) -> PageResult {
    let provider = provider(&console)?;
    let (issuer, now) = (provider.requests.issuer().to_owned(), view.now);
    let logged_out = provider.logged_out(form.text("logout_token"), now).await.map_err(|error| match error {
        LogInError::Unreachable(_) => refuse(&error),
        LogInError::Refused(error) => {
            Problem::new(ProblemType::InvalidRequest, format!("The logout token is refused: {error}."))
        }
    })?;
    let actor = Actor::gateway().with_origin(view.actor.origin);
    let used = Revoked::LogoutToken { issuer: issuer.clone(), id: logged_out.id };
    let end = logged_out.expires.min(now + LONGEST_TOKEN);
    match console.management.use_once(&actor, used, end).await {
        Ok(()) => {}
        Err(Error::Rejected(Rejection::AlreadyUsed)) => {
            return Err(Problem::new(ProblemType::InvalidRequest, "The logout token was used before."));
        }
        Err(error) => return Err(error.into()),
    }
    let what = match (logged_out.session, logged_out.subject) {
        (Some(session), _) => Revoked::ProviderSession { issuer, session },
        (None, subject) => Revoked::Person { issuer, subject: subject.unwrap_or_default() },
    };
    console.management.end_sessions(&actor, what).await?;
    Ok(Response::default())
}

fn provider(console: &Console) -> Result<&LogInProvider, Problem> {
    console.provider.as_ref().ok_or_else(|| Problem::not_found("No identity provider is configured."))
}

/// Where the provider sends the browser back to.
fn redirect_uri(view: &View) -> String {
    view.url(REDIRECT)
}

fn pending(console: &Console, view: &View) -> Option<Pending> {
    let pending: Pending = serde_json::from_slice(&Cookie::Login.read(&console.secrets, &view.head)?).ok()?;
    (view.now < Timestamp::from_micros(pending.until)).then_some(pending)
}

/// A path of the console or the portal, and nothing that a browser takes for another host.
pub(crate) fn is_own_path(path: &str) -> bool {
    let below = [Area::Console, Area::Portal]
        .into_iter()
        .any(|area| path.strip_prefix(area.root()).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?'])));
    below && !path.contains(['\\', '\r', '\n']) && path.len() <= 2_000
}

/// The refusal of a log-in, which the audit trail records.
async fn refused(console: &Console, view: &View, error: &LogInError) -> Problem {
    console.web.recorder.record_token("", view.actor.origin, ROUTE, &error.to_string()).await;
    refuse(error)
}

fn refuse(error: &LogInError) -> Problem {
    match error {
        LogInError::Unreachable(_) => {
            Problem::unavailable("The identity provider cannot be reached now.", Duration::from_secs(5))
        }
        LogInError::Refused(error) => Problem::forbidden(format!("The log-in is refused: {error}.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_the_console_are_shown_after_a_log_in() {
        for (path, is_own) in [
            ("/beheer", true),
            ("/beheer/abonnementen?q=x", true),
            ("/beheer?x=1", true),
            ("/portaal", true),
            ("/portaal/herstellen?x=1", true),
            ("/portaals", false),
            ("/beheerder", false),
            ("//evil.example/beheer", false),
            ("https://evil.example/beheer", false),
            ("/beheer\\evil", false),
            ("", false),
        ] {
            assert_eq!(is_own_path(path), is_own, "{path}");
        }
    }
}

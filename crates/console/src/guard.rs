//! The guard before every page: the connection, the session, the right, where a form came from, how often, and whether it came
//! before.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use management::Right;
use model::{
    Origin,
    audit::{Action, Object, ObjectKind, Verdict},
};
use uuid::Uuid;
use web::{Problem, ProblemType, face::PageHead};

use crate::{
    Console, FormPage, Needs, Repeats, View, bound, form,
    form::Form,
    once,
    pages::session_over,
    session::{
        Session,
        cookie::{self, Cookie},
        kept,
    },
    view::LANGUAGE_PARAMETER,
};

/// The page to log in on.
pub(crate) const LOG_IN: &str = "/beheer/inloggen";

/// The parameter with the page to show after the log-in.
pub(crate) const TARGET_PARAMETER: &str = "naar";

/// The state of the guard of one route.
#[derive(Clone)]
pub(crate) struct Guard {
    pub console: Console,
    pub needs: Needs,
    pub repeats: Repeats,
    /// Where the page of a form is that is kept while the session lapses.
    pub keeps: Option<FormPage>,
    /// How long the handler may take; `None` when it has bounds of its own.
    pub limit: Option<Duration>,
    /// Method and path with placeholders.
    pub route: Arc<str>,
}

/// Lets the request through, or redirects to the log-in, or answers 401, 403, 413 or 429.
pub(crate) async fn guard(State(guard): State<Guard>, mut request: Request, next: Next) -> Response {
    let console = &guard.console;
    let head = PageHead::new(&console.web, request.headers(), request.uri());
    let origin = request.extensions().get::<Origin>().copied();
    let mut view = View::of_request(&console.site, &head, origin);
    let key = match guard.check(&view, &mut request).await {
        Ok(key) => key,
        Err(refusal) => {
            if let Some(reason) = forbidden(&refusal) {
                guard.record(&view, reason).await;
            }
            return *refusal;
        }
    };
    if let Some(session) = &view.session {
        console.activity.note(session, view.now);
    }
    if request.method() == Method::GET {
        view.kept = kept::form(&console.site, &view);
    }
    request.extensions_mut().insert(view.clone());
    let mut response = match (view.session.clone().zip(key), guard.limit) {
        (Some((session, key)), _) => once::handle(console.clone(), view.clone(), session, key, request, next).await,
        (None, Some(limit)) => bound::within(limit, next.run(request)).await,
        (None, None) => next.run(request).await,
    };
    if let Some(cookie) = renewal(console, &view, response.headers()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    if view.kept.is_some() {
        response.headers_mut().append(header::SET_COOKIE, Cookie::Form.removal(view.head.is_https()));
    }
    response
}

/// The reason of a refusal because of rights, for the audit trail.
fn forbidden(refusal: &Response) -> Option<&'static str> {
    let problem = refusal.extensions().get::<Problem>()?;
    (problem.status == StatusCode::FORBIDDEN).then(|| problem.kind.name())
}

impl Guard {
    /// Returns the key of a form that is handled once.
    async fn check(&self, view: &View, request: &mut Request) -> Result<Option<Uuid>, Box<Response>> {
        let refuse = |problem: Problem| Box::new(problem.into_response());
        check_connection(&view.head).map_err(refuse)?;
        match self.needs {
            Needs::Session | Needs::Right(_) if view.session.is_none() => {
                let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
                let answer = if is_read { log_in(view) } else { self.session_over(view, request).await };
                return Err(Box::new(answer));
            }
            Needs::Nothing | Needs::Provider | Needs::Session => {}
            Needs::Right(right) => check_right(view, right).map_err(refuse)?,
        }
        if request.method() != Method::POST {
            return Ok(None);
        }
        if self.needs != Needs::Provider {
            check_source(&view.head).map_err(refuse)?;
        }
        let form = self.receive(request).await.map_err(refuse)?;
        let mut key = None;
        if let Some(session) = &view.session
            && self.needs != Needs::Provider
        {
            check_token(session, &form).map_err(refuse)?;
            if self.repeats == Repeats::Once {
                let own = once::key(session, form.text(form::KEY));
                key = Some(own.ok_or_else(|| refuse(foreign_form()))?);
            }
        }
        self.count(view).map_err(refuse)?;
        request.extensions_mut().insert(form);
        Ok(key)
    }

    /// The answer to a form whose session has ended. It has what was typed in a cookie, when the form is one of a page of the
    /// session that lapsed.
    async fn session_over(&self, view: &View, request: &mut Request) -> Response {
        let kept = self.keep(view, request).await;
        let lost = || Problem::new(ProblemType::Unauthenticated, "The session has ended.").into_response();
        let page = kept.map(|(page, cookie)| session_over::answer(view, &page, cookie));
        page.map_or_else(lost, |page| page.unwrap_or_else(IntoResponse::into_response))
    }

    /// The page of the form, and the cookie that keeps it; no cookie when it is too large.
    async fn keep(&self, view: &View, request: &mut Request) -> Option<(String, Option<HeaderValue>)> {
        let page = self.keeps?.of(view.path()).to_owned();
        check_source(&view.head).ok()?;
        let lapsed = cookie::session(&self.console.secrets, &view.head)?;
        if self.console.is_ended(&lapsed) {
            return None;
        }
        let form = self.receive(request).await.ok()?;
        check_token(&lapsed, &form).ok()?;
        let cookie = kept::keep(&self.console.site, view, &lapsed, page.clone(), &form);
        Some((page, cookie))
    }

    /// Records what a person may not do, and forms that no page of the session posted.
    async fn record(&self, view: &View, reason: &'static str) {
        if view.session.is_some() {
            let object = Object::new(ObjectKind::Route, &*self.route);
            let verdict = Verdict::Refused(reason.to_owned());
            self.console.web.recorder.record_refused(&view.actor, Action::Read, object, verdict).await;
        }
    }

    /// Reads the form of the request.
    async fn receive(&self, request: &mut Request) -> Result<Form, Problem> {
        let body = std::mem::replace(request.body_mut(), Body::empty());
        let bytes = web::body::receive(&self.console.web, request.headers(), body).await?;
        if bytes.len() > form::MAX_BYTES {
            return Err(Problem::too_large(form::MAX_BYTES));
        }
        Form::parse(&bytes).ok_or_else(|| Problem::new(ProblemType::InvalidRequest, "The form has too many fields."))
    }

    /// Counts a posted form: those of a session together, those without one by address.
    fn count(&self, view: &View) -> Result<(), Problem> {
        let (limits, now) = (&self.console.limits, self.console.clock.instant());
        let admitted = match &view.session {
            Some(session) => limits.actions.admit(&session.token, now),
            None => limits.log_in.admit(&view.address(), now),
        };
        admitted.map_err(|wait| {
            Problem::new(ProblemType::TooManyRequests, "Too many forms were posted.").with_retry_after(wait)
        })
    }
}

/// Plain HTTP is for loopback addresses only: cookies would be sent in the open.
fn check_connection(head: &PageHead) -> Result<(), Problem> {
    let host = head.public_url.strip_prefix("http://").map(|rest| rest.split('/').next().unwrap_or_default());
    let Some(host) = host else { return Ok(()) };
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let name = name.map_or(host, |(name, _)| name).trim_start_matches('[').trim_end_matches(']');
    let is_local = name.eq_ignore_ascii_case("localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback());
    if is_local {
        return Ok(());
    }
    Err(Problem::new(ProblemType::InsecureConnection, "The console needs HTTPS."))
}

fn check_right(view: &View, right: Right) -> Result<(), Problem> {
    if right.is_granted_to(&view.actor) {
        return Ok(());
    }
    Err(Problem::forbidden("No role of this person grants the right that this page needs."))
}

/// A form must come from a page of this site: by `Sec-Fetch-Site`, or by `Origin` from browsers that do not send it.
fn check_source(head: &PageHead) -> Result<(), Problem> {
    let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
    let site = format!("{}/", head.public_url);
    let own = site.split_once("://").and_then(|(scheme, rest)| {
        let authority = rest.split('/').next()?;
        Some(format!("{scheme}://{authority}"))
    });
    let is_own = match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => own.as_deref() == Some(origin),
        (None, None) => false,
    };
    if is_own { Ok(()) } else { Err(foreign_form()) }
}

fn check_token(session: &Session, form: &Form) -> Result<(), Problem> {
    let digest = |text: &str| ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    if digest(form.text(form::TOKEN)).as_ref() == digest(&session.token).as_ref() {
        return Ok(());
    }
    Err(foreign_form())
}

fn foreign_form() -> Problem {
    Problem::new(ProblemType::ForeignForm, "The form was not posted by a page of this session.")
}

/// The page is shown after the log-in.
fn log_in(view: &View) -> Response {
    let target = view.head.uri.path_and_query().map_or(crate::ROOT, |target| target.as_str());
    let location = HeaderValue::try_from(log_in_link(view, target));
    let location = location.unwrap_or_else(|_| HeaderValue::from_static(LOG_IN));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

/// The link to the log-in that leads to the page at `target`.
pub(crate) fn log_in_link(view: &View, target: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair(TARGET_PARAMETER, target).finish();
    view.to(&format!("{LOG_IN}?{query}"))
}

/// The cookie that prolongs the session, unless the handler wrote one itself.
fn renewal(console: &Console, view: &View, headers: &HeaderMap) -> Option<HeaderValue> {
    let session: &Arc<Session> = view.session.as_ref()?;
    if headers.contains_key(header::SET_COOKIE) {
        return None;
    }
    let chosen = view.parameter(LANGUAGE_PARAMETER).map(|_| view.language).filter(|own| session.language != Some(*own));
    let mut next = session.renewed(view.now).or_else(|| chosen.map(|_| Session::clone(session)))?;
    next.language = chosen.or(next.language);
    cookie::set_session(&console.secrets, view.head.is_https(), &next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(public_url: &str, headers: &[(&'static str, &'static str)]) -> PageHead {
        PageHead {
            headers: headers
                .iter()
                .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
                .collect(),
            uri: "/beheer".parse().unwrap(),
            public_url: public_url.to_owned(),
            prefix: String::new(),
        }
    }

    #[test]
    fn plain_http_is_for_loopback_only() {
        for (public_url, good) in [
            ("https://gateway.example", true),
            ("http://127.0.0.1:8080", true),
            ("http://localhost", true),
            ("http://[::1]:8080/gw", true),
            ("http://gateway.example", false),
            ("http://localhost.example", false),
            ("http://192.0.2.1:8080", false),
        ] {
            assert_eq!(check_connection(&head(public_url, &[])).is_ok(), good, "{public_url}");
        }
    }

    #[test]
    fn a_form_comes_from_this_site() {
        for (headers, good) in [
            (&[("sec-fetch-site", "same-origin")][..], true),
            (&[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")], true),
            (&[("sec-fetch-site", "cross-site"), ("origin", "https://g.example:8443")], false),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("origin", "https://g.example:8443")], true),
            (&[("origin", "https://g.example")], false),
            (&[("origin", "null")], false),
            (&[], false),
        ] {
            assert_eq!(check_source(&head("https://g.example:8443/gw", headers)).is_ok(), good, "{headers:?}");
        }
    }
}

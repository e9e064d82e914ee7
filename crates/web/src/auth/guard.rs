//! The guard before every route: recognises the caller, checks the right, catches up with other nodes, and puts the caller where the
//! handler finds it.
//!
//! The order of what recognises a caller is address, client certificate, token of a client or person, header of a proxy. The first
//! one wins, and everything else that the request shows must be valid all the same (CH-120).

use std::{borrow::Cow, net::IpAddr, sync::Arc, time::Duration};

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
    routing,
};
use compact_str::CompactString;
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use management::Right;
use model::{
    Actor, Origin, Recorded,
    applicatie::Applicatie,
    audit::{Action, Object, ObjectKind, Verdict},
};
use uuid::Uuid;

use super::{
    AccessTokens, Caller, Person,
    access_tokens::AccessTokenError,
    addresses::RouteAddresses,
    certificates::{CertificateError, Shown, VerifiedCertificate},
    failures::{ACCESS_TOKEN, CERTIFICATE, Failures, HEADER, LOCKED, Sender, reason},
    jwt::TokenError,
};
use crate::{
    Context, Face, Freshness, Problem, ProblemType, Role,
    audit::{Attempt, Recording, Unrecorded},
    client::{self, ClientAddress},
    query, route, trace,
};

/// The right that a route requires of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing: the route is public.
    Public,
    /// A valid token or client certificate with a scope that grants this right.
    Right(Right),
    /// A person, by an access token of the provider of people or the header of a proxy, who has this right as a citizen.
    Person(Right),
    /// As `Right`, or the token that the gateway gave another Notificaties API for its own abonnement there.
    Callback(Right),
}

/// The header or query parameter by which a request gives up its rights, as `NotifyBC` has it.
const IS_ANONYMOUS: &str = "is_anonymous";

/// The longest time for which a page waits until this node knows what others have changed: a part of the five seconds in which a page
/// answers.
const PAGE_CATCH_UP: Duration = Duration::from_secs(2);

/// The guard of one route.
pub(crate) struct Guard {
    pub context: Context,
    pub access: Access,
    pub face: Face,
    pub freshness: Freshness,
    pub role: Option<Role>,
    pub recording: Option<Recording>,
    /// Who is recognised by an address alone on this route.
    pub addresses: RouteAddresses,
    /// Method and path with placeholders.
    pub route: Arc<str>,
}

/// The id of the request that a response answers, which the audit trail contains: the `instance` of a refusal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestId(pub Uuid);

/// The client of the request that a response answers, for the log line of a refusal.
#[derive(Debug, Clone)]
pub(crate) struct RequestClient(pub CompactString);

/// What a request has to show who sends it.
#[derive(Clone, Copy)]
struct Credentials<'a> {
    headers: &'a HeaderMap,
    uri: &'a Uri,
    /// The address of the client.
    address: Option<IpAddr>,
    /// The address of the other end of the connection.
    peer: Option<IpAddr>,
    /// Whether a header of this request may name a person.
    names_person: bool,
    /// The certificate of the connection.
    certificate: Option<&'a Shown>,
    /// Whether the connection is one of a trusted proxy.
    from_proxy: bool,
}

impl<'a> Credentials<'a> {
    fn of(request: &'a Request, context: &Context) -> Self {
        let trusted = &context.settings.trusted_proxies;
        let peer = client::peer(request);
        Self {
            headers: request.headers(),
            uri: request.uri(),
            address: request.extensions().get::<ClientAddress>().map(|address| address.network),
            peer,
            names_person: context.trusted_header.as_ref().is_some_and(|own| own.believes(request)),
            certificate: request.extensions().get(),
            from_proxy: peer.is_some_and(|peer| trusted.iter().any(|range| range.contains(peer))),
        }
    }
}

impl Guard {
    /// Lets the request through, or answers 401, 403, 400, 429 or 503.
    pub async fn run(&self, request: &mut Request, handler: routing::Route) -> Response {
        let origin = self.origin(request);
        request.extensions_mut().insert(origin);
        let mut response = self.answer(request, handler, origin).await;
        if let Some(id) = origin.request {
            response.extensions_mut().insert(RequestId(id));
        }
        response
    }

    /// Where a request came from. Publishing is not audited, so such a request gets no id.
    fn origin(&self, request: &Request) -> Origin {
        let is_audited = self.role != Some(Role::Ingest);
        Origin {
            address: request.extensions().get::<ClientAddress>().map(|address| address.own),
            interface: self.face.interface(),
            request: is_audited.then(|| self.context.random.uuid()),
            trace: if is_audited { trace::id(request.headers()) } else { None },
        }
    }

    /// The answer of the handler, or the refusal before it.
    async fn answer(&self, request: &mut Request, handler: routing::Route, origin: Origin) -> Response {
        let own = Credentials::of(request, &self.context);
        let mut person = None;
        if let Access::Person(right) = self.access {
            match Box::pin(self.person(own, right)).await {
                Ok(found) => person = Some(found),
                Err(problem) => {
                    Box::pin(self.record_refused(&problem, origin)).await;
                    return problem.into_response();
                }
            }
        }
        let mut caller = match self.caller(own).await {
            Ok(caller) => caller,
            Err(problem) => {
                Box::pin(self.record_refused(&problem, origin)).await;
                return problem.into_response();
            }
        };
        if let Some(person) = person {
            request.extensions_mut().insert(person);
        }
        let client = caller.as_ref().map(|caller| RequestClient(caller.client_id.clone()));
        let mut attempt = None;
        if let Some(caller) = &mut caller {
            caller.origin = origin;
            if self.role != Some(Role::Ingest) {
                let reads = self.context.settings.audit_reads;
                let taken = std::mem::take(request);
                (*request, attempt) = Box::pin(Attempt::of(self.recording, taken, &self.route, reads)).await;
                caller.recorded = attempt.as_ref().map(|_| Recorded::observed()).unwrap_or_default();
            }
        }
        let attempt = attempt.and_then(|attempt| Some((attempt, caller.as_ref()?.actor())));
        let mut response = if let Err(problem) = self.catch_up().await {
            problem.into_response()
        } else {
            if let Some(caller) = caller {
                request.extensions_mut().insert(caller);
            }
            route::run(handler, request).await
        };
        if let Some((attempt, actor)) = attempt
            && response.extensions().get::<Unrecorded>().is_none()
        {
            let problem = response.extensions().get::<Problem>();
            let recorded = Box::pin(attempt.record(&self.context.recorder, &actor, response.status(), problem)).await;
            if let Err(problem) = recorded {
                response = problem.into_response();
            }
        }
        // Only the log line of a refusal names it; an extension of every answer costs two allocations.
        if let Some(client) = client
            && !response.status().is_success()
        {
            response.extensions_mut().insert(client);
        }
        response
    }

    /// Records a request without a valid token, or without the right to the route.
    async fn record_refused(&self, problem: &Problem, origin: Origin) {
        let recorder = &self.context.recorder;
        if let Some((client, reason)) = &problem.token {
            return recorder.record_token(client, origin, &self.route, reason).await;
        }
        let client = problem.client.clone().unwrap_or_default();
        if problem.status != StatusCode::FORBIDDEN || client.is_empty() {
            return;
        }
        let action = match self.recording {
            Some(Recording::Change(action, _) | Recording::View(action, _) | Recording::Search(action, ..)) => action,
            None if self.role == Some(Role::Ingest) => Action::EventPublish,
            None => Action::Read,
        };
        let object = Object::new(ObjectKind::Route, &*self.route);
        let actor = Actor::applicatie(client, []).with_origin(origin);
        let verdict = Verdict::Refused(problem.kind.name().to_owned());
        recorder.record_refused(&actor, action, object, verdict).await;
    }

    /// The caller; `None` for a public route.
    async fn caller(&self, credentials: Credentials<'_>) -> Result<Option<Caller>, Problem> {
        let right = match self.access {
            Access::Public | Access::Person(_) => return Ok(None),
            _ if self.is_lowered(credentials) => return Err(self.refuse_absent_token()),
            Access::Right(right) => right,
            Access::Callback(right) => match self.notificaties_api(credentials.headers) {
                Some(caller) => return Ok(Some(caller)),
                None => right,
            },
        };
        self.admit(credentials, right).await.map(Some)
    }

    /// Catches up with the other nodes, as the route requires.
    async fn catch_up(&self) -> Result<(), Problem> {
        match self.freshness {
            Freshness::Any => {}
            Freshness::BestEffort => {
                let bound = if self.face == Face::Page { PAGE_CATCH_UP } else { Duration::MAX };
                let error = match tokio::time::timeout(bound, self.context.control.catch_up()).await {
                    Ok(Ok(())) => return Ok(()),
                    Ok(Err(error)) => error.to_string(),
                    Err(late) => late.to_string(),
                };
                tracing::warn!(error, "an answer may be behind what other nodes have changed");
            }
            Freshness::Required => self.context.control.catch_up().await?,
        }
        Ok(())
    }

    /// The other Notificaties API, when it sends the token of our own abonnement there.
    fn notificaties_api(&self, headers: &HeaderMap) -> Option<Caller> {
        let registration = self.context.autorisaties.as_ref()?.registration()?;
        let mut lines = headers.get_all(header::AUTHORIZATION).iter();
        let token = bearer(lines.next()?, |scheme| scheme == "Bearer")?;
        let is_it = lines.next().is_none() && registration.is_token(token);
        is_it.then(|| Caller::new(CompactString::const_new("notificaties-api"), Vec::new()))
    }

    async fn admit(&self, credentials: Credentials<'_>, right: Right) -> Result<Caller, Problem> {
        let context = &self.context;
        let certificate = self.certificate(credentials)?;
        let by_address = self.by_address(credentials);
        let token = self.token(credentials.headers, credentials.uri, credentials.address)?;
        let has_token = token.is_some();
        let mut caller = match (token, &certificate) {
            (Some(token), certificate) => {
                let certificate = certificate.as_ref().map(|own| &own.shown);
                self.by_token(&token, certificate, credentials.address).await?
            }
            (None, Some(certificate)) if by_address.is_none() => {
                Box::pin(self.by_certificate(certificate, credentials.address)).await?
            }
            (None, _) => by_address.as_deref().cloned().ok_or_else(|| self.refuse_absent_token())?,
        };
        // A certificate of no applicatie is only that of the connection; the token says who the client is.
        let is_of_others = |own: &VerifiedCertificate| {
            has_token && !own.clients.is_empty() && !own.clients.contains(&caller.client_id)
        };
        if let Some(others) = certificate.filter(is_of_others) {
            let client = Some(caller.client_id.as_str());
            return Err(self.refuse_certificate(
                CertificateError::OtherClient,
                Some(&others.shown),
                credentials.address,
                client,
            ));
        }
        if let Some(own) = by_address {
            caller = *own;
        }
        context.usage.used(&caller.client_id, context.clock.now());
        if let (Some(autorisaties), []) = (&context.autorisaties, caller.scopes.as_slice()) {
            let scopes = Box::pin(autorisaties.scopes(&caller.client_id)).await;
            caller.scopes = scopes.map_err(|error| self.face.unknown_rights(&error))?;
        }
        caller.lower();
        if caller.has(right) {
            Ok(caller)
        } else {
            Err(self.face.missing_scope(right.scopes()).with_client(caller.client_id))
        }
    }

    /// The person of a request: that of its token, else that of the header. Both are verified.
    async fn person(&self, own: Credentials<'_>, right: Right) -> Result<Person, Problem> {
        let (context, now) = (&self.context, self.context.clock.now());
        if self.is_lowered(own) {
            return Err(self.refuse_absent_token());
        }
        let named = match context.trusted_header.as_ref().filter(|_| own.names_person) {
            Some(header) => header.person(own.headers, now).map_err(|_| refuse_header(own.address))?,
            None => None,
        };
        let certificate = self.certificate(own)?.map(|own| own.shown);
        let person = match (self.token(own.headers, own.uri, own.address)?, named, &context.person_tokens) {
            (Some(token), _, Some(tokens)) => {
                let person = tokens.person(&token, certificate.as_ref(), now).await;
                person.map_err(|error| self.refuse_access_token(&error, own.address))?
            }
            (Some(_), _, None) if context.trusted_header.is_some() => {
                return Err(self.refuse_access_token(&AccessTokenError::UnknownClient, own.address));
            }
            (Some(_), _, None) => return Err(Problem::not_found("This gateway has no inbox.")),
            (None, Some(person), _) => person,
            (None, None, _) => return Err(self.refuse_absent_token()),
        };
        if right.is_granted_to_citizens() { Ok(person) } else { Err(Problem::forbidden("This is not for citizens.")) }
    }

    /// Whether the request gives up what its credentials grant. Any value but `false` and `0` does so.
    fn is_lowered(&self, own: Credentials<'_>) -> bool {
        if !self.context.is_anonymous {
            return false;
        }
        let is_set = |value: &[u8]| !matches!(value, b"false" | b"0");
        own.headers.get_all(IS_ANONYMOUS).iter().any(|value| is_set(value.as_bytes()))
            || query::first(own.uri, IS_ANONYMOUS).is_some_and(|value| is_set(value.as_bytes()))
    }

    /// The applicatie that calls from this address on this route, when the request did not pass a proxy.
    fn by_address(&self, own: Credentials<'_>) -> Option<Box<Caller>> {
        if self.addresses.is_empty() || own.from_proxy {
            return None;
        }
        self.addresses.caller(own.peer?, own.headers).map(Box::new)
    }

    /// The client certificate of a request, verified.
    fn certificate(&self, own: Credentials<'_>) -> Result<Option<VerifiedCertificate>, Problem> {
        let (certificates, now) = (&self.context.certificates, self.context.clock.now());
        certificates
            .of_request(own.headers, own.certificate, own.from_proxy, now)
            .map_err(|(error, shown)| self.refuse_certificate(error, shown.as_ref(), own.address, None))
    }

    /// The one applicatie of a certificate.
    async fn by_certificate(
        &self,
        certificate: &VerifiedCertificate,
        address: Option<IpAddr>,
    ) -> Result<Caller, Problem> {
        let refuse = |error| self.refuse_certificate(error, Some(&certificate.shown), address, None);
        let client_id = match &*certificate.clients {
            [] => return Err(refuse(CertificateError::Unknown)),
            [client_id] => client_id,
            [..] => return Err(refuse(CertificateError::Ambiguous)),
        };
        let applicatie = self.applicatie(client_id).await?.ok_or_else(|| refuse(CertificateError::Unknown))?;
        Ok(Caller::new(client_id.clone(), applicatie.scopes.clone()))
    }

    fn refuse_certificate(
        &self,
        error: CertificateError,
        shown: Option<&Shown>,
        address: Option<IpAddr>,
        client_id: Option<&str>,
    ) -> Problem {
        Failures::count_certificate(address, error, shown.map(Shown::fingerprint).as_deref(), client_id);
        self.face.invalid_certificate(error).with_token(client_id.unwrap_or_default().into(), CERTIFICATE)
    }

    /// The applicatie with this `client_id`. It may have been declared on another node just now.
    async fn applicatie(&self, client_id: &str) -> Result<Option<Arc<Applicatie>>, Problem> {
        let context = &self.context;
        if let Some(applicatie) = context.tokens.applicatie(client_id) {
            return Ok(Some(applicatie));
        }
        context.control.catch_up().await?;
        Ok(context.tokens.applicatie(client_id))
    }

    async fn by_token(
        &self,
        token: &str,
        certificate: Option<&Shown>,
        address: Option<IpAddr>,
    ) -> Result<Caller, Problem> {
        match &self.context.access_tokens {
            Some(access_tokens) if oidc::algorithm_of(token).is_some() => {
                // In a box, as what else is rare here: every request moves the futures that are not.
                Box::pin(self.by_access_token(access_tokens, (token, certificate), address)).await
            }
            _ => self.by_zgw_token(token, address).await,
        }
    }

    /// The caller of a ZGW token. One that is not known yet is verified, unless its sender has to wait.
    async fn by_zgw_token(&self, token: &str, address: Option<IpAddr>) -> Result<Caller, Problem> {
        let context = &self.context;
        let now = context.clock.now();
        if let Some(caller) = context.tokens.cached_caller(token, now) {
            return Ok(caller);
        }
        let claimed = context.tokens.claimed_client(token).unwrap_or_default();
        let sender = Sender { address, client_id: &claimed };
        if let Some(wait) = context.failures.wait(sender, now) {
            self.count_refused(&claimed);
            return Err(too_many_failures(wait, claimed));
        }
        let caller = match context.tokens.caller(token, now) {
            // The client may have been declared on another node just now.
            Err(TokenError::UnknownClient) => {
                context.control.catch_up().await?;
                context.tokens.caller(token, now)
            }
            result => result,
        };
        caller.map_err(|error| {
            context.failures.count(sender, error, now);
            self.count_refused(&claimed);
            self.face.invalid_token(error).with_token(claimed.clone(), reason(error))
        })
    }

    /// Counts a refused token for the applicatie that it names; empty for none that exists.
    fn count_refused(&self, claimed: &str) {
        if !claimed.is_empty() {
            self.context.usage.refused(claimed, self.context.clock.now());
        }
    }

    async fn by_access_token(
        &self,
        access_tokens: &AccessTokens,
        (token, certificate): (&str, Option<&Shown>),
        address: Option<IpAddr>,
    ) -> Result<Caller, Problem> {
        let context = &self.context;
        let client = access_tokens.client(token, certificate, context.clock.now()).await;
        let client = client.map_err(|error| self.refuse_access_token(&error, address))?;
        let Some(applicatie) = self.applicatie(&client.client_id).await? else {
            return Err(self.refuse_access_token(&AccessTokenError::UnknownClient, address));
        };
        let scopes = client.scopes.unwrap_or_else(|| applicatie.scopes.clone());
        Ok(Caller::new(client.client_id, scopes))
    }

    /// Counts an access token that is not valid. Valid ones pass whatever their address sent before: the signature of a provider
    /// cannot be guessed, and the client of a token is not known before it is verified.
    fn refuse_access_token(&self, error: &AccessTokenError, address: Option<IpAddr>) -> Problem {
        let (failures, now) = (&self.context.failures, self.context.clock.now());
        let sender = Sender { address, client_id: "" };
        if *error == AccessTokenError::NoKeys {
            return self.face.invalid_access_token(error);
        }
        if let Some(wait) = failures.wait(sender, now) {
            return too_many_failures(wait, CompactString::default());
        }
        failures.count_access_token(sender, now);
        self.face.invalid_access_token(error).with_token(CompactString::default(), ACCESS_TOKEN)
    }

    /// Counts a request without a token, and returns its refusal.
    fn refuse_absent_token(&self) -> Problem {
        let nobody = Sender { address: None, client_id: "" };
        self.context.failures.count(nobody, TokenError::Absent, self.context.clock.now());
        self.face.invalid_token(TokenError::Absent)
    }

    /// The token of a request; `None` when it has none.
    fn token<'a>(
        &self,
        headers: &'a HeaderMap,
        uri: &Uri,
        address: Option<IpAddr>,
    ) -> Result<Option<Cow<'a, str>>, Problem> {
        let mut headers = headers.get_all(header::AUTHORIZATION).iter();
        let header = headers.next();
        if headers.next().is_some() {
            return Err(Problem::new(ProblemType::TwoTokens, "Authorization appears more than once."));
        }
        let in_query = if self.context.settings.query_token { query::first(uri, "access_token") } else { None };
        match (header, in_query) {
            (Some(_), Some(_)) => {
                Err(Problem::new(ProblemType::TwoTokens, "A token in the header and in the query: send one."))
            }
            (None, Some(token)) => Ok(Some(token.into())),
            (Some(header), None) => {
                let is_dpop = bearer(header, |scheme| scheme.eq_ignore_ascii_case("dpop")).is_some();
                if is_dpop && self.context.access_tokens.is_some() {
                    return Err(self.refuse_access_token(&AccessTokenError::Dpop, address));
                }
                let token = bearer(header, |scheme| self.face.is_bearer(scheme));
                token.map(|token| Some(token.into())).ok_or_else(|| self.refuse_absent_token())
            }
            (None, None) => Ok(None),
        }
    }
}

/// The refusal of a sender that has to wait before its next token is verified.
fn too_many_failures(wait: Duration, client: CompactString) -> Problem {
    Failures::count_locked();
    let detail = "Too many wrong tokens came from this client or its address.";
    Problem::new(ProblemType::TooManyFailures, detail).with_retry_after(wait).with_token(client, LOCKED)
}

/// Counts the header of a proxy that cannot be read, and returns the refusal.
fn refuse_header(address: Option<IpAddr>) -> Problem {
    Failures::count_header(address);
    let detail = "The header that names the person does not name one person.";
    Problem::unauthenticated(detail).with_token(CompactString::default(), HEADER)
}

/// The token in `Authorization`, if its scheme is Bearer.
fn bearer(header: &HeaderValue, is_bearer: impl Fn(&str) -> bool) -> Option<&str> {
    let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
    is_bearer(scheme).then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f3_the_scheme_is_case_insensitive() {
        for (value, token) in [
            ("Bearer a.b.c", Some("a.b.c")),
            ("bearer a.b.c", Some("a.b.c")),
            ("BEARER   a.b.c ", Some("a.b.c")),
            ("Basic a.b.c", None),
            ("Bearera.b.c", None),
            ("Bearer", None),
        ] {
            let native = |scheme: &str| Face::ProblemJson.is_bearer(scheme);
            assert_eq!(bearer(&HeaderValue::from_static(value), native), token, "{value}");
        }
    }
}

//! Consent by callback: an address that listens for the receiver's GET or POST, and the verdict on it. What a call means
//! is decided by the machine of the handshake, as it is for the gateway.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use ring::rand::{SecureRandom, SystemRandom};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, timeout_at};
use webhook_validator::callback::Secret;
use webhook_validator::headers::ALLOWED_RATE;
use webhook_validator::{Field, Input, Rate, State, Step, Terms, step};

use super::handshake::granted;
use crate::clauses::handshake::{
    ALLOWED_ORIGIN, CALLBACK, CALLBACK_METHOD, CALLBACK_RATE, RATE_PRESENT, RATE_VALID, SUPPORTS_HANDSHAKE,
};
use crate::report::{Report, Verdict};
use crate::session::Session;
use crate::text::Said;

/// Name of this receiver in the path of the callback.
const ID: &str = "receiver";

/// Longest time a caller may take for the head of its request.
const HEAD: Duration = Duration::from_secs(10);

/// One use of the right URL.
struct Call {
    method: Method,
    rate: Field,
}

/// A listening address.
pub struct Callback {
    url: HeaderValue,
    calls: UnboundedReceiver<Call>,
    patience: Duration,
}

impl Callback {
    /// Listens, when that is wanted.
    pub async fn listen(session: &mut Session<'_>) -> Result<Option<Self>, Said> {
        let arguments = session.arguments;
        let Some(address) = arguments.callback_listen else { return Ok(None) };
        let problem = |text: String| {
            let said = format!("--callback-listen {address}: {text}");
            Said::plain(said)
        };
        let listener = TcpListener::bind(address).await.map_err(|error| problem(error.to_string()))?;
        let own = listener.local_addr().map_err(|error| problem(error.to_string()))?;
        let mut bits = [0; 32];
        SystemRandom::new().fill(&mut bits).map_err(|_| problem("no random numbers".to_owned()))?;
        let secret = Secret::from_random(bits);
        session.wire.secrets.hide(secret.reveal());
        let base = arguments.callback_url.as_ref().map_or_else(|| format!("http://{own}"), ToString::to_string);
        let path = secret.path(ID);
        let url = HeaderValue::try_from(format!("{}/{path}", base.trim_end_matches('/')));
        let url = url.map_err(|error| problem(error.to_string()))?;
        let (tell, calls) = unbounded_channel();
        tokio::spawn(serve(listener, Arc::new(secret), tell));
        Ok(Some(Self { url, calls, patience: arguments.callback_wait }))
    }

    /// The value of `WebHook-Request-Callback`.
    pub fn header(&self) -> HeaderValue {
        self.url.clone()
    }

    /// Waits for a call that consents. The granted rate, when there was one.
    pub async fn wait(mut self, session: &mut Session<'_>) -> Option<Rate> {
        let arguments = session.arguments;
        eprintln!(
            "webhook-validator: {}",
            Said::new(
                format!("waiting at most {} s for the callback", self.patience.as_secs()),
                format!("wacht hoogstens {} s op de callback", self.patience.as_secs()),
            )
            .to(arguments.lang)
        );
        let origin = arguments.origin.clone();
        let terms = Terms { request_rate: Some(arguments.rate), callback: true, ..Terms::new(origin) };
        let mut state = State::PendingCallback { until: 1 };
        let end = Instant::now() + self.patience;
        while let Ok(Some(call)) = timeout_at(end, self.calls.recv()).await {
            judge(&call, &mut session.report);
            let input = Input::CalledBack { method: call.method, rate: call.rate };
            let Step { state: next, .. } = step(state, input, &terms, 0);
            if let Some(rate) = next.allows(&terms.origin) {
                let seen = Said::new("consent came by callback", "toestemming kwam via de callback");
                for clause in [&SUPPORTS_HANDSHAKE, &CALLBACK] {
                    session.report.add(clause, Verdict::Pass, None, seen.clone());
                }
                session.report.not_observed(&[&ALLOWED_ORIGIN, &RATE_PRESENT, &RATE_VALID], &seen);
                session.report.conclude(granted(&terms.origin, rate));
                return Some(rate);
            }
            state = next;
        }
        let seen = Said::new("no usable callback in time", "geen bruikbare callback op tijd");
        session.report.add(&CALLBACK, Verdict::Fail, None, seen);
        session.report.conclude(Said::new(
            "Consent: neither in the answer nor by callback, so no event would be sent yet.",
            "Toestemming: niet in het antwoord en niet via de callback, dus er wordt nog niets gestuurd.",
        ));
        None
    }
}

/// Notes that the receiver answered directly, so that the callback was not needed.
pub fn unused(report: &mut Report) {
    let why = Said::new("the answer decided", "het antwoord besliste al");
    report.not_observed(&[&CALLBACK, &CALLBACK_METHOD, &CALLBACK_RATE], &why);
}

fn judge(call: &Call, report: &mut Report) {
    let verdict = |met, otherwise| if met { Verdict::Pass } else { otherwise };
    let method = matches!(call.method, Method::GET | Method::POST);
    report.add(&CALLBACK_METHOD, verdict(method, Verdict::Fail), None, Said::plain(call.method.to_string()));
    let (rate, seen) = match &call.rate {
        // Somebody in a browser cannot add a header.
        Field::Absent if call.method == Method::GET => (Verdict::NotObserved, Said::new("none", "geen")),
        Field::Absent => (Verdict::Warn, Said::new("none", "geen")),
        Field::One(text) => (verdict(Rate::parse_allowed(text).is_some(), Verdict::Fail), Said::plain(text.clone())),
        Field::Several => (Verdict::Fail, Said::new("more than one", "meer dan één")),
    };
    report.add(&CALLBACK_RATE, rate, None, seen);
}

/// Answers calls as a sender would; those of the right URL are told.
async fn serve(listener: TcpListener, secret: Arc<Secret>, tell: UnboundedSender<Call>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (secret, tell) = (Arc::clone(&secret), tell.clone());
        let service = service_fn(move |request: http::Request<Incoming>| {
            let status = answer(&request, &secret, &tell);
            async move {
                let mut response = Response::new(Empty::<Bytes>::new());
                *response.status_mut() = status;
                Ok::<_, Infallible>(response)
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .serve_connection(TokioIo::new(stream), service);
        // A caller that goes away is no failure of ours.
        tokio::spawn(connection);
    }
}

fn answer(request: &http::Request<Incoming>, secret: &Secret, tell: &UnboundedSender<Call>) -> StatusCode {
    // A proxy may have taken away what it added in front.
    let ours = request.uri().path().rsplit_once('/').is_some_and(|(_, last)| secret.matches(last));
    if !ours {
        return StatusCode::NOT_FOUND;
    }
    let call = Call { method: request.method().clone(), rate: Field::of(request.headers(), &ALLOWED_RATE) };
    let usable = match &call.rate {
        Field::Absent => true,
        Field::One(text) => Rate::parse_allowed(text).is_some(),
        Field::Several => false,
    };
    let status = match call.method {
        Method::GET | Method::POST if usable => StatusCode::OK,
        Method::GET | Method::POST => StatusCode::BAD_REQUEST,
        _ => StatusCode::METHOD_NOT_ALLOWED,
    };
    // When nobody waits any more there is nobody to tell.
    let _ = tell.send(call);
    status
}

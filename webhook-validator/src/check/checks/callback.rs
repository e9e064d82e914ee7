//! Consent by callback: an address that listens for the receiver's GET or POST, and the verdict on it. The state
//! machine of the handshake decides what a call means, as it does for the gateway.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use crate::callback::Secret;
use crate::headers::ALLOWED_RATE;
use crate::{Field, Input, Rate, State, Step, Terms, step};
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

use super::handshake::granted;
use crate::check::clauses::handshake::{
    ALLOWED_ORIGIN, CALLBACK, CALLBACK_METHOD, CALLBACK_RATE, RATE_PRESENT, RATE_VALID, SUPPORTS_HANDSHAKE,
};
use crate::check::report::{Report, Verdict};
use crate::check::session::Session;
use crate::check::text::Said;

/// The name of this receiver in the callback's path.
const ID: &str = "receiver";

/// The longest time a caller may take for the head of its request.
const HEAD: Duration = Duration::from_secs(10);

/// A call with the right secret.
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
    /// Listens if the command line requests it.
    pub async fn listen(session: &mut Session<'_>) -> Result<Option<Self>, Said> {
        let Some(options) = &session.options.callback else { return Ok(None) };
        let address = options.listen;
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
        let base = options.url.as_ref().map_or_else(|| format!("http://{own}"), ToString::to_string);
        let path = secret.path(ID);
        let url = HeaderValue::try_from(format!("{}/{path}", base.trim_end_matches('/')));
        let url = url.map_err(|error| problem(error.to_string()))?;
        let (sender, calls) = unbounded_channel();
        tokio::spawn(serve(listener, Arc::new(secret), sender));
        Ok(Some(Self { url, calls, patience: options.wait }))
    }

    /// The value of `WebHook-Request-Callback`.
    pub fn header(&self) -> HeaderValue {
        self.url.clone()
    }

    /// Waits for a call that gives consent; returns the granted rate, if any.
    pub async fn wait(mut self, session: &mut Session<'_>) -> Option<Rate> {
        let options = session.options;
        (options.remark)(&Said::new(
            format!("waiting at most {} s for the callback", self.patience.as_secs()),
            format!("wacht hoogstens {} s op de callback", self.patience.as_secs()),
        ));
        let origin = options.origin.clone();
        let terms = Terms { request_rate: Some(options.rate), callback: true, ..Terms::new(origin) };
        let mut state = State::PendingCallback { until: 1, last: None };
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

/// Notes that the receiver responded directly, so that no callback was needed.
pub fn unused(report: &mut Report) {
    let why = Said::new("the answer decided", "het antwoord besliste al");
    report.not_observed(&[&CALLBACK, &CALLBACK_METHOD, &CALLBACK_RATE], &why);
}

fn judge(call: &Call, report: &mut Report) {
    let verdict = |met, otherwise| if met { Verdict::Pass } else { otherwise };
    let method = matches!(call.method, Method::GET | Method::POST);
    report.add(&CALLBACK_METHOD, verdict(method, Verdict::Fail), None, Said::plain(call.method.to_string()));
    let (rate, seen) = match &call.rate {
        // A person with a browser cannot add a header.
        Field::Absent if call.method == Method::GET => (Verdict::NotObserved, Said::new("none", "geen")),
        Field::Absent => (Verdict::Warn, Said::new("none", "geen")),
        Field::One(text) => (verdict(Rate::parse_allowed(text).is_some(), Verdict::Fail), Said::plain(text.clone())),
        Field::Several => (Verdict::Fail, Said::new("more than one", "meer dan één")),
    };
    report.add(&CALLBACK_RATE, rate, None, seen);
}

/// Responds to calls as a sender would, and passes on those with the right secret.
async fn serve(listener: TcpListener, secret: Arc<Secret>, calls: UnboundedSender<Call>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (secret, calls) = (Arc::clone(&secret), calls.clone());
        let service = service_fn(move |request: http::Request<Incoming>| {
            let status = answer(&request, &secret, &calls);
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
        // A caller that closes the connection is not an error.
        tokio::spawn(connection);
    }
}

fn answer(request: &http::Request<Incoming>, secret: &Secret, calls: &UnboundedSender<Call>) -> StatusCode {
    // A proxy may have removed the path that it added.
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
    // The send fails once nothing waits for calls.
    let _ = calls.send(call);
    status
}

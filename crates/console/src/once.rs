//! Forms that are handled once: a form that is sent twice changes nothing twice, on whichever nodes it arrives.
//!
//! Every form has a key of its own. Before a form is handled, control notes its key, so that no other node handles it as well.
//! The node that handles it remembers the answer while there is room, and returns it when the same form comes again; another
//! node, or this one later, answers that the form was sent before.
//!
//! Not here: where a form came from (`guard`), and which routes handle a form once (`route`).

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    body::Body,
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use management::Error;
use model::{decide::Rejection, revocation::Revoked};
use tokio::sync::Mutex as AsyncMutex;
use tracing::Instrument;
use uuid::Uuid;
use web::{Problem, ProblemType};

use crate::{Console, View, session::Session, settings::LIFETIME};

/// Forms whose answer is remembered.
const CAPACITY: usize = 200;

/// The largest page that is remembered, in bytes.
const MAX_PAGE: usize = 64 << 10;

/// The forms that this node handled last.
#[derive(Default)]
pub(crate) struct Forms(Mutex<Known>);

#[derive(Default)]
struct Known {
    by_key: HashMap<Uuid, Arc<AsyncMutex<State>>>,
    /// The keys, the oldest first.
    order: VecDeque<Uuid>,
}

/// What is known of a form. It is locked while the form is handled.
#[derive(Default)]
enum State {
    /// It did not come before.
    #[default]
    New,
    /// Control has its key, and it was refused without any change: it may be tried again on this node.
    Refused,
    /// It was handled, or may have been.
    Handled(Answer),
}

/// What the same form is answered with.
#[derive(Clone)]
enum Answer {
    /// The redirect to this address.
    Redirect(HeaderValue),
    /// This page.
    Page(Bytes),
    /// That it was sent before.
    SentBefore,
}

impl Forms {
    fn state(&self, key: Uuid) -> Arc<AsyncMutex<State>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(state) = known.by_key.get(&key) {
            return Arc::clone(state);
        }
        if known.order.len() >= CAPACITY
            && let Some(oldest) = known.order.pop_front()
        {
            known.by_key.remove(&oldest);
        }
        known.order.push_back(key);
        Arc::clone(known.by_key.entry(key).or_default())
    }
}

/// The key of a form in a session, from the text of its field; `None` for a text that is no key. Keys of other sessions differ.
pub(crate) fn key(session: &Session, field: &str) -> Option<Uuid> {
    let own: Uuid = field.parse().ok()?;
    let digest = ring::digest::digest(&ring::digest::SHA256, &[*session.id.as_bytes(), *own.as_bytes()].concat());
    Uuid::from_slice(digest.as_ref().get(..16)?).ok()
}

/// Handles the form with this key, unless it was handled before. Goes on when the browser does not wait for the answer.
pub(crate) async fn handle(
    console: Console,
    view: View,
    session: Arc<Session>,
    key: Uuid,
    request: Request,
    next: Next,
) -> Response {
    let handled = async move {
        let state = console.forms.state(key);
        let mut state = state.lock_owned().await;
        match &*state {
            State::Handled(answer) => return answer.clone().into_response(),
            State::Refused => {}
            State::New => {
                let end = session.started + LIFETIME;
                match console.management.use_once(&view.actor, Revoked::Form(key), end).await {
                    Ok(()) => *state = State::Refused,
                    Err(Error::Rejected(Rejection::AlreadyUsed)) => return Answer::SentBefore.into_response(),
                    Err(error) => return Problem::from(error).into_response(),
                }
            }
        }
        let (answered, response) = State::of(next.run(request).await).await;
        *state = answered;
        response
    };
    tokio::spawn(handled.in_current_span()).await.unwrap_or_else(|_| Problem::internal().into_response())
}

impl State {
    /// What a form comes to that a handler answers so, and the answer. A server error may come after a change.
    async fn of(response: Response) -> (Self, Response) {
        let status = response.status();
        if let Some(location) = response.headers().get(header::LOCATION) {
            return (Self::Handled(Answer::Redirect(location.clone())), response);
        }
        if status.is_client_error() {
            return (Self::Refused, response);
        }
        let is_page = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == web::face::HTML);
        if !status.is_success() || !is_page {
            return (Self::Handled(Answer::SentBefore), response);
        }
        let (parts, body) = response.into_parts();
        let Ok(bytes) = axum::body::to_bytes(body, usize::MAX).await else {
            return (Self::Handled(Answer::SentBefore), Problem::internal().into_response());
        };
        let answer = if bytes.len() <= MAX_PAGE { Answer::Page(bytes.clone()) } else { Answer::SentBefore };
        (Self::Handled(answer), Response::from_parts(parts, Body::from(bytes)))
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Self::Redirect(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
            Self::Page(bytes) => ([(header::CONTENT_TYPE, web::face::HTML)], bytes).into_response(),
            Self::SentBefore => Problem::new(ProblemType::FormSent, "This form was sent before.").into_response(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_forms_are_forgotten() {
        let forms = Forms::default();
        let id = |number: usize| Uuid::from_u128(number as u128);
        let first = forms.state(id(0));
        assert!(Arc::ptr_eq(&first, &forms.state(id(0))));
        for number in 1..=CAPACITY {
            forms.state(id(number));
        }
        assert!(!Arc::ptr_eq(&first, &forms.state(id(0))));
        assert_eq!(forms.0.lock().unwrap().by_key.len(), CAPACITY);
    }

    #[tokio::test]
    async fn what_a_form_comes_to_follows_from_its_answer() {
        let redirect = (StatusCode::SEE_OTHER, [(header::LOCATION, "/a")]).into_response();
        assert!(matches!(State::of(redirect).await.0, State::Handled(Answer::Redirect(to)) if to == "/a"));
        let refused = StatusCode::UNPROCESSABLE_ENTITY.into_response();
        assert!(matches!(State::of(refused).await.0, State::Refused));
        let failed = StatusCode::SERVICE_UNAVAILABLE.into_response();
        assert!(matches!(State::of(failed).await.0, State::Handled(Answer::SentBefore)));
        assert!(
            matches!(State::of("page".into_response()).await.0, State::Handled(Answer::Page(page)) if page == "page")
        );
        let large = "x".repeat(MAX_PAGE + 1).into_response();
        assert!(matches!(State::of(large).await.0, State::Handled(Answer::SentBefore)));
    }
}

//! The page that a login link opens. Opening it changes nothing, so that a preview of the link does not use it; its button
//! does.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::header;
use management::Error;
use model::{decide::Rejection, revocation::Revoked};
use web::Problem;

use crate::{
    Console, View,
    area::Area,
    form::Form,
    login_link::{CODE, ISSUER, LoginLink, PATH},
    page::{PageResult, page, see_other},
    session::{LoggedInBy, Session, cookie, kept},
};

/// The route, for the audit trail.
const ROUTE: &str = "POST /beheer/inloglink";

#[derive(Template)]
#[template(path = "login_link.html")]
struct LoginLinkPage<'a> {
    view: &'a View,
    link: &'a LoginLink,
    code: &'a str,
    path: &'static str,
}

/// What the link grants, with a button.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let code = view.parameter(CODE).unwrap_or_default();
    let link = LoginLink::open(&console.secrets, &code, view.now).ok_or_else(not_usable)?;
    page(&LoginLinkPage { view: &view, link: &link, code: &code, path: PATH })
}

/// Uses the link and starts the session.
pub async fn post(State(console): State<Console>, view: View, form: Form) -> PageResult {
    let Some(link) = LoginLink::open(&console.secrets, form.text(CODE), view.now) else {
        console.web.recorder.record_token("", view.actor.origin, ROUTE, "login-link").await;
        return Err(not_usable());
    };
    let person = (ISSUER.to_owned(), link.id.to_string(), link.name.clone());
    let by = LoggedInBy::Link;
    let mut session = Session::start(person, link.grants.clone(), by, view.now, console.random.as_ref());
    // The entry of the audit trail about the log-in names the link, which is used once: the session has its id.
    session.id = link.id;
    session.language = Some(view.language);
    let actor = session.actor(view.actor.origin, view.area);
    match console.management.use_once(&actor, Revoked::LoginLink(link.id), link.expires).await {
        Ok(()) => start(&console, &view, &session, None),
        Err(Error::Rejected(Rejection::AlreadyUsed)) => Err(not_usable()),
        Err(error) => Err(error.into()),
    }
}

/// Starts a session: its cookie, and the redirect to the page whose form is kept or that was asked for, else to the first page of the area that the
/// roles are for.
pub(crate) fn start(console: &Console, view: &View, session: &Session, target: Option<&str>) -> PageResult {
    let cookie = cookie::set_session(&console.secrets, view.head.is_https(), session).ok_or_else(Problem::internal)?;
    let first = view.area.landing(console.settings.served, &session.grants).root();
    let kept = kept::page(&console.site, view, session);
    let target = kept.as_deref().or(target).filter(|target| *target != view.area.root());
    let view = view.in_area(Area::of_path(target.unwrap_or(first)));
    let response: Response =
        ([(header::SET_COOKIE, cookie)], see_other(&view, target.unwrap_or(first), "")).into_response();
    Ok(response)
}

/// A link that is not ours, too old or used looks the same.
fn not_usable() -> Problem {
    Problem::forbidden("The login link does not hold, or no longer.")
}

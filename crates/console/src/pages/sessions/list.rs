//! The list of sessions: those of everybody, or only the own ones. Who sees which is decided by the use case.

use askama::Template;
use axum::extract::State;
use management::{Right, sessions::StartedSession};
use model::{Role, Timestamp};
use web::csv;

use crate::{
    Console, View,
    list_file::{self, Files},
    login_link::ISSUER,
    page::{PageResult, page},
    paging::{self, Paging},
    settings::IDLE,
};

#[derive(Template)]
#[template(path = "sessions.html")]
struct List<'a> {
    view: &'a View,
    sees_all: bool,
    may_end: bool,
    is_complete: bool,
    total: usize,
    rows: Vec<Row>,
    paging: Paging,
    files: Files,
}

/// The columns of the file.
const COLUMNS: [&str; 9] =
    ["id", "issuer", "subject", "roles", "grantedBy", "started", "lastRequest", "lastAction", "lastActionAt"];

/// A session in the table.
struct Row {
    session: StartedSession,
    is_own: bool,
    roles: String,
    /// The claims that gave the roles; `None` for a login link.
    granted_by: Option<String>,
    use_of: Use,
}

/// What this node knows of the use of a session.
enum Use {
    /// A request within the time that a session lasts without one.
    Now(Timestamp),
    /// The last request was before that, at this node.
    Before(Timestamp),
    /// This node saw none.
    Unknown,
}

/// The page.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let found = console.management.list_sessions(&view.actor).await?;
    // A provider may have ended a session by an id that the trail does not have.
    let holds = |session: &StartedSession| {
        let revocations = console.activity.revocations(session.id);
        !revocations.iter().any(|what| console.management.is_ended(what, session.started))
    };
    let sessions: Vec<_> = found.sessions.into_iter().filter(holds).collect();
    if let Some(form) = list_file::form(&view)? {
        let cells = sessions.into_iter().map(|session| cells(&console, session));
        return csv::answer_rows(form, "sessies", &COLUMNS, cells).await;
    }
    let total = sessions.len();
    let mut part = paging::part(&view, sessions);
    let paging = Paging::of(&view, &mut part);
    page(&List {
        sees_all: view.may(Right::SeeSessions),
        may_end: view.may(Right::EndSessions),
        is_complete: found.is_complete,
        total,
        rows: part.into_iter().map(|session| row(&console, &view, session)).collect(),
        paging,
        files: Files::of(&view),
        view: &view,
    })
}

fn cells(console: &Console, session: StartedSession) -> csv::Row {
    let last_request = console.activity.last(session.id).map(Timestamp::to_rfc3339);
    let (at, action) = session.last;
    vec![
        session.id.to_string(),
        session.person.issuer,
        session.person.subject,
        session.roles.join(" "),
        session.granted_by.unwrap_or_default(),
        session.started.to_rfc3339(),
        last_request.unwrap_or_default(),
        action,
        at.to_rfc3339(),
    ]
}

fn row(console: &Console, view: &View, session: StartedSession) -> Row {
    let roles: Vec<&str> = session.roles.iter().map(|label| role_name(view, label)).collect();
    let use_of = match console.activity.last(session.id) {
        Some(last) if view.now < last + IDLE => Use::Now(last),
        Some(last) => Use::Before(last),
        None => Use::Unknown,
    };
    Row {
        is_own: view.session.as_ref().is_some_and(|own| own.id == session.id),
        roles: roles.join(", "),
        granted_by: session.granted_by.clone().filter(|_| session.person.issuer != ISSUER),
        use_of,
        session,
    }
}

/// The name of a role; an extra right has its label.
fn role_name<'a>(view: &View, label: &'a str) -> &'a str {
    Role::from_label(label).map_or(label, view.text.common.role)
}

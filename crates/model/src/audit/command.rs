//! The action and the object of a command.

use super::{Action, Object, ObjectKind};
use crate::{approval::ApprovalState, decide::Command, id::SubscriptionId, revocation::Revoked, subscription::Status};

/// What a command does, and to what; `None` for the use of a form: what the form asks for has an entry of its own.
pub fn described(command: &Command) -> Option<(Action, Object)> {
    let subscription = |id: &SubscriptionId| Object::new(ObjectKind::Subscription, id.to_string());
    Some(match command {
        Command::UseOnce { what: Revoked::Form(_), .. } => return None,
        Command::CreateKanaal(kanaal) => (Action::KanaalCreate, Object::new(ObjectKind::Kanaal, kanaal.naam.as_str())),
        Command::ChangeKanaal(kanaal) => (Action::KanaalChange, Object::new(ObjectKind::Kanaal, kanaal.naam.as_str())),
        Command::DeleteKanaal(naam) => (Action::KanaalDelete, Object::new(ObjectKind::Kanaal, naam.as_str())),
        Command::CreateSubscription(made) => (Action::SubscriptionCreate, subscription(&made.id)),
        Command::ChangeSubscription { to, .. } => (Action::SubscriptionChange, subscription(&to.id)),
        Command::DeleteSubscription(id) => (Action::SubscriptionDelete, subscription(id)),
        Command::SetConsent { id, .. } => (Action::SubscriptionConsent, subscription(id)),
        Command::Revalidate { id, .. } => (Action::SubscriptionRevalidate, subscription(id)),
        Command::SetStatus { id, status } => {
            let action = match status {
                Status::Active => Action::SubscriptionResume,
                Status::Paused => Action::SubscriptionPause,
                Status::Suspended { .. } => Action::SubscriptionSuspend,
                Status::Gone { .. } => Action::SubscriptionGone,
                Status::Expired { .. } => Action::SubscriptionExpire,
            };
            (action, subscription(id))
        }
        Command::SetCredential { id, .. } => (Action::SubscriptionCredential, subscription(id)),
        Command::DecideApproval { id, approval, .. } => {
            let action = match approval.state {
                ApprovalState::Awaiting => Action::SubscriptionAwait,
                ApprovalState::Approved(_) => Action::SubscriptionApprove,
                ApprovalState::Rejected(_) => Action::SubscriptionReject,
            };
            (action, subscription(id))
        }
        Command::DeclareApplicatie(applicatie) => {
            (Action::ApplicatieDeclare, Object::new(ObjectKind::Applicatie, applicatie.client_id.as_str()))
        }
        Command::DeleteApplicatie(client_id) => {
            (Action::ApplicatieDelete, Object::new(ObjectKind::Applicatie, client_id.as_str()))
        }
        Command::StartRun(run) => (Action::RunStart, Object::new(ObjectKind::Run, run.id.to_string())),
        Command::EndRun(id) => (Action::RunEnd, Object::new(ObjectKind::Run, id.to_string())),
        Command::RegisterSchema(schema) => {
            (Action::SchemaRegister, Object::new(ObjectKind::Schema, schema.name.as_str()))
        }
        Command::DeclareSchema(schema) => {
            (Action::SchemaDeclare, Object::new(ObjectKind::Schema, schema.name.as_str()))
        }
        Command::DeleteSchema(name) => (Action::SchemaDelete, Object::new(ObjectKind::Schema, name.as_str())),
        Command::EndSessions { what, .. } => (Action::SessionEnd, revoked(what)),
        Command::UseOnce { what: what @ Revoked::LogoutToken { .. }, .. } => (Action::LogoutTokenUse, revoked(what)),
        Command::UseOnce { what, .. } => (Action::SessionStart, revoked(what)),
        Command::Declare { revision } => {
            (Action::ConfigurationApply, Object::new(ObjectKind::Configuration, revision.to_string()))
        }
    })
}

/// The object of a revocation.
pub(super) fn revoked(what: &Revoked) -> Object {
    let id = match what {
        Revoked::Person { issuer, subject } => format!("{issuer}#{subject}"),
        Revoked::Session(id) | Revoked::LoginLink(id) | Revoked::Form(id) => id.to_string(),
        Revoked::ProviderSession { issuer, session } => format!("{issuer}#{session}"),
        Revoked::LogoutToken { issuer, id } => format!("{issuer}#{id}"),
    };
    Object::new(ObjectKind::Session, id)
}

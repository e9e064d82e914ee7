//! Stored form of a command on the topic `commands`.

use model::{SubscriptionId, decide, run::RunId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Micros,
    applicatie::Applicatie,
    approval::Approval,
    credential::Credential,
    kanaal::{Kanaal, name},
    read_known, revocation,
    run::Run,
    schema::{self, PayloadSchema},
    subscription::{Consent, Status, Subscription},
    write_as,
};
use crate::Error;

const KIND: &str = "command";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    command: Command,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
enum Command {
    CreateKanaal(Kanaal),
    ChangeKanaal(Kanaal),
    DeleteKanaal(String),
    CreateSubscription(Box<Subscription>),
    ChangeSubscription { to: Box<Subscription>, seen: Micros },
    DeleteSubscription(Uuid),
    SetConsent { id: Uuid, generation: u64, consent: Consent },
    Revalidate { id: Uuid, at: Micros },
    SetStatus { id: Uuid, status: Status },
    SetCredential { id: Uuid, seen: Box<Credential>, to: Box<Credential>, at: Micros },
    Judge { id: Uuid, seen: Micros, approval: Approval },
    DeclareApplicatie(Applicatie),
    DeleteApplicatie(String),
    StartRun(Run),
    EndRun(Uuid),
    Declare { revision: u64 },
    // Since version 2.
    RegisterSchema(Box<PayloadSchema>),
    DeclareSchema(Box<PayloadSchema>),
    DeleteSchema(String),
    // Since version 5.
    EndSessions { what: String, at: Micros, until: Micros },
    UseOnce { what: String, at: Micros, until: Micros },
}

impl Command {
    /// The oldest version that can represent this command.
    fn version(&self) -> u32 {
        match self {
            Self::CreateKanaal(kanaal) | Self::ChangeKanaal(kanaal) => kanaal.version(),
            Self::CreateSubscription(subscription) | Self::ChangeSubscription { to: subscription, .. } => {
                subscription.version()
            }
            Self::SetConsent { consent, .. } => consent.version(),
            Self::SetCredential { seen, to, .. } => seen.version().max(to.version()),
            Self::RegisterSchema(_)
            | Self::DeclareSchema(_)
            | Self::DeleteSchema(_)
            | Self::Judge { .. }
            | Self::SetStatus { status: Status::Expired { .. }, .. } => 2,
            Self::UseOnce { what, .. } if revocation::is_form(what) => 7,
            Self::EndSessions { .. } | Self::UseOnce { .. } => 5,
            _ => 1,
        }
    }
}

/// The stored form of a command.
pub(crate) fn to_body(command: &decide::Command) -> Result<String, Error> {
    use decide::Command as From;
    let command = match command {
        From::CreateKanaal(kanaal) => Command::CreateKanaal(kanaal.into()),
        From::ChangeKanaal(kanaal) => Command::ChangeKanaal(kanaal.into()),
        From::DeleteKanaal(naam) => Command::DeleteKanaal(naam.to_string()),
        From::CreateSubscription(subscription) => Command::CreateSubscription(Box::new((&**subscription).into())),
        From::ChangeSubscription { to, seen } => {
            Command::ChangeSubscription { to: Box::new((&**to).into()), seen: (*seen).into() }
        }
        From::DeleteSubscription(id) => Command::DeleteSubscription(id.0),
        From::SetConsent { id, generation, consent } => {
            Command::SetConsent { id: id.0, generation: *generation, consent: consent.into() }
        }
        From::Revalidate { id, at } => Command::Revalidate { id: id.0, at: (*at).into() },
        From::SetStatus { id, status } => Command::SetStatus { id: id.0, status: status.into() },
        From::SetCredential { id, seen, to, at } => Command::SetCredential {
            id: id.0,
            seen: Box::new((&**seen).into()),
            to: Box::new((&**to).into()),
            at: (*at).into(),
        },
        From::DecideApproval { id, seen, approval } => {
            Command::Judge { id: id.0, seen: (*seen).into(), approval: approval.into() }
        }
        From::DeclareApplicatie(applicatie) => Command::DeclareApplicatie(applicatie.into()),
        From::DeleteApplicatie(client_id) => Command::DeleteApplicatie(client_id.clone()),
        From::StartRun(run) => Command::StartRun(run.into()),
        From::EndRun(id) => Command::EndRun(id.0),
        From::Declare { revision } => Command::Declare { revision: *revision },
        From::RegisterSchema(schema) => Command::RegisterSchema(Box::new((&**schema).into())),
        From::DeclareSchema(schema) => Command::DeclareSchema(Box::new((&**schema).into())),
        From::DeleteSchema(name) => Command::DeleteSchema(name.to_string()),
        From::EndSessions { what, at, until } => {
            Command::EndSessions { what: what.to_string(), at: (*at).into(), until: (*until).into() }
        }
        From::UseOnce { what, at, until } => {
            Command::UseOnce { what: what.to_string(), at: (*at).into(), until: (*until).into() }
        }
    };
    write_as(KIND, command.version(), Form { command })
}

/// The command of a stored form.
pub(crate) fn from_body(body: &str) -> Result<decide::Command, Error> {
    use decide::Command as To;
    Ok(match read_known::<Form>(KIND, body)?.command {
        Command::CreateKanaal(kanaal) => To::CreateKanaal(kanaal.try_into()?),
        Command::ChangeKanaal(kanaal) => To::ChangeKanaal(kanaal.try_into()?),
        Command::DeleteKanaal(naam) => To::DeleteKanaal(name(&naam)?),
        Command::CreateSubscription(subscription) => To::CreateSubscription(Box::new((*subscription).try_into()?)),
        Command::ChangeSubscription { to, seen } => {
            To::ChangeSubscription { to: Box::new((*to).try_into()?), seen: seen.into() }
        }
        Command::DeleteSubscription(id) => To::DeleteSubscription(SubscriptionId(id)),
        Command::SetConsent { id, generation, consent } => {
            To::SetConsent { id: SubscriptionId(id), generation, consent: consent.into() }
        }
        Command::Revalidate { id, at } => To::Revalidate { id: SubscriptionId(id), at: at.into() },
        Command::SetStatus { id, status } => To::SetStatus { id: SubscriptionId(id), status: status.into() },
        Command::SetCredential { id, seen, to, at } => To::SetCredential {
            id: SubscriptionId(id),
            seen: Box::new((*seen).try_into()?),
            to: Box::new((*to).try_into()?),
            at: at.into(),
        },
        Command::Judge { id, seen, approval } => {
            To::DecideApproval { id: SubscriptionId(id), seen: seen.into(), approval: approval.try_into()? }
        }
        Command::DeclareApplicatie(applicatie) => To::DeclareApplicatie(applicatie.try_into()?),
        Command::DeleteApplicatie(client_id) => To::DeleteApplicatie(client_id),
        Command::StartRun(run) => To::StartRun(run.try_into()?),
        Command::EndRun(id) => To::EndRun(RunId(id)),
        Command::Declare { revision } => To::Declare { revision },
        Command::RegisterSchema(schema) => To::RegisterSchema(Box::new((*schema).try_into()?)),
        Command::DeclareSchema(schema) => To::DeclareSchema(Box::new((*schema).try_into()?)),
        Command::DeleteSchema(name) => To::DeleteSchema(schema::name(&name)?),
        Command::EndSessions { what, at, until } => {
            To::EndSessions { what: revocation::what(&what)?, at: at.into(), until: until.into() }
        }
        Command::UseOnce { what, at, until } => {
            To::UseOnce { what: revocation::what(&what)?, at: at.into(), until: until.into() }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::control::{
        commands, commands_of_approval, commands_of_revocation, commands_of_version_2, form_command,
    };

    /// The samples were written by the first version and must not change.
    #[test]
    fn version_1_is_read_and_written() {
        let samples = include_str!("../../tests/stored/v1/commands.jsonl");
        let written: Vec<String> = commands().iter().map(|command| to_body(command).unwrap()).collect();
        assert_eq!(written, samples.lines().collect::<Vec<_>>());
        let read: Vec<decide::Command> = samples.lines().map(|sample| from_body(sample).unwrap()).collect();
        assert_eq!(read, commands());
    }

    #[test]
    fn approvals_of_version_2_are_read_and_written() {
        let samples = include_str!("../../tests/stored/v2/approval-commands.jsonl");
        let commands = commands_of_approval();
        let written: Vec<String> = commands.iter().map(|command| to_body(command).unwrap()).collect();
        let read: Vec<decide::Command> = samples.lines().map(|sample| from_body(sample).unwrap()).collect();
        assert_eq!(read, commands);
        // Early programs wrote an owner as version 1.
        let second = |text: &str| text.replacen(r#""v":1"#, r#""v":2"#, 1);
        let bodies: Vec<String> = written.iter().map(|body| second(body)).collect();
        assert_eq!(bodies, samples.lines().map(second).collect::<Vec<_>>());
        let older = |at: &usize| written[*at].contains(r#""v":1"#);
        assert_eq!((0..written.len()).filter(older).collect::<Vec<_>>(), [7, 9]);
    }

    #[test]
    fn version_2_is_read_and_written() {
        let samples = include_str!("../../tests/stored/v2/commands.jsonl");
        let written: Vec<String> = commands_of_version_2().iter().map(|command| to_body(command).unwrap()).collect();
        assert_eq!(written, samples.lines().collect::<Vec<_>>());
        let read: Vec<decide::Command> = samples.lines().map(|sample| from_body(sample).unwrap()).collect();
        assert_eq!(read, commands_of_version_2());
    }

    #[test]
    fn revocations_of_version_5_are_read_and_written() {
        let samples = include_str!("../../tests/stored/v5/revocation-commands.jsonl");
        let commands = commands_of_revocation();
        let written: Vec<String> = commands.iter().map(|command| to_body(command).unwrap()).collect();
        assert_eq!(written, samples.lines().collect::<Vec<_>>());
        let read: Vec<decide::Command> = samples.lines().map(|sample| from_body(sample).unwrap()).collect();
        assert_eq!(read, commands);
    }

    #[test]
    fn forms_of_version_7_are_read_and_written() {
        let sample = include_str!("../../tests/stored/v7/form-command.jsonl").trim_end();
        let command = form_command();
        assert_eq!(to_body(&command).unwrap(), sample);
        assert_eq!(from_body(sample).unwrap(), command);
    }

    #[test]
    fn what_is_newer_or_something_else_is_refused() {
        let error = from_body(r#"{"kind":"command","v":9}"#).unwrap_err();
        assert!(matches!(error, Error::NewerVersion { kind: "command", found: 9, known: 8 }), "{error}");
        let error = from_body(r#"{"kind":"command","v":1,"command":{"end-run":"0"},"more":1}"#).unwrap_err();
        assert!(matches!(error, Error::Corrupt { kind: "command", .. }), "{error}");
        let error = from_body(r#"{"kind":"answer","v":1}"#).unwrap_err();
        assert!(matches!(error, Error::Corrupt { kind: "command", .. }), "{error}");
    }
}

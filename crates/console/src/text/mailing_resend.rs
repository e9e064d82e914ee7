//! Sending a mailing again to those who failed.

use model::{addressee::Channel, mailing::Failure};
use people::administration::ResendRefusal;

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: fn(u64) -> String,
    /// What it does.
    pub intro: &'static str,
    /// The heading of the choices.
    pub who: &'static str,
    /// A choice with its number.
    pub choice: fn(Failure, &str) -> String,
    /// What to know about a choice.
    pub hint: fn(Failure, Channel) -> &'static str,
    /// Nothing was chosen.
    pub nothing_chosen: &'static str,
    /// The numbers have changed since they were shown.
    pub changed: &'static str,
    /// The button.
    pub send: &'static str,
    /// The link in the list of mailings.
    pub link: &'static str,
    /// The same with the number of the mailing.
    pub link_one: fn(u64) -> String,
    /// The link back.
    pub back: &'static str,
    /// The column with what can be done.
    pub action: &'static str,
    /// That a mailing sends another one again.
    pub resend_of: fn(u64) -> String,
    /// It was started.
    pub started: &'static str,
    /// Why it is not possible.
    pub refused: fn(ResendRefusal) -> &'static str,
}

const CHANGED_NL: &str = "De aantallen zijn veranderd sinds u ze zag. Er is niets verstuurd. Kijk opnieuw.";
const CHANGED_EN: &str = "The numbers have changed since you saw them. Nothing was sent. Look again.";

/// Dutch.
pub const NL: Texts = Texts {
    title: |number| format!("Mailing {number} opnieuw versturen"),
    intro: "U verstuurt hetzelfde event opnieuw aan mensen bij wie het niet lukte. Wie het bericht al kreeg, krijgt niets. Wie zich heeft afgemeld of nu een ander adres heeft, krijgt ook niets.",
    who: "Aan wie",
    choice: |failure, number| {
        let words = match failure {
            Failure::Permanent => "Onbestelbaar",
            Failure::Temporary => "Niet op tijd gelukt",
            Failure::Technical => "Geweigerd door de aanbieder",
            Failure::InDoubt => "Niet bekend of het is aangekomen",
        };
        format!("{words}: {number}")
    },
    hint: |failure, channel| match (failure, channel) {
        (Failure::Permanent, _) => {
            "Het adres bestond niet of weigerde blijvend. Meestal lukt het dan ook de volgende keer niet."
        }
        (Failure::Temporary, _) => "De gateway probeerde het een dag lang.",
        (Failure::Technical, _) => "De aanbieder nam het bericht voor deze mensen niet aan.",
        (Failure::InDoubt, Channel::Sms) => {
            "Misschien kregen deze mensen de sms al. Dan krijgen ze hem twee keer, en betaalt u twee keer."
        }
        (Failure::InDoubt, Channel::Email | Channel::Inbox) => {
            "Misschien kregen deze mensen het bericht al. Dan krijgen ze het twee keer."
        }
    },
    nothing_chosen: "Kies aan wie u het bericht opnieuw stuurt",
    changed: CHANGED_NL,
    send: "Verstuur opnieuw",
    link: "Opnieuw versturen",
    link_one: |number| format!("Mailing {number} opnieuw versturen aan wie het niet lukte"),
    back: "Terug naar de mailings",
    action: "Handeling",
    resend_of: |number| format!("opnieuw van {number}"),
    started: "De mailing wordt opnieuw verstuurd. Hij staat in de lijst met een eigen nummer.",
    refused: |refusal| match refusal {
        ResendRefusal::Unknown => "Deze mailing is er niet.",
        ResendRefusal::Open => "De mailing loopt nog, of wordt al opnieuw verstuurd. Wacht tot die klaar is.",
        ResendRefusal::Expired => "Het event is verlopen en wordt niet meer verstuurd.",
        ResendRefusal::EventRemoved => "Het event wordt niet meer bewaard en kan niet meer worden verstuurd.",
        ResendRefusal::NotHere => "Het kanaal voor deze berichten is niet ingesteld.",
        ResendRefusal::Nobody => "Er is niemand bij wie het niet lukte en die nog is aangemeld met hetzelfde adres.",
        ResendRefusal::Collected => {
            "Mensen kregen dit event met andere in één mail, per dag of per week. Zo'n mail wordt niet opnieuw verstuurd."
        }
        ResendRefusal::CountChanged => CHANGED_NL,
    },
};

/// English.
pub const EN: Texts = Texts {
    title: |number| format!("Send mailing {number} again"),
    intro: "You send the same event again to people for whom it failed. Who has had the message gets nothing. Who has left, or has another address now, gets nothing either.",
    who: "To whom",
    choice: |failure, number| {
        let words = match failure {
            Failure::Permanent => "Bounced",
            Failure::Temporary => "Did not succeed in time",
            Failure::Technical => "Refused by the provider",
            Failure::InDoubt => "Not known whether it arrived",
        };
        format!("{words}: {number}")
    },
    hint: |failure, channel| match (failure, channel) {
        (Failure::Permanent, _) => {
            "The address did not exist or refused for good. It mostly fails the next time as well."
        }
        (Failure::Temporary, _) => "The gateway tried for a day.",
        (Failure::Technical, _) => "The provider did not take the message for these people.",
        (Failure::InDoubt, Channel::Sms) => {
            "These people may have had the text message. They get it twice then, and you pay twice."
        }
        (Failure::InDoubt, Channel::Email | Channel::Inbox) => {
            "These people may have had the message. They get it twice then."
        }
    },
    nothing_chosen: "Choose to whom you send the message again",
    changed: CHANGED_EN,
    send: "Send again",
    link: "Send again",
    link_one: |number| format!("Send mailing {number} again to those who failed"),
    back: "Back to the mailings",
    action: "Action",
    resend_of: |number| format!("again from {number}"),
    started: "The mailing is sent again. It is in the list with a number of its own.",
    refused: |refusal| match refusal {
        ResendRefusal::Unknown => "There is no such mailing.",
        ResendRefusal::Open => "The mailing goes on, or is being sent again already. Wait until it has ended.",
        ResendRefusal::Expired => "The event has expired and is not sent any more.",
        ResendRefusal::EventRemoved => "The event is not kept any more and cannot be sent.",
        ResendRefusal::NotHere => "The channel for these messages is not configured.",
        ResendRefusal::Nobody => {
            "There is nobody for whom it failed and who is still subscribed with the same address."
        }
        ResendRefusal::Collected => {
            "People got this event with others in one mail, a day or a week. Such a mail is not sent again."
        }
        ResendRefusal::CountChanged => CHANGED_EN,
    },
};

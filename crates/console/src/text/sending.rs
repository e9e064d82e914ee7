//! Pausing what a kanaal sends to people, resuming it, and trying it on a test list.

use model::mailing::SendingState;
use people::administration::TrialFault;

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: fn(&str) -> String,
    /// What it is about.
    pub intro: &'static str,
    /// The label of the state.
    pub now: &'static str,
    /// The label of its begin.
    pub since: &'static str,
    /// The label of the number of addresses.
    pub addresses: &'static str,
    /// A state.
    pub state: fn(SendingState) -> &'static str,
    /// The heading of the choices.
    pub choose: &'static str,
    /// A choice.
    pub choice: fn(SendingState) -> &'static str,
    /// What a choice does.
    pub hint: fn(SendingState) -> &'static str,
    /// The field with addresses.
    pub list: &'static str,
    /// What to fill in there.
    pub list_hint: &'static str,
    /// The box that confirms it.
    pub confirm: &'static str,
    /// The button.
    pub change: &'static str,
    /// Nothing was chosen.
    pub nothing_chosen: &'static str,
    /// The box is not ticked.
    pub not_confirmed: &'static str,
    /// What is wrong with the list.
    pub fault: fn(&TrialFault) -> String,
    /// It sends to everybody.
    pub opened: &'static str,
    /// It is paused.
    pub paused: &'static str,
    /// The trial began.
    pub tried: &'static str,
    /// The link to this page.
    pub link: &'static str,
    /// The same with the kanaal.
    pub link_one: fn(&str) -> String,
    /// The state of a mailing that waits by it.
    pub held: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: |kanaal| format!("Versturen aan mensen: {kanaal}"),
    intro: "Dit gaat over e-mails en sms-berichten over events van dit kanaal. Codes, links en ontvangstbevestigingen waar mensen om vragen, gaan altijd door. Dat geldt ook voor berichten in de berichtenbox. Wat al onderweg is, wordt niet teruggehaald.",
    now: "Nu",
    since: "Sinds",
    addresses: "Adressen op de testlijst",
    state: |state| match state {
        SendingState::Open => "Verstuurt aan iedereen",
        SendingState::Paused => "Gepauzeerd",
        SendingState::Trial => "Op proef",
    },
    choose: "Kies wat er moet gebeuren",
    choice: |state| match state {
        SendingState::Open => "Versturen aan iedereen",
        SendingState::Paused => "Pauzeren",
        SendingState::Trial => "Op proef: alleen aan een testlijst",
    },
    hint: |state| match state {
        SendingState::Open => "Wat wacht, wordt nu verstuurd. Events van een proef gaan ook daarna niet naar anderen.",
        SendingState::Paused => "Niemand krijgt iets. Alles wacht tot u het hervat.",
        SendingState::Trial => {
            "Nieuwe events gaan alleen naar deze adressen, als die zijn aangemeld. Anderen worden geteld als overgeslagen. Wat al wachtte, blijft wachten."
        }
    },
    list: "Testlijst",
    list_hint: "Alleen voor een proef. Eén e-mailadres of mobiel nummer per regel, hoogstens 100. De gateway toont de adressen niet meer.",
    confirm: "Ik weet dat dit voor iedereen geldt die berichten van dit kanaal krijgt",
    change: "Voer uit",
    nothing_chosen: "Kies wat er moet gebeuren",
    not_confirmed: "Zet een vinkje om dit te bevestigen",
    fault: |fault| match fault {
        TrialFault::Empty => "Vul minstens één adres in".to_owned(),
        TrialFault::TooMany => "Vul hoogstens 100 adressen in".to_owned(),
        TrialFault::Wrong { number } => format!("Regel {number} is geen e-mailadres en geen mobiel nummer"),
    },
    opened: "Het kanaal verstuurt weer aan iedereen.",
    paused: "Het kanaal is gepauzeerd. Er wordt niets meer verstuurd.",
    tried: "Het kanaal is op proef. Nieuwe events gaan alleen naar de testlijst.",
    link: "Pauzeren of op proef",
    link_one: |kanaal| format!("Versturen van {kanaal} pauzeren, hervatten of op proef zetten"),
    held: "Wacht: het kanaal is gepauzeerd of op proef",
};

/// English.
pub const EN: Texts = Texts {
    title: |kanaal| format!("Sending to people: {kanaal}"),
    intro: "This is about mails and text messages about events of this kanaal. Codes, links and acknowledgements that people ask for always go on. So do messages in the inbox. What is under way is not called back.",
    now: "Now",
    since: "Since",
    addresses: "Addresses on the test list",
    state: |state| match state {
        SendingState::Open => "Sends to everybody",
        SendingState::Paused => "Paused",
        SendingState::Trial => "On trial",
    },
    choose: "Choose what should happen",
    choice: |state| match state {
        SendingState::Open => "Send to everybody",
        SendingState::Paused => "Pause",
        SendingState::Trial => "On trial: to a test list only",
    },
    hint: |state| match state {
        SendingState::Open => "What waits is sent now. Events of a trial do not go to others afterwards either.",
        SendingState::Paused => "Nobody gets anything. Everything waits until you resume it.",
        SendingState::Trial => {
            "New events go to these addresses only, if they are subscribed. Others are counted as skipped. What waited keeps waiting."
        }
    },
    list: "Test list",
    list_hint: "For a trial only. One e-mail address or mobile number a line, at most 100. The gateway does not show the addresses again.",
    confirm: "I know that this is for everybody who gets messages of this kanaal",
    change: "Do this",
    nothing_chosen: "Choose what should happen",
    not_confirmed: "Tick the box to confirm this",
    fault: |fault| match fault {
        TrialFault::Empty => "Fill in at least one address".to_owned(),
        TrialFault::TooMany => "Fill in at most 100 addresses".to_owned(),
        TrialFault::Wrong { number } => format!("Line {number} is neither an e-mail address nor a mobile number"),
    },
    opened: "The kanaal sends to everybody again.",
    paused: "The kanaal is paused. Nothing is sent any more.",
    tried: "The kanaal is on trial. New events go to the test list only.",
    link: "Pause or trial",
    link_one: |kanaal| format!("Pause, resume or try what {kanaal} sends"),
    held: "Waits: the kanaal is paused or on trial",
};

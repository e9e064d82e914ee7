//! The inputs of a mailing and its effects, as plain values.

use std::time::Duration;

use model::{
    addressee::{Addressee, AddresseeId, Digest, Evidence},
    clock::Instant,
    consent::Rate,
};

use super::{Checkpoint, Counts, FilterResult};

/// What happened.
#[derive(Debug)]
pub enum Input {
    /// Time passed: the first input, and when a wake is due.
    Tick,
    /// The chunk that was asked for.
    Chunk(Chunk),
    /// The chunk could not be read.
    ChunkFailed,
    /// The state of an addressee as it is now; `None` when there is no such addressee. It is passed on without delay after it was
    /// read: the message is sent on the strength of it.
    Checked(AddresseeId, Option<Box<Addressee>>),
    /// The state of an addressee could not be read.
    CheckFailed(AddresseeId),
    /// The event waits for the mail of this addressee, and that is durable; in place of its state (CH-101).
    Collected(AddresseeId),
    /// The reply to a message.
    Answered(AddresseeId, Reply),
    /// The last checkpoint is durable. The driver retries one that cannot be stored.
    Stored,
    /// The provider's state, before anything is sent, and when it changes.
    Provider(ProviderState),
    /// End the mailing: no message is sent any more (CH-94).
    Stop,
    /// Go on after [`Effect::Suspended`].
    Resume,
    /// The kanaal sends nothing for the time being, or it sends again (CH-132).
    Paused(bool),
}

/// A part of the walk.
#[derive(Debug)]
pub struct Chunk {
    /// The addressees, in the order of their digests.
    pub addressees: Vec<Candidate>,
    /// Where to walk on; `None` at the end.
    pub next: Option<Digest>,
    /// The number of damaged rows that were passed over.
    pub damaged: u32,
}

/// An addressee of the walk.
#[derive(Debug)]
pub struct Candidate {
    /// The addressee as stored.
    pub addressee: Addressee,
    /// The result of the filter of the sender for its attributes; it matches when there is none (CH-71).
    pub sender: FilterResult,
}

/// The class of the reply to one message. For e-mail it follows from the class of `channel-email`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// The provider took the message.
    Accepted,
    /// The address does not exist, or is refused for good (CH-110).
    AddresseeFailed,
    /// Not now; it costs an attempt (CH-142).
    AddresseeLater,
    /// The provider failed, or the way to it: nothing is known of the addressee, and it costs no attempt.
    ProviderFailed {
        /// For how long the provider wants no message, if it said.
        retry_after: Option<Duration>,
    },
    /// The sender or the content is refused (CH-143).
    MessageRefused,
    /// The event has not what its message must have, so that there is none (CH-85). That is the fault of no addressee, and no other
    /// message shows more.
    Untranslatable,
    /// The message was sent, and the reply did not arrive.
    Unknown,
}

/// The provider, as whoever shares it between mailings sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderState {
    /// It takes messages.
    Open {
        /// This mailing's part of the rate.
        rate: Rate,
        /// How many messages this mailing may have under way.
        slots: usize,
    },
    /// It takes none.
    Closed {
        /// The end of that, if it is known; otherwise the next state ends it.
        until: Option<Instant>,
    },
}

/// What is to be done.
#[derive(Debug)]
pub enum Effect {
    /// Read a part of the walk.
    Read {
        /// Only addressees with higher digests; `None` to begin.
        after: Option<Digest>,
        /// How many addressees are wanted.
        limit: usize,
    },
    /// Read the state of an addressee.
    Check {
        /// The addressee.
        id: AddresseeId,
        /// Whether it is likely to get the event with others in one mail, so that nothing is sent now.
        is_collected: bool,
    },
    /// Send the message to an addressee now.
    Send {
        /// The addressee, as it was just read.
        addressee: Box<Addressee>,
        /// The number of the attempt, from 1. The Message-ID does not depend on it.
        attempt: u32,
    },
    /// Make this evidence durable before anything that follows is stored.
    Record(Vec<Evidence>),
    /// Store a checkpoint, and report when it is durable. There is no other until then.
    Store(Checkpoint),
    /// Give [`Input::Tick`] at this moment; it replaces the last wake.
    Wake(Instant),
    /// The message was refused for several addressees: somebody has to look at template or provider (CH-143).
    Suspended,
    /// All have ended, and that is durable.
    Finished(Counts),
}

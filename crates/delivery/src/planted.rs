//! Bugs that tests plant in the machines, to show that the simulation finds each of them. Only the feature `planted` has
//! them: no program of a release does. `docs/design/planted-bugs.md` has the seeds that each of them needed.
//!
//! A place in the code asks `planted!(Name)`. Without the feature that is the constant `false`; with it, whether this
//! thread runs with that bug ([`plant`]).

#[cfg(not(feature = "planted"))]
macro_rules! planted {
    ($name:ident) => {
        false
    };
}

#[cfg(feature = "planted")]
macro_rules! planted {
    ($name:ident) => {
        $crate::planted::Bug::$name.is_planted()
    };
}

pub(crate) use planted;

#[cfg(feature = "planted")]
pub use self::bugs::{Bug, Simulation, plant};

#[cfg(feature = "planted")]
mod bugs {
    use std::cell::Cell;

    /// The simulation that is to find a bug.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Simulation {
        /// Worlds of one shard.
        Shards,
        /// Worlds of one mailing.
        Mailings,
    }

    macro_rules! bugs {
        ($($simulation:ident $name:ident, $breaks:literal: $what:literal;)*) => {
            /// A bug that can be planted.
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
            pub enum Bug {
                $(#[doc = $what] $name,)*
            }

            impl Bug {
                /// All of them, by subject.
                pub const ALL: &[Self] = &[$(Self::$name,)*];

                /// The simulation that is to find it.
                pub const fn simulation(self) -> Simulation {
                    match self {
                        $(Self::$name => Simulation::$simulation,)*
                    }
                }

                /// The name by which it is planted.
                pub const fn name(self) -> &'static str {
                    match self {
                        $(Self::$name => stringify!($name),)*
                    }
                }

                /// What is wrong with it.
                pub const fn what(self) -> &'static str {
                    match self {
                        $(Self::$name => $what,)*
                    }
                }

                /// The promise that it breaks.
                pub const fn breaks(self) -> &'static str {
                    match self {
                        $(Self::$name => $breaks,)*
                    }
                }
            }
        };
    }

    // Simulation, name, the promise that it breaks, and what is wrong.
    bugs! {
        // Reading
        Shards TailWakesNobody, "I1": "the end of a log moves and no read is queued";
        Shards FailedReadIsForgotten, "I1": "a read that failed is not tried again";
        Shards FallsBehindByOneMore, "I1": "a subscription without room continues behind the event that had none";
        Shards CatchUpSkipsOne, "I1": "catching up stops at a full window and continues one event further";
        Shards CatchUpGoesTooFar, "once": "catching up accepts the event at the mark of the shared reader as well";
        Shards StartIsTheEnd, "I1": "what a subscription comes to cover starts at the end of the log instead of at its start";
        Shards OldMarkCounts, "selection": "a stored mark from before a subscription left a kanaal counts when it has returned";
        Shards StartLeadsOthersOn, "I1": "a restart leads the shared reader to the start of one subscription although another is level";
        Shards AheadStartsEarly, "selection": "a subscription that is ahead gets the event before its start";
        Shards ExpiryOfSharedIsSilent, "I1": "records that retention removed before the shared reader came have no outcome";
        Shards ExpiryIsOneShort, "I1": "the range of expired records ends one record early";
        Shards CatchUpExpiryIsSilent, "I1": "records that retention removed before a subscription that is behind came have no outcome";
        Shards RereadRepeatsItself, "duplicate": "a record that is read twice counts as a duplicate of itself";
        Shards DuplicateOfUnsent, "duplicate": "an event counts as a duplicate of one from before the subscription changed";
        Shards RestartForgetsUnread, "I1": "a subscription that had expired returns and what it missed has no outcome";

        // Checkpoints
        Shards RewindIsNotStored, "I2": "a shared reader is set back and its stored mark stays ahead";
        Shards CursorIsNotStored, "I2": "an own cursor moves and is not part of the next checkpoint";
        Shards MarksAreNotHeldBack, "I2": "a checkpoint writes the marks of this moment instead of the last epoch";
        Shards EpochIsOneOff, "I2": "deliveries of the last epoch are not listed";
        Shards SettledStaysListed, "once": "a settled delivery is not removed from the list";
        Shards ForgottenBeforeTheEnd, "I2": "a delivery leaves the list when its dead letter begins to be stored";
        Shards RereadIsNotExpected, "once": "a restored delivery beyond the mark is accepted again when it is read again";
        Shards EntriesBeforeJournal, "I2": "a checkpoint stores its entries before the journal is durable";
        Shards RetriesAreNotStored, "retries": "a listed delivery is stored without the retries that it consumed";

        // Retries and dead letters
        Shards RetryIsNotCounted, "retries": "a retry is made and not counted";
        Shards OutageConsumesRetries, "retries": "failures during an outage consume retries";
        Shards RetryWaitsForNothing, "retries": "the wait of the ladder is left out";
        Shards RestoredWaitFollowsClock, "retries": "the wait of a restored delivery is as long as the clock of the node makes it";
        Shards DeadLetterIsAssumed, "dead letter": "a delivery ends although its dead letter could not be stored";
        Shards DeadLetterIsNotRetried, "I1": "a dead letter that could not be stored is not stored again";

        // Pace, outage and end of sinks
        Shards RetryAfterIsShortened, "I3": "a shorter `Retry-After` replaces a longer one";
        Shards RetryAfterIsNotStored, "I3": "`Retry-After` is not stored";
        Shards RetryAfterIgnoresClock, "I3": "`Retry-After` is not stored again when the wall clock was set";
        Shards GoneIsNotNoted, "I4": "410 asks the registry for the end and does not stop requests until then";
        Shards GoneEndsOnlyOne, "I4": "410 ends one subscription of the sink";
        Shards HaltIsLifted, "I4": "any change of a subscription lifts its halt";
        Shards IdleTimeBecomesBurst, "I6": "a sink may make up for the time without requests";
        Shards RestartForgetsPace, "I6": "the pace begins anew after a restart";
        Shards HighestRateCounts, "I6": "the highest of the rates that the subscriptions of a sink were granted counts";
        Shards ExtraRequestsAreFree, "I6": "extra requests do not count in the pace";
        Shards ProbesDoNotWait, "outage": "during an outage several probes are sent at once";
        Shards SlotIsNotFreed, "I1": "a request that the gateway could not send keeps its slot";
        Shards LateAnswerCounts, "once": "an answer after the time-out counts for the request that has its slot now";
        Shards SinkTimerIsSetOnce, "I1": "the timer of a sink is set once and never again";

        // Bounds
        Shards ShardTakesAnyNumber, "I8": "the bound on requests under way of the shard is not checked";
        Shards SubscriptionTakesAnyNumber, "I8": "the bound on requests under way of a subscription is not checked";
        Shards PayloadIsCountedForever, "I1": "the payload of a settled delivery still counts in the window";

        // Order
        Shards KeyIsNotBlocked, "I7": "a later event of a key is ready at once";
        Shards RetryFreesKey, "I7": "a delivery that waits for a retry frees its key";
        Shards LineUpByArrival, "I7": "after a change of the order, deliveries line up as they arrived";
        Shards KeysAreNotRead, "I7": "a restart sends before the keys of restored deliveries are known";

        // Consent, approval, disclosure, status
        Shards PausedIsSentTo, "I5": "a paused subscription is sent to";
        Shards ConsentChangeIsMissed, "I5": "a change of consent does not reach the machine";
        Shards WithheldIsRetried, "approval": "a failed delivery is retried after the approval was withdrawn";
        Shards WithheldStaysReady, "approval": "what was read before the approval was withdrawn is sent";
        Shards ApprovalChangeIsMissed, "disclosure": "a change of approval or disclosure does not reach the machine";
        Shards DataIsAlwaysSent, "disclosure": "the payload is sent although only attributes are disclosed";
        Shards LingerIsForgotten, "I1": "a batch that waits for more events sets no timer";
        Shards DrainGoesOn, "drain": "a shard that stops starts requests";

        // Runs
        Shards RunEndsBeforeItsLast, "runs": "a run ends while deliveries of it are unsettled";
        Shards RunEndsBeforeCheckpoint, "runs": "a run ends before its outcomes are stored";
        Shards RunStopsOneShort, "runs": "a replay leaves out the last record of its range";
        Shards RunStartsAgain, "once": "a restart begins a replay again";
        Shards RedrivenIsNotRemoved, "runs": "the dead letter that a run redrove stays";

        // Mailings
        Mailings AdmittedIsNotListed, "I11": "an addressee behind the cursor is not listed";
        Mailings EndedStaysListed, "I11": "an addressee that ended is not removed from the list";
        Mailings EvidenceAfterCheckpoint, "I11": "a checkpoint is stored before the evidence of those that it leaves out";
        Mailings IntentIsNotStored, "I11": "a text message is sent before the intent is durable";
        Mailings IntentIsForgotten, "I11": "a restart sends a text message in doubt again";
        Mailings UnstoredIsUnbounded, "I11": "any number of messages is sent after the last checkpoint";
        Mailings LaterRepliesAreLost, "I11": "an addressee whose retry is due is not woken";
        Mailings StateIsNotRead, "I9": "a message is sent to an addressee who has left";
        Mailings LateSubscriberIsSentTo, "CH-91": "an addressee who subscribed after the event gets it";
        Mailings StopIsIgnored, "CH-94": "a message whose turn had begun is sent after the stop";
        Mailings WalkDoesNotWait, "I8": "the next chunk is read although the window is full";
        Mailings CheckLosesItsSlot, "I11": "a state that could not be read keeps its slot";
        Mailings EndIsCountedTwice, "CH-86": "an addressee whose message fails is counted twice";
    }

    thread_local! {
        static PLANTED: Cell<Option<Bug>> = const { Cell::new(None) };
    }

    /// The machines of this thread have this bug from now on, and no other.
    pub fn plant(bug: Option<Bug>) {
        PLANTED.set(bug);
    }

    impl Bug {
        pub(crate) fn is_planted(self) -> bool {
            PLANTED.get() == Some(self)
        }
    }
}

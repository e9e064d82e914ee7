//! Steps in which others change the registry: a sink withdraws its consent or grants another rate, the owner of a kanaal
//! decides, a subscription is deleted.

use delivery::{Class, ExtraRequest, machine::Input};
use model::{
    AttributeName, Timestamp,
    approval::{Approval, ApprovalDecision, ApprovalState, Disclosure},
    clock::SeededRandom,
    consent::Consent,
};

use super::{
    made::{any_consent, name},
    sinks::{below, chance},
    world::World,
};

fn any_approval(random: &SeededRandom) -> Approval {
    let decision = ApprovalDecision { by: "o".into(), at: Timestamp::default(), reason: None };
    let state = if chance(random, 60) { ApprovalState::Approved(decision) } else { ApprovalState::Awaiting };
    let attributes = match below(random, 3) {
        0 => None,
        1 => Some(vec![]),
        _ => Some(vec![AttributeName::new("partitionkey").expect("a name")]),
    };
    let disclose = chance(random, 70).then(|| Disclosure { attributes, data: chance(random, 40) });
    Approval { kanaal: name(below(random, 2) as usize), state, disclose }
}

impl World {
    /// The consent of a subscription is withdrawn, or another rate is granted.
    pub fn change_consent(&mut self, random: &SeededRandom) {
        self.change_one(random, |subscription, _| {
            subscription.consent =
                if chance(random, 40) { Consent::fresh(subscription.changed) } else { any_consent(random) };
        });
    }

    /// The owner of a kanaal decides on a subscription.
    pub fn change_approval(&mut self, random: &SeededRandom) {
        let approval = any_approval(random);
        let id = self.change_one(random, |subscription, _| {
            subscription.approvals.retain(|one| one.kanaal != approval.kanaal);
            subscription.approvals.push(approval);
        });
        // Without approval, what a subscription to all kanalen does not get has no outcome.
        if self.subscriptions.iter().position(|one| one.id == id).is_some_and(|at| self.withholds(at)) {
            self.reselected.insert(id);
        }
    }

    /// A subscription is deleted, with its runs.
    pub fn delete(&mut self, random: &SeededRandom) {
        if self.subscriptions.len() < 2 {
            return;
        }
        let at = below(random, self.subscriptions.len() as u64) as usize;
        self.trace(|| format!("  subscription {at} is deleted; those behind it have one number less from now on"));
        let gone = self.subscriptions.remove(at);
        self.oracle.moved(&gone.sink);
        self.runs.retain(|run| run.subscription != gone.id);
        self.input(Input::SubscriptionDeleted(gone.id));
    }

    /// Somebody sends a test event or a check to a sink.
    pub fn extra_request(&mut self, random: &SeededRandom) {
        let at = below(random, self.subscriptions.len() as u64) as usize;
        let (id, sink) = (self.subscriptions[at].id, self.subscriptions[at].sink.key().to_owned());
        for _ in 0..=below(random, 20) {
            if self.machine.start_extra_request(id, self.moment()) != Some(ExtraRequest::Start) {
                return;
            }
            self.trace(|| format!("  an extra request to {sink}"));
            self.count_extra_start(&sink);
        }
        if chance(random, 30) {
            let wait = std::time::Duration::from_secs(1 + below(random, 100));
            self.oracle.asked_for_silence(&sink, self.now + wait, self.now);
            self.machine.extra_request_answered(id, Class::Paced(wait), self.moment());
        }
    }
}

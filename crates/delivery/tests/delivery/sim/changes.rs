//! Changes of subscriptions: every member that its owner, the owner of a kanaal or the gateway can change.

use std::{num::NonZeroU32, time::Duration};

use model::{
    KanaalName, Mark, Partition, Sink, Subscription,
    approval::{Approval, ApprovalState},
    clock::SeededRandom,
    consent::Consent,
    selection::{NativeSelection, Selection},
    subscription::{HeaderText, Order, Status, Thousandths},
};

use super::{
    made::{SINKS, TYPES, any_format, name, url},
    sinks::{below, chance},
};

/// Changes a member that does not change which events a subscription gets.
pub fn change_member(subscription: &mut Subscription, random: &SeededRandom, consents: &[Consent]) {
    match below(random, 16) {
        0..=3 => subscription.order = if subscription.order == Order::Key { Order::None } else { Order::Key },
        4 | 5 => {
            let sink = below(random, SINKS) % consents.len() as u64;
            subscription.sink = Sink::Webhook(url(sink));
            subscription.consent = consents[sink as usize].clone();
        }
        6 => subscription.format = any_format(random),
        7 => {
            subscription.retry.ladder_only = !subscription.retry.ladder_only;
            subscription.retry.max_retries = below(random, 8) as u32;
            subscription.retry.factor = Thousandths(1 + below(random, 10_000) as u32);
            subscription.retry.cap = Duration::from_secs(1 + below(random, 60));
        }
        8 => subscription.max_in_flight = NonZeroU32::new(below(random, 4) as u32),
        9 => subscription.requested_rate = NonZeroU32::new(below(random, 100) as u32),
        10 => subscription.consent = Consent::fresh(subscription.changed),
        11 => subscription.headers = vec![("x".into(), HeaderText::Clear(below(random, 9).to_string()))],
        12 => subscription.tls = chance(random, 50).then(|| "profile".into()),
        13 => subscription.expires = chance(random, 50).then(|| subscription.changed + Duration::from_hours(1)),
        14 => {
            subscription.status = match below(random, 2) {
                _ if matches!(subscription.status, Status::Gone { .. }) => return,
                0 => Status::Expired { at: subscription.changed },
                _ => Status::Suspended { reason: "r".into(), at: subscription.changed },
            }
        }
        _ => {
            subscription.generation += 1;
            subscription.status = Status::Active;
        }
    }
}

/// Changes a member that changes which events a subscription gets. `ends`: of all logs.
pub fn change_selection(subscription: &mut Subscription, random: &SeededRandom, ends: &[End]) {
    let kanaal = name(below(random, 2) as usize);
    let any = NativeSelection::default;
    match below(random, 4) {
        0 => {
            let types = vec![TYPES[below(random, 3) as usize].into()];
            select(subscription, NativeSelection { types, ..any() }, ends);
        }
        1 => select(subscription, NativeSelection { kanalen: vec![kanaal], ..any() }, ends),
        2 => select(subscription, NativeSelection { kanalen: vec![name(0), name(1)], ..any() }, ends),
        _ => {
            let state = ApprovalState::Awaiting;
            subscription.approvals = vec![Approval { kanaal, state, disclose: None }];
        }
    }
}

/// Lets a subscription that had ended start at the present ends, as `management` does with the change that makes it active again.
pub fn start_anew(subscription: &mut Subscription, ends: &[End]) {
    let selection = &subscription.selection;
    subscription.start.retain(|(kanaal, ..)| !selection.covers(kanaal));
    subscription.start.extend(ends.iter().filter(|(kanaal, ..)| selection.covers(kanaal)).cloned());
}

/// The end of a log.
pub type End = (KanaalName, Partition, Mark);

/// Changes the selection of a subscription as `management` does: what it comes to cover starts at its present end.
pub fn select(subscription: &mut Subscription, selection: NativeSelection, ends: &[End]) {
    let to = Selection::Native(selection);
    for end in ends.iter().filter(|(kanaal, ..)| to.covers(kanaal) && !subscription.selection.covers(kanaal)) {
        subscription.start.retain(|(kanaal, partition, _)| (kanaal, partition) != (&end.0, &end.1));
        subscription.start.push(end.clone());
    }
    subscription.selection = to;
}

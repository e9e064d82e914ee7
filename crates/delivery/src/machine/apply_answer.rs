//! What the answer to a request does to its deliveries, its subscription and its sink. What an answer means is decided
//! in `crate::channel`; whether a failure consumes a retry or starts an outage is decided here and in `outage`. The page
//! docs/delivery-outcomes.md describes it to owners of subscriptions.

use std::time::Duration;

use model::{
    outcome::{Attempt, Outcome},
    subscription::{Format, RetryPolicy},
};
use storage::journal::Entry;

use super::{
    Delivery, Machine, Request, SubscriptionState,
    delivery::{DeliveryState, Form},
};
use crate::{
    arena::Id,
    backoff,
    channel::{Answer, Cause, Class},
    event_log,
    planted::planted,
};

impl Machine {
    pub(super) fn request_answered(&mut self, id: Id<Request>, answer: Answer) {
        let Some(mut request) = self.requests.remove(id) else { return };
        let class = answer.reply.class;
        self.effects.counts.attempts[class.number()] += 1;
        self.free_slot(request.sink, class, request.ignores_outage);
        self.request_left_keys(&request);
        if let Some(subscription) = self.subscriptions.get_mut(request.subscription) {
            subscription.in_flight -= 1;
            if class != Class::Delivered {
                subscription.last_error = Some((self.wall, answer.reply.reason()));
            }
        }
        if class == Class::Delivered {
            self.sink_succeeded(request.sink);
            self.settle_all(&request, Outcome::Delivered, answer.attempt().as_ref());
        } else {
            self.log_failure(&request, &answer);
            self.settle_withheld(&mut request, &answer);
            self.apply_failure(&request, class, &answer);
            self.queue_catch_up_read(request.subscription);
            self.queue_run_reads(request.subscription);
        }
        self.queue_at_sink(request.subscription);
        self.mark_runnable(request.sink);
        self.sink_timer_fired(request.sink);
    }

    fn log_failure(&self, request: &Request, answer: &Answer) {
        for delivery in request.deliveries.iter().filter_map(|id| self.deliveries.get(*id)) {
            if let Some(item) = delivery.state.payload() {
                event_log::log_failed_attempt(item, delivery.subscription_id, delivery.requests, answer);
            }
        }
    }

    /// Ends the deliveries of a failed request whose kanaal's owner has withdrawn the approval meanwhile: they are not
    /// retried.
    fn settle_withheld(&mut self, request: &mut Request, answer: &Answer) {
        let Some(subscription) = self.subscriptions.get(request.subscription) else { return };
        let (withheld, kept) = std::mem::take(&mut request.deliveries).into_iter().partition::<Vec<_>, _>(|id| {
            self.deliveries.get(*id).is_some_and(|delivery| subscription.is_withheld(&delivery.partition.kanaal))
        });
        request.deliveries = kept;
        if planted!(WithheldIsRetried) {
            request.deliveries.extend(withheld);
            return;
        }
        for id in withheld {
            self.settle(id, Outcome::Ended, answer.attempt());
        }
    }

    /// Applies an answer of any class but `Delivered`.
    fn apply_failure(&mut self, request: &Request, class: Class, answer: &Answer) {
        let attempt = answer.attempt();
        let attempt = attempt.as_ref();
        if class == Class::Gone {
            self.sink_gone(request.sink);
        }
        // An answer that comes after the end of the subscription, or ends it, is the last one.
        let subscription = self.subscriptions.get(request.subscription).filter(|_| class != Class::Gone);
        let end = subscription.map_or(Some(Outcome::Ended), SubscriptionState::end_outcome);
        let (Some(subscription), None) = (subscription, end) else {
            self.settle_all(request, end.unwrap_or(Outcome::Ended), attempt);
            return;
        };
        let policy = subscription.spec.retry;
        let keeps_order = subscription.keeps_key_order();
        let can_fall_back =
            !request.fallback && matches!(subscription.spec.format, Format::Batch { .. } | Format::Binary);
        if keeps_order {
            for id in &request.deliveries {
                self.yield_key(*id);
            }
        }
        match class {
            Class::Delivered | Class::Gone => {}
            Class::Paced(wait) => self.pause_sink(request, wait, attempt),
            Class::Format if can_fall_back => {
                self.sink_refused(request.sink);
                self.make_ready_again(request, Form::Fallback, attempt);
            }
            Class::Refused | Class::Format if request.deliveries.len() > 1 => {
                self.sink_refused(request.sink);
                self.make_ready_again(request, Form::Alone, attempt);
            }
            Class::Refused | Class::Format if policy.ladder_only => {
                self.sink_refused(request.sink);
                self.retry_or_give_up_all(request, answer, attempt);
            }
            Class::Refused | Class::Format => {
                self.sink_refused(request.sink);
                self.store_dead_letters(request, Outcome::Refused, answer, attempt);
            }
            Class::Untranslatable => self.store_dead_letters(request, Outcome::Untranslatable, answer, attempt),
            Class::Failed(Cause::Gateway) => self.send_again_soon(request),
            Class::Failed(_) if policy.ladder_only => self.retry_or_give_up_all(request, answer, attempt),
            Class::Failed(cause)
                if self.in_outage(request.sink) && cause != Cause::Event && !planted!(OutageConsumesRetries) =>
            {
                self.sink_failed(request.sink, &policy, cause, request.probe);
                self.make_ready_at_end(request, attempt);
            }
            Class::Failed(cause) => self.apply_failed_request(request, cause, answer, attempt),
        }
    }

    /// Applies a failure outside an outage, or one that the event caused.
    fn apply_failed_request(&mut self, request: &Request, cause: Cause, answer: &Answer, attempt: Option<&Attempt>) {
        let Some(policy) = self.subscriptions.get(request.subscription).map(|one| one.spec.retry) else { return };
        let is_own = cause == Cause::Event || self.others_succeeded_since(request);
        if is_own {
            self.sink_refused(request.sink);
        }
        let several = request.deliveries.len() > 1;
        match cause {
            // One event of a batch may be to blame for the failure of all.
            _ if several && (is_own || cause == Cause::EventOrSink) => {
                self.make_ready_again(request, Form::Alone, attempt);
            }
            Cause::Sink | Cause::Connection if !is_own => {
                self.sink_failed(request.sink, &policy, cause, false);
                self.make_ready_at_end(request, attempt);
            }
            _ => {
                if !is_own {
                    self.count_failure(request, &policy);
                }
                self.retry_or_give_up_all(request, answer, attempt);
            }
        }
    }

    /// Whether a delivery of a request failed before and others succeeded since. Then the event is the cause, not the
    /// sink.
    fn others_succeeded_since(&self, request: &Request) -> bool {
        let successes = self.successes(request);
        let failed_at = |id: &Id<Delivery>| Some(self.deliveries.get(*id)?.failure?.successes);
        request.deliveries.iter().filter_map(failed_at).any(|failed_at| successes > failed_at)
    }

    fn successes(&self, request: &Request) -> u64 {
        self.sinks.get(request.sink).map_or(0, |sink| sink.successes)
    }

    /// Sends the deliveries of a request again after a moment: the gateway could not send them. Consumes no retry.
    fn send_again_soon(&mut self, request: &Request) {
        let until = self.now + self.settings.storage_retry;
        for id in &request.deliveries {
            self.park(*id, until);
        }
    }

    fn settle_all(&mut self, request: &Request, outcome: Outcome, attempt: Option<&Attempt>) {
        for id in &request.deliveries {
            self.settle(*id, outcome, attempt.cloned());
        }
    }

    /// Applies `Retry-After`: nothing is sent to the sink before, and no retry is consumed (I3).
    fn pause_sink(&mut self, request: &Request, wait: Duration, attempt: Option<&Attempt>) {
        let until = self.now + wait;
        if let Some(sink) = self.sinks.get_mut(request.sink) {
            sink.silent_until =
                if planted!(RetryAfterIsShortened) { Some(until) } else { sink.silent_until.max(Some(until)) };
            if let Some(outage) = sink.outage.as_mut().filter(|_| request.probe) {
                outage.not_before(until);
            }
        }
        if !planted!(RetryAfterIsNotStored) {
            self.checkpoints.sink_changed(request.sink);
        }
        self.make_ready_again(request, Form::AsSubscribed, attempt);
    }

    /// Counts an event towards an outage, unless its failures are its own.
    fn count_failure(&mut self, request: &Request, policy: &RetryPolicy) {
        let first = request.deliveries.first().and_then(|id| self.deliveries.get(*id));
        if let Some(delivery) = first.filter(|delivery| delivery.counts_against_sink()) {
            let event = (delivery.reader, delivery.position);
            self.event_or_sink_failed(request.sink, policy, event);
        }
    }

    fn retry_or_give_up_all(&mut self, request: &Request, answer: &Answer, attempt: Option<&Attempt>) {
        self.mark_all_failed(request);
        for id in &request.deliveries {
            self.retry_or_give_up(*id, answer, attempt);
        }
    }

    /// Notes that the deliveries of a request failed, unless their subscription has another sink now.
    fn mark_all_failed(&mut self, request: &Request) {
        let sink = self.subscriptions.get(request.subscription).map(|one| one.sink);
        if sink == Some(request.sink) {
            let successes = self.successes(request);
            for id in &request.deliveries {
                self.mark_failed(*id, successes);
            }
        }
    }

    /// Consumes a retry: the delivery waits for its next attempt, or becomes a dead letter when no retry is left.
    fn retry_or_give_up(&mut self, id: Id<Delivery>, answer: &Answer, attempt: Option<&Attempt>) {
        let bits = self.random.bits();
        let Some(delivery) = self.deliveries.get_mut(id) else { return };
        let Some(subscription) = self.subscriptions.get(delivery.subscription) else { return };
        let policy = &subscription.spec.retry;
        if delivery.retries >= policy.max_retries {
            self.store_dead_letter(id, Outcome::RetriesExhausted, answer, attempt.cloned());
            return;
        }
        let wait = backoff::wait(policy, delivery.retries, bits);
        let until = if planted!(RetryWaitsForNothing) { self.now } else { self.now + wait };
        delivery.retries += u32::from(!planted!(RetryIsNotCounted));
        self.checkpoints.delivery_retried(id);
        self.journal_attempt(id, attempt);
        self.park(id, until);
    }

    /// Makes the deliveries of a request ready again, in their old place and at least in this form; consumes no retry.
    fn make_ready_again(&mut self, request: &Request, form: Form, attempt: Option<&Attempt>) {
        for id in &request.deliveries {
            if let Some(delivery) = self.deliveries.get_mut(*id) {
                delivery.form = delivery.form.max(form);
                self.journal_attempt(*id, attempt);
                self.make_ready(*id);
            }
        }
    }

    /// Makes the deliveries of a request ready again behind all others and without payload; consumes no retry.
    fn make_ready_at_end(&mut self, request: &Request, attempt: Option<&Attempt>) {
        self.mark_all_failed(request);
        for id in &request.deliveries {
            self.move_to_end_of_window(*id);
            if let Some(delivery) = self.deliveries.get_mut(*id) {
                let payload = delivery.state.take_payload();
                delivery.state = DeliveryState::Ready { payload };
                self.release_payload(*id);
            }
        }
        self.make_ready_again(request, Form::AsSubscribed, attempt);
    }

    fn store_dead_letters(&mut self, request: &Request, outcome: Outcome, answer: &Answer, attempt: Option<&Attempt>) {
        for id in &request.deliveries {
            self.store_dead_letter(*id, outcome, answer, attempt.cloned());
        }
    }

    fn journal_attempt(&mut self, id: Id<Delivery>, attempt: Option<&Attempt>) {
        if let (Some(delivery), Some(attempt)) = (self.deliveries.get(id), attempt) {
            self.effects.journal.push(Entry::Attempt {
                delivery: delivery.delivery_key(),
                number: delivery.requests,
                attempt: attempt.clone(),
            });
        }
    }
}

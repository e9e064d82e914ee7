//! The closed list of problem types: every refusal that the APIs answer with is of one of these.
//!
//! `docs/errors.md` is generated from this list ([`table`]).

use std::fmt::Write as _;

use http::StatusCode;

/// The prefix of the URN of every problem type.
pub const TYPE_PREFIX: &str = "urn:nl-gov-event-gateway:problem:";

/// One entry of the list.
struct Entry {
    name: &'static str,
    status: StatusCode,
    title: &'static str,
    when: &'static str,
    remedy: &'static str,
}

macro_rules! problem_types {
    ($($variant:ident = $name:literal, $status:ident, $title:literal, $when:literal, $remedy:literal;)*) => {
        /// A kind of refusal: its name on the wire, the status it is answered with, and its title.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ProblemType {
            $(#[doc = $when] $variant,)*
        }

        impl ProblemType {
            /// Every problem type, in the order of their statuses.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            const fn entry(self) -> &'static Entry {
                match self {
                    $(Self::$variant => &Entry {
                        name: $name,
                        status: StatusCode::$status,
                        title: $title,
                        when: $when,
                        remedy: $remedy,
                    },)*
                }
            }
        }
    };
}

problem_types! {
    InvalidRequest = "invalid-request", BAD_REQUEST, "Invalid request",
        "Members, headers or query parameters break rules.",
        "Correct each member that `errors` names.";
    InvalidJson = "invalid-json", BAD_REQUEST, "Invalid request",
        "The body is not a JSON object.",
        "Send a JSON object in UTF-8.";
    BrokenBody = "broken-body", BAD_REQUEST, "Invalid request",
        "The connection or stream ended before the whole body arrived.",
        "Send the request again.";
    TwoTokens = "two-tokens", BAD_REQUEST, "Invalid request",
        "The request carries more than one token: two `Authorization` headers, or a header and `access_token`.",
        "Send one token.";
    TooBroad = "too-broad", BAD_REQUEST, "Invalid request",
        "A redrive by filter matches more dead letters than one run may have, or a filter of a list passes over too many rows.",
        "Narrow the filter by subscription, kanaal or time.";
    InvalidEvent = "invalid-event", BAD_REQUEST, "Invalid event",
        "An event breaks a rule of CloudEvents, or a rule of the profile, privacy or payload schema that its kanaal enforces.",
        "Correct the attributes and payload places that `errors` names; `dryRun=true` checks without storing.";
    UnsupportedSpecversion = "unsupported-specversion", BAD_REQUEST, "Invalid event",
        "`specversion` of an event is absent or is not `1.0`.",
        "Send CloudEvents 1.0.";
    BatchTooLarge = "batch-too-large", BAD_REQUEST, "Batch too large",
        "A batch has more events than `limits.batch_events`.",
        "Split the batch.";
    UnknownKanaal = "unknown-kanaal", BAD_REQUEST, "Invalid request",
        "The request names a kanaal that does not exist.",
        "Create the kanaal, or correct its name.";
    NoKanaal = "no-kanaal", BAD_REQUEST, "Invalid event",
        "No routing rule gives the event a kanaal.",
        "Name one in the query parameter or extension `kanaal`, or register a type route.";
    Loop = "loop", BAD_REQUEST, "Loop of gateways",
        "The event passed this gateway before, or more than 32 gateways (`Gateway-Via`).",
        "Remove the subscription through which gateways deliver to each other in a circle.";
    Unauthenticated = "unauthenticated", UNAUTHORIZED, "No valid token",
        "There is no token, or it is not valid, or the client certificate is of no applicatie or of another than the token. The \
         Notificaties API answers 403 with a code of its own.",
        "Send `Authorization: Bearer` with a fresh token of a known `client_id`, or show a certificate of its applicatie.";
    Forbidden = "forbidden", FORBIDDEN, "Not allowed",
        "The token is valid but does not give the scope, or the resource belongs to another client.",
        "Obtain the scope, or act as the owner.";
    ForeignForm = "foreign-form", FORBIDDEN, "Not allowed",
        "A form of the console was not posted by a page of this session.",
        "Open the page again and repeat the change.";
    InsecureConnection = "insecure-connection", FORBIDDEN, "Not allowed",
        "The console is used over plain HTTP, which it serves on a loopback address only.",
        "Use HTTPS; name the proxy in `proxy.trusted` when one is in front.";
    NotCleared = "not-cleared", FORBIDDEN, "Invalid event",
        "The kanaal may not carry data of the class of an event.",
        "Publish to a kanaal that is cleared for this class.";
    NotFound = "not-found", NOT_FOUND, "Not found",
        "There is nothing at this path that the caller may see.",
        "Check the path and the identity of the caller.";
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED, "Method not allowed",
        "The path does not support the method.",
        "Use a method that the header `Allow` names.";
    NotAcceptable = "not-acceptable", NOT_ACCEPTABLE, "Not acceptable",
        "`Accept` names no type that the answer can have.",
        "Accept JSON.";
    RequestTimeout = "request-timeout", REQUEST_TIMEOUT, "Request too slow",
        "The body did not arrive within `limits.receive_seconds`.",
        "Send the request again over a faster connection.";
    KanaalExists = "kanaal-exists", CONFLICT, "Conflict with the present state",
        "There is a kanaal of this name.",
        "Use the kanaal that is there, or another name.";
    KanaalInUse = "kanaal-in-use", CONFLICT, "Conflict with the present state",
        "Subscriptions use the kanaal that is to be deleted.",
        "Delete or change those subscriptions first.";
    KanaalDeclared = "kanaal-declared", CONFLICT, "Conflict with the present state",
        "The configuration declares the kanaal otherwise, and would undo the change at the next start.",
        "Change `[[kanaal]]` in the configuration.";
    RouteTaken = "route-taken", CONFLICT, "Conflict with the present state",
        "A type route overlaps a route or the name of a kanaal of another client.",
        "Use a prefix that no other kanaal covers, or ask an administrator.";
    Quota = "quota", CONFLICT, "Conflict with the present state",
        "The client has as many subscriptions, replays under way or live streams as it may have, or the node has as many live streams.",
        "Delete subscriptions that are not used, wait until replays have ended, close streams, or ask the administrator for more.";
    FormSent = "form-sent", CONFLICT, "Conflict with the present state",
        "A form of the console was sent before, and is not handled again.",
        "Open the page again and look whether the change was made.";
    SubscriptionDeclared = "subscription-declared", CONFLICT, "Conflict with the present state",
        "The configuration declares the subscription, and would undo a change of the console at the next start.",
        "Change `[[subscription]]` in the configuration.";
    SubscriptionExists = "subscription-exists", CONFLICT, "Conflict with the present state",
        "There is a subscription with this id.",
        "Change the subscription that is there.";
    SubscriptionGone = "subscription-gone", CONFLICT, "Conflict with the present state",
        "The sink answered 410, which ended the subscription.",
        "Create a new subscription.";
    SubscriptionExpired = "subscription-expired", CONFLICT, "Conflict with the present state",
        "The subscription reached its end.",
        "Create a new subscription.";
    SubscriptionDeleted = "subscription-deleted", CONFLICT, "Conflict with the present state",
        "The subscription of a dead letter was deleted.",
        "Delete the dead letter, or republish the event.";
    MailingEnded = "mailing-ended", CONFLICT, "Conflict with the present state",
        "The mailing has ended, or does not go on in this process.",
        "Nothing is left to stop.";
    MailingStarted = "mailing-started", CONFLICT, "Conflict with the present state",
        "The moment from which people get an event is there, or the event was cancelled or replaced before, or it does not wait at this node.",
        "Publish a correction as another event.";
    MailingNotResent = "mailing-not-resent", CONFLICT, "Conflict with the present state",
        "The mailing goes on, its event is gone or expired, or there is nobody, or another number of people, to send it to again.",
        "Count again with `dryRun`; wait until the mailing has ended.";
    OutOfDate = "out-of-date", CONFLICT, "Conflict with the present state",
        "The resource was changed after the state that the command was made for.",
        "Read the resource again and repeat the change.";
    OlderRevision = "older-revision", CONFLICT, "Conflict with the present state",
        "A newer revision of the declared state is in force.",
        "Raise `revision` in the configuration.";
    SchemaExists = "schema-exists", CONFLICT, "Conflict with the present state",
        "There is a schema of this name.",
        "Use another name; a schema is never changed.";
    SchemaTaken = "schema-taken", CONFLICT, "Conflict with the present state",
        "Another schema is registered for this address or type.",
        "Withdraw the other schema, or leave the address or type out.";
    SchemaDeclared = "schema-declared", CONFLICT, "Conflict with the present state",
        "The configuration declares the schema that is to be withdrawn.",
        "Take it out of the configuration.";
    TooManySchemas = "too-many-schemas", CONFLICT, "Conflict with the present state",
        "The number of registered schemas has reached its bound.",
        "Withdraw schemas that are no longer used.";
    KeyTaken = "key-taken", CONFLICT, "Conflict with the present state",
        "Another request with the same `Idempotency-Key` was accepted meanwhile.",
        "Repeat the request to receive what it made.";
    KeyReused = "key-reused", CONFLICT, "Conflict with the present state",
        "The `Idempotency-Key` belongs to a request with another body.",
        "Use a new key for a new request.";
    Busy = "busy", CONFLICT, "Conflict with the present state",
        "Others changed the resource several times during the request.",
        "Repeat the request.";
    Manual = "manual", CONFLICT, "Conflict with the present state",
        "An agreement replaces the handshake of the subscription.",
        "No handshake is needed.";
    CannotSend = "cannot-send", CONFLICT, "Conflict with the present state",
        "A test or check is asked of a subscription to whose sink nothing may be sent now: it has not consented, an approval is awaited, or `Retry-After` runs.",
        "Read `status` of the subscription; repeat the request when the reason is gone.";
    SinkBusy = "sink-busy", CONFLICT, "Conflict with the present state",
        "Another test or check of the same sink is under way.",
        "Repeat the request when the other one has ended.";
    Unreadable = "unreadable", CONFLICT, "Conflict with the present state",
        "The record of a dead letter cannot be read.",
        "Delete the dead letter.";
    Gone = "gone", GONE, "No longer there",
        "The resource existed and is no longer there, or the consent request is closed.",
        "Make a new one.";
    PreconditionFailed = "precondition-failed", PRECONDITION_FAILED, "It was changed in the meantime",
        "`If-Match` names another version than the present one.",
        "Read the resource again and repeat the change.";
    TooLarge = "too-large", PAYLOAD_TOO_LARGE, "Body too large",
        "The body is larger than `limits.body_bytes`, or than storage accepts.",
        "Send less, or refer to the data (`dataref`).";
    UnsupportedMediaType = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "Unsupported media type",
        "The body has a type or an encoding that is not supported here.",
        "Send a type that the header `Accept` of the answer names, without `Content-Encoding`.";
    PreconditionRequired = "precondition-required", PRECONDITION_REQUIRED, "If-Match is required",
        "The request changes a resource and has no `If-Match`.",
        "Send the `ETag` of the answer that showed the resource.";
    TooManyRequests = "too-many-requests", TOO_MANY_REQUESTS, "Too many requests",
        "The client publishes more events than `limits.requests_per_second`, or asked too often to subscribe an e-mail address.",
        "Wait as long as `Retry-After` says.";
    TooManyFailures = "too-many-failures", TOO_MANY_REQUESTS, "Too many wrong tokens",
        "The client, or others at its address, sent more wrong tokens than `auth.max_failures`.",
        "Wait as long as `Retry-After` says, and correct `client_id` and secret.";
    HeadersTooLarge = "headers-too-large", REQUEST_HEADER_FIELDS_TOO_LARGE, "Headers too large",
        "The request has more or larger headers than `limits.headers` and `limits.header_bytes`.",
        "Send fewer or shorter headers.";
    Internal = "internal", INTERNAL_SERVER_ERROR, "Internal error",
        "The gateway failed.",
        "Report it to whoever runs the gateway; its log has the cause.";
    TransferCoding = "transfer-coding", NOT_IMPLEMENTED, "Unsupported transfer coding",
        "The request has a `Transfer-Encoding` other than `chunked`.",
        "Send the body as it is, with its length or in chunks.";
    Overloaded = "overloaded", SERVICE_UNAVAILABLE, "Temporarily too busy",
        "The request would wait longer than `limits.queue_ms` for its turn. Nothing was accepted.",
        "Send the request again after `Retry-After`.";
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "Temporarily unavailable",
        "Storage did not confirm, or the rights of the client are not known now. Nothing was accepted.",
        "Send the request again after `Retry-After`.";
}

impl ProblemType {
    /// The last part of the URN.
    pub const fn name(self) -> &'static str {
        self.entry().name
    }

    /// The HTTP status that it is answered with.
    pub const fn status(self) -> StatusCode {
        self.entry().status
    }

    /// The English title, the same for every problem of the type.
    pub const fn title(self) -> &'static str {
        self.entry().title
    }

    /// The URN, `type` of the problem document (RFC 9457).
    pub fn urn(self) -> String {
        format!("{TYPE_PREFIX}{}", self.name())
    }
}

/// The list as a page in Markdown.
pub fn table() -> String {
    let mut page = format!(
        "# Problem types\n\nGenerated from the code by `cargo xtask codegen`.\n\nThe `type` of a problem document (RFC 9457) is \
         `{TYPE_PREFIX}<name>`. The Notificaties API answers with documents of its own form; \
         its kinds of errors are explained at `/ref/fouten/<kind>/`.\n\n\
         | name | status | when | remedy |\n|---|---|---|---|\n"
    );
    for kind in ProblemType::ALL {
        let Entry { name, status, when, remedy, .. } = kind.entry();
        // Writing to a string does not fail.
        let _ = writeln!(page, "| `{name}` | {} | {when} | {remedy} |", status.as_u16());
    }
    page
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_entries_are_in_order_of_status() {
        let names: BTreeSet<&str> = ProblemType::ALL.iter().map(|kind| kind.name()).collect();
        assert_eq!(names.len(), ProblemType::ALL.len());
        assert!(ProblemType::ALL.is_sorted_by_key(|kind| kind.status().as_u16()));
    }
}

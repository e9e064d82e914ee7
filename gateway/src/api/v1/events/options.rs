//! `OPTIONS /v1/events`: the gateway as target of a webhook.

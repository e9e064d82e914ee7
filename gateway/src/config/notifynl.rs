//! Section `[notifynl]`: text messages, e-mail or both through NotifyNL (GOV.UK Notify's API).

use std::path::PathBuf;

use channel_sms::notify::{ApiKey, BaseUrl, Template};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Config;

/// NotifyNL as the provider of a channel; needs `[people]`.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NotifyNl {
    /// The address of the API, without path.
    pub url: String,
    /// The API key, which ends in the id of the service and the secret.
    #[serde(serialize_with = "super::hidden")]
    pub api_key: Option<String>,
    /// A file with it, read again for each message; white space at its end does not count.
    #[schema(value_type = Option<String>)]
    pub api_key_file: Option<PathBuf>,
    /// The id of a template of text messages whose body is `((text))`; for `[sms]` with `provider = "notifynl"`.
    pub sms_template: Option<String>,
    /// The id of the sender of text messages at NotifyNL; absent: that of the service.
    pub sms_sender: Option<String>,
    /// The id of a template of mails whose subject is `((subject))` and whose body is `((text))`: then mails go by NotifyNL, instead of
    /// by `[email]`.
    pub email_template: Option<String>,
    /// The id of the reply-to address at NotifyNL; absent: that of the service.
    pub email_reply_to: Option<String>,
}

impl Default for NotifyNl {
    fn default() -> Self {
        Self {
            url: "https://api.notifynl.nl".to_owned(),
            api_key: None,
            api_key_file: None,
            sms_template: None,
            sms_sender: None,
            email_template: None,
            email_reply_to: None,
        }
    }
}

impl std::fmt::Debug for NotifyNl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NotifyNl").field("url", &self.url).finish_non_exhaustive()
    }
}

impl NotifyNl {
    /// What is wrong with it: the key and why.
    pub(super) fn fault(config: &Config) -> Option<(&'static str, String)> {
        let own = config.notifynl.as_ref()?;
        let is_template = |id: Option<&String>, sender: Option<&String>| {
            id.is_none_or(|id| Template::new(id, sender.map(String::as_str)).is_some())
        };
        let rules = [
            (config.people.is_some(), "notifynl", "needs [people]: nothing else sends messages to people"),
            (
                own.sms_template.is_some() || own.email_template.is_some(),
                "notifynl",
                "has no template: give sms_template, email_template or both",
            ),
            (own.sms_template.is_none() || config.sms.is_some(), "notifynl.sms_template", "needs [sms]"),
            (
                own.email_template.is_none() || config.email.is_none(),
                "notifynl.email_template",
                "contradicts [email]: mails go by one of them",
            ),
            (BaseUrl::new(&own.url).is_some(), "notifynl.url", "must be an absolute URL without path"),
            (
                own.api_key.is_none() || own.api_key_file.is_none(),
                "notifynl.api_key",
                "give either api_key or api_key_file",
            ),
            (
                own.api_key.is_some() || own.api_key_file.is_some(),
                "notifynl.api_key",
                "is missing: give api_key or api_key_file",
            ),
            (
                own.api_key.as_ref().is_none_or(|key| ApiKey::parse(key).is_ok()),
                "notifynl.api_key",
                "must end in two UUIDs joined by a hyphen: the id of the service and the secret",
            ),
            (
                is_template(own.sms_template.as_ref(), own.sms_sender.as_ref()),
                "notifynl.sms_template",
                "must be the UUID of a template, and sms_sender that of a sender",
            ),
            (
                is_template(own.email_template.as_ref(), own.email_reply_to.as_ref()),
                "notifynl.email_template",
                "must be the UUID of a template, and email_reply_to that of an address",
            ),
        ];
        rules.into_iter().find(|(holds, ..)| !holds).map(|(_, key, why)| (key, why.to_owned()))
    }
}

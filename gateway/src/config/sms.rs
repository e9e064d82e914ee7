//! Section `[sms]`: the provider of text messages to people. Without this section no number can subscribe.

use std::{
    collections::BTreeMap,
    num::{NonZeroU32, NonZeroUsize},
    path::PathBuf,
};

use channel_sms::{AnswerRules, Authorization, Body, Class, Description, HttpProvider, Preset};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Config;

/// The provider of text messages to people; needs `[people]`.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Sms {
    /// The provider. `notifynl` needs `[notifynl]`, `http` needs `[sms.http]`.
    pub provider: SmsProvider,
    /// The account at the provider, where it has one.
    pub user: String,
    /// The sender: a number, or a name of at most 11 letters and digits where the provider allows one.
    pub from: String,
    /// The token or password of the account.
    #[serde(serialize_with = "super::hidden")]
    pub secret: Option<String>,
    /// A file with it, read again for each message; white space at its end does not count.
    #[schema(value_type = Option<String>)]
    pub secret_file: Option<PathBuf>,
    /// Most segments of a message, 1 to 10. Each is paid for.
    #[schema(value_type = usize, minimum = 1, maximum = 10)]
    pub segments: NonZeroUsize,
    /// Most messages at a time, 1 to 100.
    #[schema(value_type = usize, minimum = 1, maximum = 100)]
    pub connections: NonZeroUsize,
    /// Most messages a minute.
    #[schema(value_type = u32, minimum = 1)]
    pub rate_per_minute: NonZeroU32,
    /// A provider that is not known, described.
    pub http: Option<SmsHttp>,
}

/// A provider of text messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SmsProvider {
    /// NotifyNL, with a template whose body is `((text))`.
    #[default]
    Notifynl,
    /// Spryng.
    Spryng,
    /// Bird (MessageBird).
    Bird,
    /// Twilio.
    Twilio,
    /// Vonage.
    Vonage,
    /// CM.com.
    Cm,
    /// The one that `[sms.http]` describes.
    Http,
}

/// What a provider wants to get, and how it answers. Placeholders are `{to}` (+31…), `{to_digits}`, `{to_zeros}` (0031…), `{text}`,
/// `{reference}`, `{from}`, `{user}` and `{secret}`; `{{` and `}}` are braces.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SmsHttp {
    /// The URL; `{user}` is its only placeholder.
    pub url: String,
    /// `POST` or `PUT`.
    pub method: String,
    /// The body as JSON, with placeholders in its texts; this or `form`.
    pub json: Option<String>,
    /// The body as the fields of a form, with placeholders in their values.
    pub form: BTreeMap<String, String>,
    /// More header fields, without secrets.
    pub headers: BTreeMap<String, String>,
    /// How the secret is sent: `none`, `basic`, `header <name>`, or a scheme of `Authorization` such as `Bearer`.
    pub authorization: String,
    /// Where the id of the message is in the answer, as a JSON Pointer.
    pub id: Option<String>,
    /// Where the code of an error is in the answer, as a JSON Pointer.
    pub code: Option<String>,
    /// The codes that mean success, where a status of success is not enough.
    pub accepted_codes: Vec<String>,
    /// What other codes mean: `addressee_failed`, `addressee_refused`, `addressee_later`, `provider`, `message` or `unknown`.
    pub codes: BTreeMap<String, String>,
    /// What statuses such as `404` and ranges such as `500-599` mean, with the same words and `accepted`.
    pub statuses: BTreeMap<String, String>,
}

impl Default for Sms {
    fn default() -> Self {
        Self {
            provider: SmsProvider::default(),
            user: String::new(),
            from: String::new(),
            secret: None,
            secret_file: None,
            segments: const { NonZeroUsize::new(3).expect("not zero") },
            connections: const { NonZeroUsize::new(4).expect("not zero") },
            rate_per_minute: const { NonZeroU32::new(240).expect("not zero") },
            http: None,
        }
    }
}

impl Default for SmsHttp {
    fn default() -> Self {
        Self {
            url: String::new(),
            method: "POST".to_owned(),
            json: None,
            form: BTreeMap::new(),
            headers: BTreeMap::new(),
            authorization: "Bearer".to_owned(),
            id: None,
            code: None,
            accepted_codes: Vec::new(),
            codes: BTreeMap::new(),
            statuses: BTreeMap::new(),
        }
    }
}

impl std::fmt::Debug for Sms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sms").field("provider", &self.provider).finish_non_exhaustive()
    }
}

impl Sms {
    /// What is wrong with it: the key and why.
    pub(super) fn fault(config: &Config) -> Option<(&'static str, String)> {
        let own = config.sms.as_ref()?;
        let is_notify = own.provider == SmsProvider::Notifynl;
        let template = config.notifynl.as_ref().is_some_and(|notify| notify.sms_template.is_some());
        let has_secret = own.secret.is_some() || own.secret_file.is_some();
        let rules = [
            (config.people.is_some(), "sms", "needs [people]: nothing else sends text messages"),
            (own.segments.get() <= 10, "sms.segments", "must be at most 10"),
            (own.connections.get() <= 100, "sms.connections", "must be at most 100"),
            (!is_notify || template, "sms.provider", "notifynl needs sms_template in [notifynl]"),
            (is_notify || !template, "notifynl.sms_template", "contradicts another provider in [sms]"),
            (
                !is_notify || (own.user.is_empty() && own.from.is_empty() && !has_secret),
                "sms.provider",
                "notifynl has its key and sender in [notifynl]: leave out user, from and secret",
            ),
            (own.secret.is_none() || own.secret_file.is_none(), "sms.secret", "give either secret or secret_file"),
            (is_notify || has_secret, "sms.secret", "is missing: the provider needs secret or secret_file"),
            (
                (own.provider == SmsProvider::Http) == own.http.is_some(),
                "sms.http",
                "is for provider = \"http\", which needs it",
            ),
        ];
        let broken = rules.into_iter().find(|(holds, ..)| !holds).map(|(_, key, why)| (key, why.to_owned()));
        broken.or_else(|| Some(("sms", own.http_provider()?.err()?)))
    }

    /// The provider as it is described, and `None` for NotifyNL.
    pub fn http_provider(&self) -> Option<Result<HttpProvider, String>> {
        let preset = |preset: Preset| Ok(preset.description(&self.user, &self.from));
        let description = match self.provider {
            SmsProvider::Notifynl => return None,
            SmsProvider::Spryng => preset(Preset::Spryng),
            SmsProvider::Bird => preset(Preset::Bird),
            SmsProvider::Twilio => preset(Preset::Twilio),
            SmsProvider::Vonage => preset(Preset::Vonage),
            SmsProvider::Cm => preset(Preset::Cm),
            SmsProvider::Http => self.http.clone().unwrap_or_default().description(&self.user, &self.from),
        };
        Some(description.and_then(|own| HttpProvider::new(own).map_err(|error| error.to_string())))
    }
}

impl SmsHttp {
    fn description(self, user: &str, from: &str) -> Result<Description, String> {
        let body = match (&self.json, self.form.is_empty()) {
            (Some(json), true) => {
                Body::Json(serde_json::from_str(json).map_err(|_| "http.json: is no JSON".to_owned())?)
            }
            (None, false) => Body::Form(self.form.into_iter().collect()),
            _ => return Err("http: give either json or form".to_owned()),
        };
        let authorization = match self.authorization.split_once(' ') {
            Some(("header", name)) => Authorization::Header(name.to_owned()),
            Some(_) => return Err("http.authorization: must be none, basic, header <name>, or one scheme".to_owned()),
            None => match self.authorization.as_str() {
                "none" | "" => Authorization::None,
                "basic" => Authorization::Basic,
                scheme => Authorization::Scheme(scheme.to_owned()),
            },
        };
        let class = |word: &str| Class::of_label(word).ok_or_else(|| format!("http: `{word}` is no class of answers"));
        let codes = self.codes.into_iter().map(|(code, word)| Ok((code, class(&word)?)));
        let statuses = self.statuses.into_iter().map(|(range, word)| Ok((statuses(&range)?, class(&word)?)));
        let rules = AnswerRules {
            id: self.id,
            code: self.code,
            accepted_codes: self.accepted_codes,
            codes: codes.collect::<Result<_, String>>()?,
            statuses: statuses.collect::<Result<_, String>>()?,
        };
        Ok(Description {
            url: self.url,
            method: self.method,
            body,
            headers: self.headers.into_iter().collect(),
            authorization,
            user: user.to_owned(),
            from: from.to_owned(),
            rules,
        })
    }
}

/// A status, or the first and the last of a range.
fn statuses(text: &str) -> Result<(u16, u16), String> {
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let number = |text: &str| text.trim().parse().ok();
    number(from).zip(number(to)).ok_or_else(|| format!("http.statuses: `{text}` is no status and no range of them"))
}

#[cfg(test)]
mod tests {
    use crate::config::parse;

    const PEOPLE: &str = "[people]\nurl = \"https://b.example\"\n";
    const NOTIFY: &str = "[notifynl]\napi_key_file = \"k\"\nsms_template = \"f33517ff-2a88-4f6e-b855-c550268ce08a\"\n";
    const EMAIL: &str = "[email]\nhost = \"relay.example\"\nfrom = \"noreply@b.example\"\nname = \"B\"\n";

    #[test]
    fn a_channel_has_one_provider_that_is_complete_ch_32_ch_146() {
        let http = |more: &str| {
            format!(
                "{PEOPLE}[sms]\nprovider = \"http\"\nsecret = \"s\"\n[sms.http]\nurl = \"https://sms.example\"\n{more}\n"
            )
        };
        let body = "json = '{\"to\": \"{to}\", \"text\": \"{text}\"}'\n";
        let template = "email_template = \"f33517ff-2a88-4f6e-b855-c550268ce08a\"\n";
        for (text, key) in [
            (format!("{PEOPLE}[sms]\n{NOTIFY}"), None),
            (format!("{PEOPLE}{NOTIFY}{template}[sms]\n"), None),
            (format!("{PEOPLE}[sms]\nprovider = \"spryng\"\nsecret_file = \"k\"\nfrom = \"Gemeente\"\n"), None),
            (http(body), None),
            (
                http(
                    "form = { to = \"{to_digits}\", text = \"{text}\" }\nstatuses = { \"409\" = \"addressee_refused\" }",
                ),
                None,
            ),
            ("[sms]\nprovider = \"bird\"\nsecret = \"s\"".to_owned(), Some("sms: needs [people]")),
            (format!("{PEOPLE}[sms]\n"), Some("sms.provider: notifynl needs sms_template")),
            (format!("{PEOPLE}[sms]\nsecret = \"s\"\n{NOTIFY}"), Some("sms.provider: notifynl has its key")),
            (
                format!("{PEOPLE}[sms]\nprovider = \"bird\"\nsecret = \"s\"\nfrom = \"B\"\n{NOTIFY}"),
                Some("notifynl.sms_template"),
            ),
            (format!("{PEOPLE}[sms]\nprovider = \"bird\"\nfrom = \"B\""), Some("sms.secret: is missing")),
            (
                format!("{PEOPLE}[sms]\nprovider = \"bird\"\nsecret = \"s\"\nsecret_file = \"k\""),
                Some("sms.secret: give"),
            ),
            (format!("{PEOPLE}[sms]\nprovider = \"bird\"\nsecret = \"s\""), Some("sms: from: is missing")),
            (
                format!("{PEOPLE}[sms]\nprovider = \"twilio\"\nsecret = \"s\"\nfrom = \"B\""),
                Some("sms: user: is missing"),
            ),
            (format!("{PEOPLE}[sms]\nprovider = \"http\"\nsecret = \"s\""), Some("sms.http")),
            (http(""), Some("sms: http: give either json or form")),
            (http("json = '{'"), Some("sms: http.json")),
            (http("json = '{\"to\": \"{to}\"}'"), Some("sms: body: must have")),
            (http(&format!("{body}statuses = {{ x = \"message\" }}")), Some("sms: http.statuses")),
            (http(&format!("{body}codes = {{ a = \"wrong\" }}")), Some("sms: http: `wrong`")),
            (http(&format!("{body}authorization = \"a b\"")), Some("sms: http.authorization")),
            (format!("{PEOPLE}{NOTIFY}"), Some("notifynl.sms_template: needs [sms]")),
            (format!("{PEOPLE}[sms]\n{NOTIFY}{template}{EMAIL}"), Some("notifynl.email_template: contradicts [email]")),
            (format!("{PEOPLE}[sms]\n{NOTIFY}url = \"https://a.example/v2\""), Some("notifynl.url")),
            (format!("{PEOPLE}[sms]\n{NOTIFY}api_key = \"k\""), Some("notifynl.api_key: give")),
            (format!("{PEOPLE}[notifynl]\napi_key_file = \"k\""), Some("notifynl: has no template")),
            (
                format!("{PEOPLE}[notifynl]\napi_key = \"k\"\n{template}"),
                Some("notifynl.api_key: must end in two UUIDs"),
            ),
            (
                format!("{PEOPLE}[sms]\n[notifynl]\napi_key_file = \"k\"\nsms_template = \"1\""),
                Some("notifynl.sms_template: must be"),
            ),
        ] {
            let found = parse(&text).err().map(|error| error.to_string());
            match key {
                None => assert_eq!(found, None, "{text}"),
                Some(key) => assert!(found.as_ref().is_some_and(|why| why.starts_with(key)), "{text}: {found:?}"),
            }
        }
        let config = parse(&format!("{PEOPLE}[sms]\nprovider = \"bird\"\nsecret = \"geheim\"\nfrom = \"B\"")).unwrap();
        assert!(!format!("{config:?}").contains("geheim"));
        assert!(!serde_json::to_string(&config).unwrap().contains("geheim"));
    }
}

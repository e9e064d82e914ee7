//! The web console over HTTP, as a browser uses it: cookies, links and forms.

mod about;
mod applicaties;
mod approvals;
mod audit;
mod back_links;
mod bounded_reads;
mod chosen;
mod configuration;
mod dead_letters;
mod deliveries;
mod dutch;
mod events;
mod forms;
mod headers;
mod kanalen;
mod link_command;
mod list_files;
mod live;
mod log_in;
mod once;
mod overview;
mod portal;
mod portal_forms;
mod publish;
mod replay;
mod routes;
mod runs;
mod search;
mod sending;
mod session_list;
mod session_over;
mod sessions;
mod skip_links;
mod subscription_form;
mod subscriptions;
mod subscriptions_bulk;
mod system;
mod tables;
mod to_people;
mod traffic;
mod trail;
mod trail_export;
mod types;

use std::time::Duration;

use ::console::login_link::LoginLink;
use http::Method;
use model::{Grants, Random, Role, clock::SystemRandom};
use secrets::Secrets;

use crate::support::{Answer, Client, Gateway, html};

/// Header fields that every page has.
pub const PROTECTION: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// The section that switches the console on.
pub const CONSOLE: &str = "[console]\norganisation = \"Gemeente Voorbeeld\"\n";

/// The headers that a browser sends with a form of the same site.
const OWN_FORM: [(&str, &str); 2] =
    [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];

/// A browser that is logged in.
pub struct Browser {
    client: Client,
    /// `name=value` of the session.
    pub cookie: String,
    /// The subject of the session.
    pub subject: String,
    /// The token that forms of the session contain.
    pub token: String,
}

impl Browser {
    /// A browser in which a person with these grants logged in, who starts in the console.
    pub async fn log_in(gateway: &Gateway, grants: Grants) -> Self {
        Self::log_in_to(gateway, grants, "/beheer").await
    }

    /// A browser in which a person with these grants logged in, who starts at the page `first`.
    pub async fn log_in_to(gateway: &Gateway, grants: Grants, first: &str) -> Self {
        let (link, code) = login_link(gateway, grants, Duration::from_mins(5));
        let client = gateway.nobody();
        let answer = post(&client, "/beheer/inloglink", &OWN_FORM, &format!("code={code}")).await.expect(303);
        assert_eq!(answer.header("location"), Some(first));
        let cookie = cookie(&answer).expect("a session");
        let mut browser = Self { client, cookie, subject: link.id.to_string(), token: String::new() };
        let page = browser.get(first).await;
        browser.token = token_in(&page);
        browser
    }

    /// A browser in which a person with one role logged in.
    pub async fn with_role(gateway: &Gateway, role: Role) -> Self {
        Self::log_in(gateway, Grants::of(role)).await
    }

    /// The same session at a gateway that was started again.
    pub fn at(self, gateway: &Gateway) -> Self {
        Self { client: gateway.nobody(), ..self }
    }

    /// Requests a page.
    pub async fn get(&self, path: &str) -> Answer {
        self.client.send(Method::GET, path, &[("cookie", &self.cookie)], "").await
    }

    /// Posts a form of the session with these fields.
    pub async fn post(&self, path: &str, fields: &str) -> Answer {
        let [kind, site] = OWN_FORM;
        let headers = [kind, site, ("cookie", self.cookie.as_str())];
        let key = SystemRandom.uuid();
        post(&self.client, path, &headers, &format!("token={}&sleutel={key}&{fields}", self.token)).await
    }

    /// Posts a form with these headers and this body.
    pub async fn post_raw(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let headers: Vec<_> = headers.iter().copied().chain([("cookie", self.cookie.as_str())]).collect();
        post(&self.client, path, &headers, body).await
    }
}

/// Posts a form.
pub async fn post(client: &Client, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    client.send(Method::POST, path, headers, body.to_owned()).await
}

/// The sealed code of a login link.
pub fn login_code(gateway: &Gateway, grants: Grants, lasts: Duration) -> String {
    login_link(gateway, grants, lasts).1
}

fn login_link(gateway: &Gateway, grants: Grants, lasts: Duration) -> (LoginLink, String) {
    let secrets = Secrets::read_file(&gateway.key_file()).expect("the key of the gateway");
    let link = LoginLink::new("Tester", grants, lasts, gateway.now(), &SystemRandom);
    let code = link.code(&secrets).expect("a code");
    (link, code)
}

/// `name=value` of the first cookie that an answer sets.
pub fn cookie(answer: &Answer) -> Option<String> {
    answer.header("set-cookie").and_then(|cookie| cookie.split(';').next()).map(str::to_owned)
}

/// The hidden fields of a form with what it was made of, to be posted.
pub fn made_of(page: &str) -> String {
    let mut fields = form_urlencoded::Serializer::new(String::new());
    for name in ["versie", "gezien", "besluit"] {
        let field = page.split_once(&format!("name=\"{name}\" value=\"")).and_then(|(_, rest)| rest.split('"').next());
        let Some(mut value) = field.map(str::to_owned) else { continue };
        for (reference, character) in [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")]
        {
            value = value.replace(reference, character);
        }
        fields.append_pair(name, &value);
    }
    fields.finish()
}

/// The table with the two versions of what somebody else changed.
pub fn two_versions(page: &str) -> &str {
    let (_, table) = page.split_once("id=\"versies\"").expect("both versions");
    table.split("</table>").next().unwrap_or_default()
}

/// The text of a page, which is valid HTML.
pub fn text(answer: &Answer) -> String {
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"), "{}", answer.status);
    let page = String::from_utf8(answer.body.to_vec()).expect("UTF-8");
    assert_eq!(html::fault(&page), None);
    page
}

/// The reason in an entry of the audit trail, as `/v1/audit` has it.
pub fn reason(entry: &serde_json::Value) -> Option<&str> {
    let changes = entry["changes"].as_array()?;
    changes.iter().find(|change| change["member"] == "reason")?["after"].as_str()
}

fn token_in(page: &Answer) -> String {
    let text = text(page);
    let (_, rest) = text.split_once("name=\"token\" value=\"").expect("a form of the session");
    rest.split('"').next().unwrap_or_default().to_owned()
}

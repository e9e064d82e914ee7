//! A browser that uses the console of several nodes behind one name: it sends one cookie to all of them.

use http::{HeaderMap, Method};

use super::{Client, client::Answer};

const FORM: &str = "application/x-www-form-urlencoded";

/// Requests a page with a cookie, `name=value`; empty for none.
pub async fn get(node: &Client, path: &str, cookie: &str) -> Answer {
    node.ask_as(Method::GET, path, headers(cookie), String::new()).await.expect("an answer")
}

/// Posts a form as a page of the console does.
pub async fn post(node: &Client, path: &str, cookie: &str, body: &str) -> Answer {
    let mut headers = headers(cookie);
    headers.insert("content-type", FORM.parse().expect("a header"));
    headers.insert("sec-fetch-site", "same-origin".parse().expect("a header"));
    node.ask_as(Method::POST, path, headers, body.to_owned()).await.expect("an answer")
}

/// The hidden fields of the first form of a page that is posted to `action`, as the body of a request: the token of the session, and
/// the key by which the form is handled once.
pub fn hidden_fields(page: &str, action: &str) -> String {
    let (_, form) = page.split_once(&format!("action=\"{action}\"")).expect("the form");
    let form = form.split("</form>").next().unwrap_or_default();
    let value = |name: &str| {
        let (_, rest) = form.split_once(&format!("name=\"{name}\" value=\"")).expect("a field");
        rest.split('"').next().unwrap_or_default().to_owned()
    };
    format!("token={}&sleutel={}", value("token"), value("sleutel"))
}

/// `name=value` of the cookie with this name that an answer sets, unless it removes it.
pub fn cookie(answer: &Answer, name: &str) -> Option<String> {
    let cookies = answer.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.filter_map(|cookie| cookie.split(';').next());
    pairs
        .find(|pair| pair.split_once('=').is_some_and(|(own, value)| own == name && !value.is_empty()))
        .map(str::to_owned)
}

fn headers(cookie: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if !cookie.is_empty() {
        headers.insert("cookie", cookie.parse().expect("a header"));
    }
    headers
}

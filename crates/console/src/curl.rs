//! A list or an action of a page as a command: the same request to the native API, for scripts. The token is a variable, never
//! a value.

use crate::View;

/// The command that reads a list with these parameters; empty ones are left out.
pub fn command(view: &View, path: &str, parameters: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters.iter().filter(|(_, value)| !value.is_empty()));
    let query = query.finish();
    let separator = if query.is_empty() { "" } else { "?" };
    // A single quote cannot be in the address: it is percent-encoded in a query.
    format!("curl -H \"Authorization: Bearer $TOKEN\" '{}{path}{separator}{query}'", view.head.public_url)
}

/// The command that does an action without a body. `path` has no characters but those of routes and ids.
pub fn action(view: &View, method: &str, path: &str) -> String {
    format!("curl -X {method} -H \"Authorization: Bearer $TOKEN\" '{}{path}'", view.head.public_url)
}

/// The command that does an action with a body in JSON. `path` has no characters but those of routes and ids.
pub fn action_with_body(view: &View, method: &str, path: &str, body: &serde_json::Value) -> String {
    let body = quoted(body);
    format!(
        "curl -X {method} -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' -d {body} '{}{path}'",
        view.head.public_url
    )
}

/// JSON as one word of a shell. A single quote can be in a text only, and is escaped there.
fn quoted(body: &serde_json::Value) -> String {
    format!("'{}'", body.to_string().replace('\'', "\\u0027"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_body_is_one_word_of_a_shell_and_the_same_json() {
        let body = json!({"type": "a'b \"c\" $d `e` \\"});
        let text = quoted(&body);
        let inner = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).unwrap();
        assert!(!inner.contains('\''), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(inner).unwrap(), body);
    }
}

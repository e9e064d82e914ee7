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

//! Section `[[people.expression]]`: named expressions, which filters in JMESPath call like functions (CH-73).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A named expression. It may call those that stand before it.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PeopleExpression {
    /// The name: small letters, digits and underscores, at most 40.
    pub name: String,
    /// The names of the parameters, at most 8. The expression sees an object with these members.
    pub parameters: Vec<String>,
    /// The expression in JMESPath.
    pub expression: String,
}

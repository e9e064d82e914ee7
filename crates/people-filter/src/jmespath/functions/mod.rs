//! The functions: those of JMESPath, and six of ours (CH-73).

mod lists;
mod numbers;
mod places;
mod texts;
mod values;

use std::borrow::Cow;

use serde_json::Value;

use super::{Failure, ast::Node, eval::Evaluator, work::size};

/// What an argument must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Any,
    Number,
    Text,
    List,
    Object,
    TextOrList,
    /// A text, a list or an object.
    HasLength,
    /// `&expression`.
    Reference,
    Numbers,
    Texts,
    NumbersOrTexts,
    Postcode,
    Moment,
    Coordinates,
}

impl Wanted {
    pub const fn words(self) -> &'static str {
        match self {
            Self::Any => "a value",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::List => "a list",
            Self::Object => "an object",
            Self::TextOrList => "a text or a list",
            Self::HasLength => "a text, a list or an object",
            Self::Reference => "an expression with &",
            Self::Numbers => "a list of numbers",
            Self::Texts => "a list of texts",
            Self::NumbersOrTexts => "a list of numbers or of texts",
            Self::Postcode => "a postcode",
            Self::Moment => "a date, or a moment with an offset (RFC 3339)",
            Self::Coordinates => "a latitude or a longitude in degrees",
        }
    }

    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Number => value.is_number(),
            Self::Text => value.is_string(),
            Self::List => value.is_array(),
            Self::Object => value.is_object(),
            Self::TextOrList => value.is_string() || value.is_array(),
            Self::HasLength => value.is_string() || value.is_array() || value.is_object(),
            // What is inside a value is checked by the function.
            _ => true,
        }
    }
}

/// A function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Builtin {
    Abs,
    After,
    Avg,
    Before,
    Ceil,
    Contains,
    ContainsCi,
    Distance,
    EndsWith,
    Floor,
    Join,
    Keys,
    Length,
    Map,
    Max,
    MaxBy,
    Merge,
    Min,
    MinBy,
    NotNull,
    PostcodeBetween,
    Reverse,
    Sort,
    SortBy,
    StartsWith,
    StartsWithCi,
    Sum,
    ToArray,
    ToNumber,
    ToString,
    Type,
    Values,
}

/// A row of the table.
struct Row {
    name: &'static str,
    builtin: Builtin,
    arguments: &'static [Wanted],
    /// Whether there may be more arguments like the last one.
    more: bool,
}

const fn row(name: &'static str, builtin: Builtin, arguments: &'static [Wanted]) -> Row {
    Row { name, builtin, arguments, more: false }
}

const fn row_of_many(name: &'static str, builtin: Builtin, arguments: &'static [Wanted]) -> Row {
    Row { name, builtin, arguments, more: true }
}

use Wanted::{Any, HasLength, List, Number, Object, Reference, Text, TextOrList};

const TABLE: &[Row] = &[
    row("abs", Builtin::Abs, &[Number]),
    row("after", Builtin::After, &[Text, Text]),
    row("avg", Builtin::Avg, &[List]),
    row("before", Builtin::Before, &[Text, Text]),
    row("ceil", Builtin::Ceil, &[Number]),
    row("contains", Builtin::Contains, &[TextOrList, Any]),
    row("contains_ci", Builtin::ContainsCi, &[Text, Text]),
    row("distance", Builtin::Distance, &[Number, Number, Number, Number]),
    row("ends_with", Builtin::EndsWith, &[Text, Text]),
    row("floor", Builtin::Floor, &[Number]),
    row("join", Builtin::Join, &[Text, List]),
    row("keys", Builtin::Keys, &[Object]),
    row("length", Builtin::Length, &[HasLength]),
    row("map", Builtin::Map, &[Reference, List]),
    row("max", Builtin::Max, &[List]),
    row("max_by", Builtin::MaxBy, &[List, Reference]),
    row_of_many("merge", Builtin::Merge, &[Object]),
    row("min", Builtin::Min, &[List]),
    row("min_by", Builtin::MinBy, &[List, Reference]),
    row_of_many("not_null", Builtin::NotNull, &[Any]),
    row("postcode_between", Builtin::PostcodeBetween, &[Text, Text, Text]),
    row("reverse", Builtin::Reverse, &[TextOrList]),
    row("sort", Builtin::Sort, &[List]),
    row("sort_by", Builtin::SortBy, &[List, Reference]),
    row("starts_with", Builtin::StartsWith, &[Text, Text]),
    row("starts_with_ci", Builtin::StartsWithCi, &[Text, Text]),
    row("sum", Builtin::Sum, &[List]),
    row("to_array", Builtin::ToArray, &[Any]),
    row("to_number", Builtin::ToNumber, &[Any]),
    row("to_string", Builtin::ToString, &[Any]),
    row("type", Builtin::Type, &[Any]),
    row("values", Builtin::Values, &[Object]),
];

/// The arguments of a call, evaluated; null in the place of a reference.
type Arguments<'v> = Vec<Cow<'v, Value>>;

impl Builtin {
    /// The function of a name.
    pub fn of(name: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.name == name).map(|row| row.builtin)
    }

    fn row(self) -> Option<&'static Row> {
        TABLE.iter().find(|row| row.builtin == self)
    }

    fn name(self) -> &'static str {
        self.row().map_or("", |row| row.name)
    }

    /// Checks the number of arguments, and which of them have `&`.
    pub fn check(self, arguments: &[Node]) -> Result<(), String> {
        let Some(row) = self.row() else { return Ok(()) };
        let (wanted, found) = (row.arguments.len(), arguments.len());
        if found < wanted || (found > wanted && !row.more) {
            let more = if row.more { " or more" } else { "" };
            return Err(format!("{} has {wanted}{more} arguments", row.name));
        }
        let is_reference = |node: &Node| matches!(node, Node::Reference(_));
        let fits = |(at, node): (usize, &Node)| (wanted_at(row, at) == Reference) == is_reference(node);
        if arguments.iter().enumerate().all(fits) {
            return Ok(());
        }
        Err(format!("{} has & where it needs none, or none where it needs it", row.name))
    }

    /// Calls it.
    pub fn call<'v>(
        self,
        evaluator: &mut Evaluator,
        nodes: &'v [Node],
        at: &'v Value,
    ) -> Result<Cow<'v, Value>, Failure> {
        let mut arguments: Arguments<'v> = Vec::with_capacity(nodes.len());
        for (place, node) in nodes.iter().enumerate() {
            let value = evaluator.node(node, at)?;
            evaluator.work.take(size(value.as_ref()))?;
            let wanted = self.row().map_or(Any, |row| wanted_at(row, place));
            if !wanted.fits(value.as_ref()) {
                return Err(Failure::argument(self.name(), wanted));
            }
            arguments.push(value);
        }
        let name = self.name();
        match self {
            Self::Abs | Self::Avg | Self::Ceil | Self::Floor | Self::Sum => numbers::call(self, name, &arguments),
            Self::Contains | Self::ContainsCi | Self::EndsWith | Self::Join | Self::StartsWith | Self::StartsWithCi => {
                texts::call(self, name, &arguments, evaluator)
            }
            Self::After | Self::Before | Self::Distance | Self::PostcodeBetween => places::call(self, name, &arguments),
            Self::Map | Self::Max | Self::MaxBy | Self::Min | Self::MinBy | Self::Sort | Self::SortBy => {
                lists::call((self, name), &arguments, nodes, evaluator)
            }
            Self::Keys
            | Self::Length
            | Self::Merge
            | Self::NotNull
            | Self::Reverse
            | Self::ToArray
            | Self::ToNumber
            | Self::ToString
            | Self::Type
            | Self::Values => values::call(self, arguments, evaluator),
        }
    }
}

/// What an argument must be; one after the last of the row is like that.
fn wanted_at(row: &Row, place: usize) -> Wanted {
    row.arguments.get(place).or(row.arguments.last()).copied().unwrap_or(Any)
}

/// The text of an argument that was checked.
fn text<'a>(arguments: &'a [Cow<'_, Value>], place: usize) -> &'a str {
    arguments.get(place).and_then(|own| own.as_str()).unwrap_or_default()
}

/// The list of an argument that was checked.
fn list<'a>(arguments: &'a [Cow<'_, Value>], place: usize) -> &'a [Value] {
    arguments.get(place).and_then(|own| own.as_array()).map_or(&[], Vec::as_slice)
}

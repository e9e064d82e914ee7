//! Tables that are sorted by the links in the heads of their columns: the order that a page is asked for, and those links.
//!
//! The server sorts, so it works without JavaScript and over all parts of a list. Rows with equal keys stay in the order of the list.

use std::cmp::Ordering;

use crate::View;

/// The parameter with the column; a minus sign before it for descending.
pub const PARAMETER: &str = "sorteer";

/// The order that a page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// The column.
    pub column: &'static str,
    /// Whether the highest comes first.
    pub is_descending: bool,
}

/// The head of a column that the table can be sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its name.
    pub text: &'static str,
    /// The link to the table sorted by it, or in the other direction.
    pub href: String,
    /// The value of `aria-sort`, when the table is sorted by it.
    pub sorted: Option<&'static str>,
    /// An arrow; empty when the table is not sorted by it.
    pub sign: &'static str,
    /// Whether the column has numbers.
    pub is_numeric: bool,
}

impl Order {
    /// The order in the query of a page; `None` when there is none, or of no such column.
    pub fn of(view: &View, columns: &[&'static str]) -> Option<Self> {
        Self::read(&view.parameter(PARAMETER)?, columns)
    }

    fn read(asked: &str, columns: &[&'static str]) -> Option<Self> {
        let name = asked.strip_prefix('-').unwrap_or(asked);
        let column = columns.iter().find(|own| **own == name)?;
        Some(Self { column, is_descending: name.len() < asked.len() })
    }

    /// The value of the parameter.
    pub fn value(self) -> String {
        format!("{}{}", if self.is_descending { "-" } else { "" }, self.column)
    }

    /// The rows in this order by their keys; rows without a key come last in both directions.
    pub fn sort<T, K: Ord>(self, mut rows: Vec<(Option<K>, T)>) -> Vec<T> {
        rows.sort_by(|(one, _), (other, _)| match (one, other) {
            (Some(one), Some(other)) if self.is_descending => other.cmp(one),
            (Some(one), Some(other)) => one.cmp(other),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        });
        rows.into_iter().map(|(_, row)| row).collect()
    }
}

impl Head {
    /// The head of a column of texts, of which the first click sorts from A to Z.
    pub fn of_texts(view: &View, order: Option<Order>, column: &'static str, text: &'static str) -> Self {
        Self::new(view, order, Order { column, is_descending: false }, text)
    }

    /// The head of a column of numbers, of which the first click puts the highest first.
    pub fn of_numbers(view: &View, order: Option<Order>, column: &'static str, text: &'static str) -> Self {
        let first = Order { column, is_descending: true };
        Self { is_numeric: true, ..Self::new(view, order, first, text) }
    }

    fn new(view: &View, order: Option<Order>, first: Order, text: &'static str) -> Self {
        let present = order.filter(|order| order.column == first.column);
        let next = present.map_or(first, |order| Order { is_descending: !order.is_descending, ..order });
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in web::query::pairs(&view.head.uri) {
            if ![PARAMETER, "pagina", "gedaan"].contains(&name.as_str()) && !value.is_empty() {
                query.append_pair(&name, &value);
            }
        }
        query.append_pair(PARAMETER, &next.value());
        let (sorted, sign) = match present.map(|order| order.is_descending) {
            Some(true) => (Some("descending"), "\u{2193}"),
            Some(false) => (Some("ascending"), "\u{2191}"),
            None => (None, ""),
        };
        Self { text, href: format!("{}?{}", view.to(view.path()), query.finish()), sorted, sign, is_numeric: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_stably_and_those_without_a_key_come_last() {
        let rows = || vec![(Some(2), "b"), (None, "x"), (Some(1), "a"), (Some(2), "c"), (None, "y")];
        let order = |text| Order::read(text, &["wachtend", "naam"]).unwrap();
        assert_eq!(order("wachtend").sort(rows()), ["a", "b", "c", "x", "y"]);
        assert_eq!(order("-wachtend").sort(rows()), ["b", "c", "a", "x", "y"]);
        assert_eq!((order("-naam").value(), order("naam").value()), ("-naam".to_owned(), "naam".to_owned()));
        for text in ["", "-", "--naam", "Naam", "onbekend"] {
            assert_eq!(Order::read(text, &["naam"]), None, "{text}");
        }
    }
}

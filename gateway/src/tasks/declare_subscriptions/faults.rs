//! Reads members of the configuration by the rules of `management`, collecting everything that is wrong with them.

use std::{cell::RefCell, fmt::Display, num::NonZeroU32};

/// The faults found so far in one declared subscription, each as its member and the rule it breaks.
#[derive(Debug, Default)]
pub struct Faults(RefCell<Vec<String>>);

impl Faults {
    /// Adds a fault of a member: the rule that it breaks.
    pub fn add(&self, member: &str, rule: impl Display) {
        self.0.borrow_mut().push(format!("{member} {rule}"));
    }

    /// Adds the fault that a check found.
    pub fn check<E: Display>(&self, member: &str, checked: Result<(), E>) {
        if let Err(rule) = checked {
            self.add(member, rule);
        }
    }

    /// `value`, or all faults in one text.
    pub fn finish<T>(self, value: T) -> Result<T, String> {
        let faults = self.0.into_inner();
        if faults.is_empty() { Ok(value) } else { Err(faults.join("; ")) }
    }

    /// A text that keeps to a rule.
    pub fn checked(
        &self,
        member: &str,
        text: Option<&str>,
        check: impl Fn(&str) -> Result<(), String>,
    ) -> Option<String> {
        let text = text?;
        self.check(member, check(text));
        Some(text.to_owned())
    }

    /// The value of one of these words; any other is a fault.
    pub fn word<T: Copy>(&self, member: &str, text: Option<&str>, words: &[(&str, T)]) -> Option<T> {
        let text = text?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.add(member, format_args!("must be one of: {}", known.join(", ")));
        }
        found
    }

    /// A whole number from `least` to `most`.
    pub fn integer(&self, member: &str, number: Option<u32>, least: u64, most: u64) -> Option<u64> {
        let number = u64::from(number?);
        if (least..=most).contains(&number) {
            return Some(number);
        }
        self.add(member, format_args!("must be a whole number from {least} to {most}"));
        None
    }

    /// A whole number from 1 to `most`.
    pub fn positive(&self, member: &str, number: Option<u32>, most: u32) -> Option<NonZeroU32> {
        self.integer(member, number, 1, u64::from(most)).and_then(|number| NonZeroU32::new(number as u32))
    }

    /// A number from `least` to `most`.
    pub fn number(&self, member: &str, number: Option<f64>, (least, most): (f64, f64)) -> Option<f64> {
        let number = number?;
        if (least..=most).contains(&number) {
            return Some(number);
        }
        self.add(member, format_args!("must be a number from {least} to {most}"));
        None
    }

    /// A text that is not empty.
    pub fn text(&self, member: &str, text: Option<&str>) -> Option<String> {
        let text = text?;
        if text.is_empty() {
            self.add(member, "must be a text that is not empty");
            return None;
        }
        Some(text.to_owned())
    }

    /// A text that must be there and not be empty.
    pub fn required(&self, member: &str, text: Option<&str>) -> Option<String> {
        if text.is_none() {
            self.add(member, "is required");
        }
        self.text(member, text)
    }

    /// At most `most` texts that are not empty.
    pub fn texts(&self, member: &str, texts: &[String], most: usize) -> Vec<String> {
        if texts.len() > most || texts.iter().any(String::is_empty) {
            self.add(member, format_args!("must be a list of at most {most} texts that are not empty"));
        }
        texts.to_vec()
    }
}

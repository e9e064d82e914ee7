//! Values of other crates kept beside an event, by type: what a channel works out of an event once for all subscriptions.

use std::{any::Any, fmt, sync::OnceLock};

/// At most one value of each type. A value is made when it is first asked for and lives as long as this.
#[derive(Default)]
pub struct Extensions(OnceLock<Box<dyn Entry>>);

/// A list whose entries only ever come at its end, so that reading needs no lock. It is as long as there are channels.
struct Node<T> {
    value: T,
    next: Extensions,
}

trait Entry: Send + Sync {
    fn value(&self) -> &dyn Any;
    fn next(&self) -> &Extensions;
}

impl<T: Any + Send + Sync> Entry for Node<T> {
    fn value(&self) -> &dyn Any {
        &self.value
    }

    fn next(&self) -> &Extensions {
        &self.next
    }
}

impl Extensions {
    /// The value of this type, made by `default` when there is none yet.
    pub fn get_or_default<T: Any + Default + Send + Sync>(&self) -> &T {
        let entry = self.0.get_or_init(|| Box::new(Node { value: T::default(), next: Self::default() }));
        match entry.value().downcast_ref() {
            Some(value) => value,
            None => entry.next().get_or_default(),
        }
    }
}

impl fmt::Debug for Extensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Extensions").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_value_of_each_type() {
        let extensions = Extensions::default();
        let number: &OnceLock<u8> = extensions.get_or_default();
        let text: &OnceLock<String> = extensions.get_or_default();
        number.set(1).unwrap();
        text.set("a".to_owned()).unwrap();
        assert_eq!(extensions.get_or_default::<OnceLock<u8>>().get(), Some(&1));
        assert_eq!(extensions.get_or_default::<OnceLock<String>>().get().map(String::as_str), Some("a"));
    }
}

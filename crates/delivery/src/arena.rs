//! An arena: a vector of values that are referred to by id (a generational index). Ids are cheap to copy, and the id of
//! a value that was removed finds nothing, even when its slot is used again.
//!
//! It is not a map: the arena chooses the ids.

use std::{
    fmt,
    hash::{Hash, Hasher},
    marker::PhantomData,
};

use crate::planted::planted;

/// The id of a `T` in its arena: a slot, and how often the slot was used before.
pub struct Id<T> {
    slot: u32,
    generation: u32,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Id<T> {}

impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        (self.slot, self.generation) == (other.slot, other.generation)
    }
}

impl<T> Eq for Id<T> {}

impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.slot, self.generation).cmp(&(other.slot, other.generation))
    }
}

impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(u64::from(self.generation) << 32 | u64::from(self.slot));
    }
}

impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}.{}", self.slot, self.generation)
    }
}

struct Slot<T> {
    generation: u32,
    content: Option<T>,
}

/// Values of one type by id.
pub struct Arena<T> {
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
}

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Self { slots: Vec::new(), free: Vec::new() }
    }
}

impl<T> Arena<T> {
    /// Adds a value and returns its id.
    pub fn insert(&mut self, content: T) -> Id<T> {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot { generation: 0, content: None });
            self.slots.len() as u32 - 1
        });
        let entry = &mut self.slots[slot as usize];
        entry.content = Some(content);
        Id { slot, generation: entry.generation, of: PhantomData }
    }

    /// The value with this id; `None` when it was removed.
    pub fn get(&self, id: Id<T>) -> Option<&T> {
        self.slots.get(id.slot as usize).filter(|slot| slot.generation == id.generation)?.content.as_ref()
    }

    /// The value with this id, to change it; `None` when it was removed.
    pub fn get_mut(&mut self, id: Id<T>) -> Option<&mut T> {
        self.slots.get_mut(id.slot as usize).filter(|slot| slot.generation == id.generation)?.content.as_mut()
    }

    /// Removes a value and returns it. Its slot is used again under another id.
    pub fn remove(&mut self, id: Id<T>) -> Option<T> {
        let is_of_id = |slot: &&mut Slot<T>| slot.generation == id.generation || planted!(LateAnswerCounts);
        let slot = self.slots.get_mut(id.slot as usize).filter(is_of_id)?;
        let content = slot.content.take()?;
        slot.generation = slot.generation.wrapping_add(1);
        self.free.push(id.slot);
        Some(content)
    }

    /// All values with their ids, in the order of their slots.
    pub fn iter(&self) -> impl Iterator<Item = (Id<T>, &T)> {
        self.slots.iter().enumerate().filter_map(|(at, slot)| {
            let id = Id { slot: at as u32, generation: slot.generation, of: PhantomData };
            slot.content.as_ref().map(|content| (id, content))
        })
    }

    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }
}

#[cfg(test)]
impl<T> Arena<T> {
    /// An id that no value has yet.
    pub fn next_id(&self) -> Id<T> {
        Id { slot: self.slots.len() as u32, generation: 0, of: PhantomData }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_dies_with_its_content() {
        let mut arena = Arena::default();
        let first = arena.insert("a");
        assert_eq!(arena.remove(first), Some("a"));
        let second = arena.insert("b");
        assert_eq!((arena.get(first), arena.get(second), arena.len()), (None, Some(&"b"), 1));
        assert_eq!(arena.remove(first), None);
        assert_eq!(arena.iter().count(), 1);
    }
}

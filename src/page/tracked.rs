//! A value with the number of times that it was changed.

use std::ops::{Deref, DerefMut};

/// A part of the model whose changes are counted: whoever shows it compares [`Tracked::revision`] with that of the last time.
/// Every access that could change the value counts as a change.
#[derive(Debug, Clone, Default)]
pub struct Tracked<T> {
    value: T,
    revision: u64,
}

impl<T> Tracked<T> {
    /// A value before its first change.
    pub fn new(value: T) -> Self {
        Tracked { value, revision: 0 }
    }

    /// How often the value was changed.
    pub fn revision(&self) -> u64 {
        self.revision
    }
}

impl<T: PartialEq> Tracked<T> {
    /// Replaces the value; one that is equal is no change.
    pub fn assign(&mut self, value: T) {
        if self.value != value {
            **self = value;
        }
    }
}

impl<T> Deref for Tracked<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Tracked<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.revision += 1;
        &mut self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_counted_and_reading_is_none() {
        let mut list = Tracked::new(vec![1]);
        assert_eq!((list.len(), list.revision()), (1, 0));
        list.push(2);
        assert_eq!((list.len(), list.revision()), (2, 1));
        list.assign(vec![1, 2]);
        assert_eq!(list.revision(), 1);
        list.assign(vec![]);
        assert_eq!(list.revision(), 2);
    }
}

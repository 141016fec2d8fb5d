//! Sets of data categories as bits: what an activity may touch, what a query touches, and the test between them.

use std::fmt;

/// A data category of one register: its bit, 0–127, in the order of the statement file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CategoryId(u8);

impl CategoryId {
    /// `None` from 128 on: a register holds at most 128 categories.
    pub fn new(index: usize) -> Option<Self> {
        u8::try_from(index).ok().filter(|bit| *bit < 128).map(Self)
    }
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Debug for CategoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CategoryId({})", self.0)
    }
}

/// A set of categories of one register. Masks of two registers mean different things: never mix them.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Mask(u128);

impl Mask {
    pub const EMPTY: Mask = Mask(0);

    #[must_use]
    pub const fn with(self, category: CategoryId) -> Mask {
        Mask(self.0 | 1 << category.0)
    }
    #[must_use]
    pub const fn union(self, other: Mask) -> Mask {
        Mask(self.0 | other.0)
    }
    /// Whether every category of `other` is in this set; the one test of the gate.
    pub const fn contains(self, other: Mask) -> bool {
        other.0 & !self.0 == 0
    }
    pub const fn has(self, category: CategoryId) -> bool {
        self.0 >> category.0 & 1 == 1
    }
    /// What `wanted` holds and this set does not; empty exactly when this set contains it.
    #[must_use]
    pub const fn missing(self, wanted: Mask) -> Mask {
        Mask(wanted.0 & !self.0)
    }
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }
    /// The categories, lowest bit first.
    pub fn iter(self) -> impl Iterator<Item = CategoryId> {
        (0..128)
            .map(CategoryId)
            .filter(move |category| self.has(*category))
    }
}

impl FromIterator<CategoryId> for Mask {
    fn from_iter<I: IntoIterator<Item = CategoryId>>(categories: I) -> Self {
        categories.into_iter().fold(Mask::EMPTY, Mask::with)
    }
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.iter().map(CategoryId::index))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn mask(set: &BTreeSet<usize>) -> Mask {
        set.iter()
            .filter_map(|index| CategoryId::new(*index))
            .collect()
    }

    fn set() -> impl Strategy<Value = BTreeSet<usize>> {
        // Two sizes of range, so that subsets occur as well as far apart sets.
        let small = prop::collection::btree_set(0..6usize, 0..6);
        let large = prop::collection::btree_set(0..128usize, 0..40);
        prop_oneof![small, large]
    }

    proptest! {
        #[test]
        fn a_mask_is_a_set(a in set(), b in set(), one in 0..128usize) {
            let (left, right) = (mask(&a), mask(&b));
            let category = CategoryId::new(one).unwrap();
            prop_assert_eq!(left.iter().map(CategoryId::index).collect::<BTreeSet<_>>(), a.clone());
            prop_assert_eq!(left.is_empty(), a.is_empty());
            prop_assert_eq!(left.len() as usize, a.len());
            prop_assert_eq!(left.has(category), a.contains(&one));
            prop_assert_eq!(left.contains(right), b.is_subset(&a));
            prop_assert_eq!(left.union(right), mask(&a.union(&b).copied().collect()));
            prop_assert_eq!(left.missing(right), mask(&b.difference(&a).copied().collect()));
            prop_assert_eq!(left.contains(right), left.missing(right).is_empty());
            let mut more = a.clone();
            more.insert(one);
            prop_assert_eq!(left.with(category), mask(&more));
        }
    }

    #[test]
    fn a_register_ends_at_128_categories() {
        assert_eq!(CategoryId::new(127).map(CategoryId::index), Some(127));
        assert_eq!(CategoryId::new(128), None);
        assert_eq!(CategoryId::new(256), None);
    }
}

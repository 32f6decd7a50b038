//! Sorting by numbers, compiled once for all types: the standard library's sort is compiled anew for each type and each
//! way to compare, which for all that is sorted here would be a tenth of the download.

/// The indices of `keys` in ascending order of these, by [`f64::total_cmp`]; equal ones stay in their order.
pub fn ascending(keys: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_unstable_by(|&a, &b| keys[a].total_cmp(&keys[b]).then(a.cmp(&b)));
    order
}

/// The indices of the `count` largest of `values`, the largest first, of equal ones the first in their order; NaN is none of
/// them.
pub fn largest(values: &[f64], count: usize) -> Vec<usize> {
    let mut top: Vec<usize> = Vec::new();
    for (i, value) in values.iter().enumerate() {
        let least = top.get(count.wrapping_sub(1));
        if value.is_nan() || count == 0 || least.is_some_and(|&least| *value <= values[least]) {
            continue;
        }
        top.truncate(count - 1);
        top.insert(top.partition_point(|&other| values[other] >= *value), i);
    }
    top
}

/// Sorts `items` in ascending order of their `key`, by [`f64::total_cmp`]; equal ones stay in their order.
pub fn sort_by_number<T>(items: &mut Vec<T>, key: impl Fn(&T) -> f64) {
    let keys: Vec<f64> = items.iter().map(key).collect();
    let mut old: Vec<Option<T>> = items.drain(..).map(Some).collect();
    items.extend(ascending(&keys).into_iter().filter_map(|i| old[i].take()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Random, Stream};

    #[test]
    fn the_order_is_that_of_the_standard_stable_sort() {
        let mut random = Random::new(5, Stream::Probe, 0);
        for n in [0, 1, 2, 20, 21, 300] {
            // Few different numbers, so that many are equal.
            let items: Vec<(f64, usize)> = (0..n).map(|i| ((8.0 * random.uniform()).floor() - 4.0, i)).collect();
            let mut expected = items.clone();
            expected.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut found = items;
            sort_by_number(&mut found, |item| item.0);
            assert_eq!(found, expected);
        }
        assert_eq!(ascending(&[f64::NAN, 0.0, -0.0, f64::NEG_INFINITY]), [3, 2, 1, 0]);
    }

    #[test]
    fn the_largest_are_the_first_of_all_in_descending_order() {
        let mut random = Random::new(6, Stream::Probe, 0);
        for n in [0, 1, 5, 300] {
            let values: Vec<f64> = (0..n).map(|_| (8.0 * random.uniform()).floor()).collect();
            let mut all: Vec<usize> = (0..n).collect();
            all.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
            for count in [0, 1, 4, 300, 301] {
                assert_eq!(largest(&values, count), all[..count.min(n)]);
            }
        }
        assert_eq!(largest(&[f64::NAN, 1.0, f64::NEG_INFINITY], 3), [1, 2]);
    }
}

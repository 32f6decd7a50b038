//! Maps with a handful of entries.

use litemap::LiteMap;

/// A map of `entries`, of equal keys the last. `collect` would sort, by some 3 kB of code for each type of entry.
pub fn by_key<K: Ord, V>(entries: impl IntoIterator<Item = (K, V)>) -> LiteMap<K, V> {
    let mut map = LiteMap::new();
    for (key, value) in entries {
        map.insert(key, value);
    }
    map
}

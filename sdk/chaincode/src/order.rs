//! Order in short lists, with little code: a package holds a copy of a sort for each type that it sorts, and a copy of
//! the standard library's takes 5 kB.

/// Brings a list into order. What is equal keeps its order. The work grows with the square of the length.
pub(crate) fn put_in_order<T>(list: &mut [T], before: impl Fn(&T, &T) -> bool) {
    for end in 1..list.len() {
        let mut at = end;
        while at > 0 && before(&list[at], &list[at - 1]) {
            list.swap(at, at - 1);
            at -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_order_of_a_stable_sort() {
        // Every list of up to six entries of three kinds; the place at which an entry stood tells equal ones apart.
        for length in 0..=6u32 {
            for number in 0..3u32.pow(length) {
                let entries = (0..length).map(|place| (number / 3u32.pow(place) % 3, place));
                let mut ours: Vec<_> = entries.collect();
                let mut theirs = ours.clone();
                put_in_order(&mut ours, |a, b| a.0 < b.0);
                theirs.sort_by_key(|entry| entry.0);
                assert_eq!(ours, theirs);
            }
        }
    }
}

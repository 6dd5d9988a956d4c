//! Which elements may stand together (General Specifications, data relationships).

use crate::table::fits;
use crate::{Ai, ElementString, Gs1Error, Problem};

impl ElementString {
    /// Checks that nothing is missing that an element needs, and that no two exclude each other. GS1 asks this of all
    /// codes on a pack together: merge them first.
    ///
    /// # Errors
    /// The first element, in their order, that cannot stand with the others.
    pub fn check_associations(&self) -> Result<(), Gs1Error> {
        for element in self.iter() {
            let ai = element.ai();
            self.check_exclusions(ai).and_then(|()| self.check_needs(ai)).map_err(|p| Gs1Error::from(p).about(ai))?;
        }
        Ok(())
    }

    fn check_exclusions(&self, ai: Ai) -> Result<(), Problem> {
        let row = ai.rules();
        let family = |other: Ai| row.alone_in_family && ai.number() / 10 == other.number() / 10;
        let excluded = |other: Ai| family(other) || row.excludes.split_whitespace().any(|p| fits(other, p));
        match self.iter().map(|element| element.ai()).find(|other| *other != ai && excluded(*other)) {
            Some(other) => Err(Problem::Excluded { other }),
            None => Ok(()),
        }
    }

    fn check_needs(&self, ai: Ai) -> Result<(), Problem> {
        let needs = ai.rules().needs;
        let is_there = |pattern: &str| self.iter().any(|element| fits(element.ai(), pattern));
        if !needs.is_empty() && !needs.split_whitespace().any(|group| group.split('+').all(is_there)) {
            return Err(Problem::Missing { needs: spelled(needs) });
        }
        if ai == Ai::SIGNATURE && self.iter().any(|element| lacks_serial(element.ai(), element.value())) {
            return Err(Problem::UnserialisedKey);
        }
        Ok(())
    }
}

/// Keys whose serial number is an optional end of their value.
fn lacks_serial(ai: Ai, value: &str) -> bool {
    [Ai::GDTI, Ai::GCN, Ai::GRAI].contains(&ai) && value.len() == ai.rules().length().0
}

/// `01+21 03` as `(01) with (21), or (03)`.
fn spelled(needs: &str) -> String {
    let group = |group: &str| group.split('+').map(|ai| format!("({ai})")).collect::<Vec<_>>().join(" with ");
    needs.split_whitespace().map(group).collect::<Vec<_>>().join(", or ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(elements: &[(u16, &str)]) -> Result<(), (&'static str, String)> {
        let mut all = ElementString::new();
        for (ai, value) in elements {
            let ai = Ai::from_number(*ai).expect("in the table");
            all = all.with(ai, value).expect("a good value");
        }
        all.check_associations().map_err(|e| (e.code(), e.to_string()))
    }

    #[test]
    fn a_pack_has_what_its_elements_need() {
        let gtin = (1, "09501101530003");
        assert_eq!(check(&[gtin, (21, "A"), (10, "L"), (17, "270100")]), Ok(()));
        assert_eq!(check(&[(414, "9501101530003"), (254, "DOCK")]), Ok(()));
        for (elements, sentence) in [
            (vec![(21, "A")], "serial number (21): it needs (01), or (03), or (8006) beside it"),
            (vec![gtin, (37, "4")], "GTIN (01): it must not stand beside (37)"),
            (vec![(2, "09501101530003"), (37, "4")], "count (37): it needs (00) with (02), or (00) with (8026)"),
            (vec![gtin, (3100, "000001"), (3103, "000001")], "(3100): it must not stand beside (3103)"),
            (vec![(253, "9501101530003"), (8030, "QUJD")], "signature (8030): a signature (8030) needs a serial"),
        ] {
            let (code, found) = check(&elements).expect_err(sentence);
            assert_eq!(code, "AI_COMBINATION");
            assert!(found.starts_with(sentence), "{found}");
        }
    }
}

//! Elements of other namespaces in their JSON form.

use super::tree::{Element, Name, is_epcis};
use crate::json::Json;
use std::collections::BTreeMap;

/// The prefixes of an event, or of the document outside its events.
#[derive(Debug, Clone, Default)]
pub(super) struct Prefixes(BTreeMap<String, String>);

impl Prefixes {
    /// Takes in the prefixes that an element defines, but for those that mean the same in every EPCIS document.
    pub fn define(&mut self, element: &Element) {
        for (prefix, namespace) in &element.prefixes {
            let is_known = KNOWN.contains(&namespace.as_str()) || is_epcis(namespace);
            if !prefix.is_empty() && !is_known {
                self.0.insert(prefix.clone(), namespace.clone());
            }
        }
    }

    /// As a context defines them.
    pub fn context(&self) -> Json {
        Json::Object(self.0.iter().map(|(prefix, uri)| (prefix.clone(), Json::Text(uri.clone()))).collect())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The name of an element or attribute: behind its prefix, or behind another where this one is taken.
    pub fn name(&mut self, name: &Name) -> String {
        let Name { prefix, local, namespace } = name;
        if namespace.is_empty() {
            return local.clone();
        }
        if prefix.is_empty() {
            return full_name(name);
        }
        let numbered = |number: usize| if number == 1 { prefix.clone() } else { format!("{prefix}{number}") };
        for prefix in (1..=NUMBERS_MAX).map(numbered) {
            if self.0.entry(prefix.clone()).or_insert_with(|| namespace.clone()) == namespace {
                return format!("{prefix}:{local}");
            }
        }
        full_name(name)
    }

    /// An element's content.
    pub fn value(&mut self, element: &Element) -> Json {
        let mut members = self.attributes(element);
        members.extend(element.children.iter().map(|child| (self.name(&child.name), self.value(child))));
        let mut members = merged(members);
        let text = element.text();
        if members.is_empty() {
            return Json::Text(text.to_owned());
        }
        if !text.is_empty() {
            members.push(("#text".to_owned(), Json::Text(text.to_owned())));
        }
        Json::Object(members)
    }

    /// An element's attributes but for those of XML Schema; an @ tells those without a namespace from elements.
    fn attributes(&mut self, element: &Element) -> Vec<(String, Json)> {
        let own = element.attributes.iter().filter(|(name, _)| name.namespace.is_empty());
        let own = own.map(|(name, value)| (format!("@{}", name.local), Json::Text(value.clone())));
        own.chain(self.foreign_attributes(element)).collect()
    }

    /// The attributes of other namespaces that an element of EPCIS's own has, as extensions.
    pub fn foreign_attributes(&mut self, element: &Element) -> Vec<(String, Json)> {
        let is_foreign = |name: &Name| !name.namespace.is_empty() && name.namespace != SCHEMA_INSTANCE;
        let foreign = element.attributes.iter().filter(|(name, _)| is_foreign(name));
        foreign.map(|(name, value)| (self.name(name), Json::Text(value.clone()))).collect()
    }
}

/// Namespace and name together.
fn full_name(Name { local, namespace, .. }: &Name) -> String {
    let separator = if namespace.ends_with(['/', '#', ':']) { "" } else { "#" };
    format!("{namespace}{separator}{local}")
}

/// The members with each name once: the values of one that repeats become an array, where it stands first.
pub(super) fn merged(members: Vec<(String, Json)>) -> Vec<(String, Json)> {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut values: Vec<(String, Vec<Json>)> = Vec::new();
    for (name, value) in members {
        let place = *places.entry(name.clone()).or_insert(values.len());
        match values.get_mut(place) {
            Some((_, several)) => several.push(value),
            None => values.push((name, vec![value])),
        }
    }
    let one_or_several = |mut several: Vec<Json>| match several.len() {
        1 => several.remove(0),
        _ => Json::Array(several),
    };
    values.into_iter().map(|(name, several)| (name, one_or_several(several))).collect()
}

/// So many namespaces may use one prefix; elements of further ones are named by their namespace.
const NUMBERS_MAX: usize = 9;

/// `xsi:`, which says how a schema is to be applied.
pub(super) const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Namespaces whose words are the same in every document.
const KNOWN: [&str; 5] = [
    SCHEMA_INSTANCE,
    "http://www.w3.org/2001/XMLSchema",
    "https://ref.gs1.org/cbv/",
    "https://ref.gs1.org/voc/",
    "https://gs1.org/voc/",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_become_texts_objects_and_arrays() {
        let text = "<p:a xmlns:p='urn:p:' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><p:b xsi:type='t'> 1 </p:b>\
                    <p:b p:k='v' k='w'>2</p:b><c/><p:d xmlns:p='urn:q'><p:e/></p:d><f xmlns='urn:r'/></p:a>";
        let element = Element::parse(text).expect("good XML");
        let mut prefixes = Prefixes::default();
        let json = prefixes.value(&element).to_string();
        assert_eq!(json, r##"{"p:b":["1",{"@k":"w","p:k":"v","#text":"2"}],"c":"","p2:d":{"p2:e":""},"urn:r#f":""}"##);
        assert_eq!(prefixes.context().to_string(), r#"{"p":"urn:p:","p2":"urn:q"}"#);
    }
}

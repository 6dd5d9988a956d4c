//! Where a problem is: a path through the XML for one through its JSON form.

use super::tree::Element;

/// The path of an element that is in the tree.
pub(super) fn of_element(root: &Element, wanted: &Element) -> String {
    fn search<'a>(element: &'a Element, wanted: &Element, chain: &mut Vec<&'a Element>) -> bool {
        chain.push(element);
        if std::ptr::eq(element, wanted) || element.children.iter().any(|child| search(child, wanted, chain)) {
            return true;
        }
        chain.pop();
        false
    }
    let mut chain = Vec::new();
    search(root, wanted, &mut chain);
    let steps = chain.windows(2).map(|pair| format!("/{}", step(pair[0], pair[1])));
    format!("/{}{}", root.name.local, steps.collect::<String>())
}

/// A child's name, with its number when there are several of that name.
fn step(parent: &Element, child: &Element) -> String {
    let mut same = parent.children.iter().filter(|other| other.name.local == child.name.local);
    let number = same.clone().position(|other| std::ptr::eq(other, child)).unwrap_or_default() + 1;
    match same.nth(1) {
        Some(_) => format!("{}[{number}]", child.name.local),
        None => child.name.local.clone(),
    }
}

/// The path of what a JSON path leads to, as far as it can be told.
pub(super) fn of_json(root: &Element, events: &[&Element], json_path: &str) -> String {
    let mut steps = steps(json_path).into_iter().peekable();
    let mut at = root;
    let mut attribute = None;
    while let Some(step) = steps.next() {
        let Step::Field(name) = step else { continue };
        let index = steps.next_if(|next| matches!(next, Step::Item(_)));
        let index = index.map(|index| if let Step::Item(index) = index { index } else { 0 });
        if let (true, Some(event)) = (name == "eventList", index.and_then(|index| events.get(index))) {
            at = event;
            continue;
        }
        let matches = named(at, name);
        if matches.is_empty() {
            attribute = at.attributes.iter().find(|(known, _)| is_named(&known.prefix, &known.local, name));
            if attribute.is_some() {
                break;
            }
        }
        let found = match (index, matches.as_slice()) {
            (Some(index), [list]) if !list.children.is_empty() && !REPEATED.contains(&name) => list.children.get(index),
            (Some(index), several) => several.get(index).copied(),
            (None, several) => several.first().copied(),
        };
        at = found.unwrap_or(at);
    }
    let path = of_element(root, at);
    attribute.map_or_else(|| path.clone(), |(name, _)| format!("{path}/@{}", name.local))
}

/// The children with a name, those in extensions too.
fn named<'a>(element: &'a Element, name: &str) -> Vec<&'a Element> {
    let name = SINGULAR.iter().find(|(plural, _)| *plural == name).map_or(name, |(_, singular)| singular);
    let mut found = Vec::new();
    for child in &element.children {
        if is_named(&child.name.prefix, &child.name.local, name) {
            found.push(child);
        } else if child.is("extension") || child.is("baseExtension") {
            found.extend(named(child, name));
        }
    }
    found
}

fn is_named(prefix: &str, local: &str, name: &str) -> bool {
    local.eq_ignore_ascii_case(name) || name.split_once(':').is_some_and(|(p, l)| p == prefix && l == local)
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Field(&'a str),
    Item(usize),
}

fn steps(json_path: &str) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    for field in json_path.trim_start_matches('$').split('.').filter(|field| !field.is_empty()) {
        let (name, items) = field.split_once('[').unwrap_or((field, ""));
        if !name.is_empty() {
            steps.push(Step::Field(name));
        }
        steps.extend(items.split('[').filter_map(|item| item.trim_end_matches(']').parse().ok()).map(Step::Item));
    }
    steps
}

/// What stands in XML without a list around it.
const REPEATED: [&str; 5] = ["sensorReport", "certificationInfo", "set", "unset", "attributes"];
const SINGULAR: [(&str, &str); 1] = [("attributes", "attribute")];

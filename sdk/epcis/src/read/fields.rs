//! Reading an object's members: which are needed, which are known, what form they have.

use crate::json::Json;
use crate::limits::EXTENSION_DEPTH_MAX;
use crate::path::Path;
use crate::problem::{CAPTURE_LIMIT, Coded, Sink};
use std::str::FromStr;
use theriac_domain::event::ExtensionField;
use theriac_domain::time::parse_date_time;
use theriac_domain::{Decimal, EventTime, Uri};

/// An object of the document and its place.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    pub path: &'a Path<'a>,
    members: &'a [(String, Json)],
}

impl<'a> Fields<'a> {
    /// The value as an object.
    pub fn open(value: &'a Json, path: &'a Path<'a>, sink: &mut Sink) -> Option<Self> {
        match value {
            Json::Object(members) => Some(Self { path, members }),
            other => {
                sink.invalid(path, format!("This should be an object, but is {}.", other.kind()));
                None
            }
        }
    }

    /// Where a member is.
    pub fn at<'b>(&'b self, name: &'b str) -> Path<'b> {
        self.path.field(name)
    }

    /// A member, if it is there.
    pub fn find(&self, name: &str) -> Option<&'a Json> {
        self.members.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The members whose names are in a list, or are not.
    pub fn members(&self) -> impl Iterator<Item = (&'a str, &'a Json)> {
        self.members.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Whether the member is an array that holds something.
    pub fn has_items(&self, name: &str) -> bool {
        matches!(self.find(name), Some(Json::Array(items)) if !items.is_empty())
    }

    /// A member that must be there.
    pub fn needed(&self, name: &str, sink: &mut Sink) -> Option<&'a Json> {
        let found = self.find(name);
        if found.is_none() {
            sink.invalid(self.path, format!("The required field {name:?} is missing."));
        }
        found
    }

    /// A text, if it is there.
    pub fn text(&self, name: &str, sink: &mut Sink) -> Option<&'a str> {
        text(self.find(name)?, &self.at(name), sink)
    }

    /// A text that is given away, if it is there.
    pub fn owned_text(&self, name: &str, sink: &mut Sink) -> Option<String> {
        self.text(name, sink).map(str::to_owned)
    }

    /// A text of a certain form, if it is there.
    pub fn parsed<T: FromStr<Err: Coded>>(&self, name: &str, sink: &mut Sink) -> Option<T> {
        parsed(self.find(name)?, &self.at(name), sink)
    }

    /// A text of a certain form that must be there.
    pub fn needed_parsed<T: FromStr<Err: Coded>>(&self, name: &str, sink: &mut Sink) -> Option<T> {
        parsed(self.needed(name, sink)?, &self.at(name), sink)
    }

    /// An identifier, if it is there.
    pub fn identifier<T: FromStr<Err: Coded>>(&self, name: &str, sink: &mut Sink) -> Option<T> {
        identifier(self.find(name)?, &self.at(name), sink)
    }

    /// An identifier that must be there.
    pub fn needed_identifier<T: FromStr<Err: Coded>>(&self, name: &str, sink: &mut Sink) -> Option<T> {
        identifier(self.needed(name, sink)?, &self.at(name), sink)
    }

    /// A moment with its zone, if it is there.
    pub fn moment(&self, name: &str, sink: &mut Sink) -> Option<EventTime> {
        moment(self.find(name)?, &self.at(name), sink)
    }

    /// A moment that must be there.
    pub fn needed_moment(&self, name: &str, sink: &mut Sink) -> Option<EventTime> {
        moment(self.needed(name, sink)?, &self.at(name), sink)
    }

    /// A number, if it is there.
    pub fn decimal(&self, name: &str, sink: &mut Sink) -> Option<Decimal> {
        let path = self.at(name);
        match self.find(name)? {
            Json::Number(number) => {
                number.parse().map_err(|error: <Decimal as FromStr>::Err| sink.report(&path, error.code(), &error)).ok()
            }
            other => {
                sink.invalid(&path, format!("This should be a number, but is {}.", other.kind()));
                None
            }
        }
    }

    /// A unit of measure, if it is there.
    pub fn unit(&self, name: &str, sink: &mut Sink) -> Option<String> {
        let unit = self.text(name, sink)?;
        let is_unit = (2..=3).contains(&unit.len())
            && unit.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if !is_unit {
            let message = format!("{unit:?} is no unit of measure: two or three capitals or digits, such as KGM.");
            sink.invalid(&self.at(name), message);
        }
        Some(unit.to_owned())
    }

    /// Reads each element of an array; an absent one is empty.
    pub fn list<T>(
        &self,
        name: &str,
        sink: &mut Sink,
        mut read: impl FnMut(&'a Json, &Path<'_>, &mut Sink) -> Option<T>,
    ) -> Vec<T> {
        let Some(value) = self.find(name) else { return Vec::new() };
        let path = self.at(name);
        let Some(items) = array(value, &path, sink) else { return Vec::new() };
        let mut list = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            if sink.is_full() {
                break;
            }
            list.extend(read(item, &path.item(index), sink));
        }
        list
    }

    /// Gives back the members outside `known`, ascending by name: extensions when their name is a URI or
    /// `prefix:name`, else problems.
    pub fn extensions(&self, known: &[&str], sink: &mut Sink) -> Vec<ExtensionField> {
        let mut extensions = Vec::new();
        for (name, value) in self.members().filter(|(name, _)| !known.contains(name)) {
            if name.parse::<Uri>().is_ok() {
                check_depth(value, &self.at(name), sink);
                extensions.push(ExtensionField { name: name.to_owned(), json: value.to_string() });
            } else {
                let message = format!("Unknown field {name:?}. Fields of your own are named prefix:name.");
                sink.invalid(&self.at(name), message);
            }
        }
        extensions.sort_by(|one, other| one.name.cmp(&other.name));
        extensions
    }

    /// Reports every member outside `known`.
    pub fn nothing_but(&self, known: &[&str], sink: &mut Sink) {
        for (name, _) in self.members().filter(|(name, _)| !known.contains(name)) {
            sink.invalid(&self.at(name), format!("Unknown field {name:?}; none of one's own may stand here."));
        }
    }
}

/// Refuses what is kept verbatim and would make another document too deep.
pub(crate) fn check_depth(value: &Json, path: &Path<'_>, sink: &mut Sink) {
    let depth = value.depth();
    if depth > EXTENSION_DEPTH_MAX {
        let message =
            format!("Arrays and objects are nested {depth} deep here, at most {EXTENSION_DEPTH_MAX} are taken.");
        sink.report(path, CAPTURE_LIMIT, message);
    }
}

/// The value as a text.
pub(crate) fn text<'a>(value: &'a Json, path: &Path<'_>, sink: &mut Sink) -> Option<&'a str> {
    let text = value.as_text();
    if text.is_none() {
        sink.invalid(path, format!("This should be a text, but is {}.", value.kind()));
    }
    text
}

/// The value as a text of a certain form.
pub(crate) fn parsed<T: FromStr<Err: Coded>>(value: &Json, path: &Path<'_>, sink: &mut Sink) -> Option<T> {
    match text(value, path, sink)?.parse() {
        Ok(value) => Some(value),
        Err(error) => {
            sink.report(path, error.code(), &error);
            None
        }
    }
}

/// The value as an identifier: a URI first, whatever other spellings the domain knows.
pub(crate) fn identifier<T: FromStr<Err: Coded>>(value: &Json, path: &Path<'_>, sink: &mut Sink) -> Option<T> {
    parsed::<Uri>(value, path, sink)?;
    parsed(value, path, sink)
}

/// The value as a moment with the zone that it was written in.
fn moment(value: &Json, path: &Path<'_>, sink: &mut Sink) -> Option<EventTime> {
    let written = text(value, path, sink)?;
    match parse_date_time(written) {
        Ok(utc_ms) => {
            // What was read as a moment ends with Z or with the six characters of an offset.
            let offset = written.len().checked_sub(6).and_then(|at| written.get(at..)).unwrap_or_default();
            let offset_minutes = theriac_domain::time::parse_offset(offset).unwrap_or(0);
            within_calendar(EventTime { utc_ms, offset_minutes }, path, sink)
        }
        Err(error) => {
            sink.report(path, error.code(), &error);
            None
        }
    }
}

/// Refuses a moment whose local date has no year of four digits.
pub(crate) fn within_calendar(time: EventTime, path: &Path<'_>, sink: &mut Sink) -> Option<EventTime> {
    let local = time.utc_ms + i64::from(time.offset_minutes) * 60_000;
    if (YEAR_1_MS..YEAR_10_000_MS).contains(&local) {
        return Some(time);
    }
    sink.invalid(path, "In its time zone this moment lies outside of the years 1 to 9999.");
    None
}

/// 0001-01-01T00:00Z in milliseconds since 1970.
const YEAR_1_MS: i64 = -62_135_596_800_000;
/// 10000-01-01T00:00Z in milliseconds since 1970.
const YEAR_10_000_MS: i64 = 253_402_300_800_000;

/// The value as an array.
pub(crate) fn array<'a>(value: &'a Json, path: &Path<'_>, sink: &mut Sink) -> Option<&'a [Json]> {
    match value {
        Json::Array(items) => Some(items),
        other => {
            sink.invalid(path, format!("This should be an array, but is {}.", other.kind()));
            None
        }
    }
}

//! Reading an object's members: which are needed, which are known, what form they have.

use crate::json::Json;
use crate::problem::{Coded, EPCIS_VALIDATION, Sink};
use std::str::FromStr;
use theriac_domain::Uri;
use theriac_domain::event::ExtensionField;

/// An object of the document and its place.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    pub path: &'a str,
    members: &'a [(String, Json)],
}

impl<'a> Fields<'a> {
    /// The value as an object.
    pub fn open(value: &'a Json, path: &'a str, sink: &mut Sink) -> Option<Self> {
        match value {
            Json::Object(members) => Some(Self { path, members }),
            other => {
                sink.report(path, EPCIS_VALIDATION, format!("This should be an object, but is {}.", other.kind()));
                None
            }
        }
    }

    /// Where a member is.
    pub fn at(&self, name: &str) -> String {
        format!("{}.{name}", self.path)
    }

    /// A member, if it is there.
    pub fn find(&self, name: &str) -> Option<&'a Json> {
        self.members.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// A member that must be there.
    pub fn needed(&self, name: &str, sink: &mut Sink) -> Option<&'a Json> {
        let found = self.find(name);
        if found.is_none() {
            sink.report(self.path, EPCIS_VALIDATION, format!("The required field {name:?} is missing."));
        }
        found
    }

    /// A text, if it is there.
    pub fn text(&self, name: &str, sink: &mut Sink) -> Option<&'a str> {
        text(self.find(name)?, &self.at(name), sink)
    }

    /// A text of a certain form, if it is there.
    pub fn parsed<T>(&self, name: &str, sink: &mut Sink) -> Option<T>
    where
        T: FromStr,
        T::Err: Coded,
    {
        parsed(self.find(name)?, &self.at(name), sink)
    }

    /// A text of a certain form that must be there.
    pub fn needed_parsed<T>(&self, name: &str, sink: &mut Sink) -> Option<T>
    where
        T: FromStr,
        T::Err: Coded,
    {
        parsed(self.needed(name, sink)?, &self.at(name), sink)
    }

    /// An identifier, if it is there.
    pub fn identifier<T>(&self, name: &str, sink: &mut Sink) -> Option<T>
    where
        T: FromStr,
        T::Err: Coded,
    {
        identifier(self.find(name)?, &self.at(name), sink)
    }

    /// An identifier that must be there.
    pub fn needed_identifier<T>(&self, name: &str, sink: &mut Sink) -> Option<T>
    where
        T: FromStr,
        T::Err: Coded,
    {
        identifier(self.needed(name, sink)?, &self.at(name), sink)
    }

    /// Reads each element of an array; an absent one is empty.
    pub fn list<T>(
        &self,
        name: &str,
        sink: &mut Sink,
        mut read: impl FnMut(&'a Json, &str, &mut Sink) -> Option<T>,
    ) -> Vec<T> {
        let Some(value) = self.find(name) else { return Vec::new() };
        let path = self.at(name);
        let Some(items) = array(value, &path, sink) else { return Vec::new() };
        let items = items.iter().enumerate();
        items.filter_map(|(index, item)| read(item, &format!("{path}[{index}]"), sink)).collect()
    }

    /// Gives back the members outside `known`: extensions when their name is a URI or `prefix:name`, else problems.
    pub fn extensions(&self, known: &[&str], sink: &mut Sink) -> Vec<ExtensionField> {
        let mut extensions = Vec::new();
        for (name, value) in self.members.iter().filter(|(name, _)| !known.contains(&name.as_str())) {
            if name.parse::<Uri>().is_ok() {
                extensions.push(ExtensionField { name: name.clone(), json: value.to_string() });
            } else {
                let message = format!("Unknown field {name:?}. Fields of your own are named prefix:name.");
                sink.report(&self.at(name), EPCIS_VALIDATION, message);
            }
        }
        extensions
    }

    /// Reports every member outside `known`.
    pub fn nothing_but(&self, known: &[&str], sink: &mut Sink) {
        for (name, _) in self.members.iter().filter(|(name, _)| !known.contains(&name.as_str())) {
            sink.report(
                &self.at(name),
                EPCIS_VALIDATION,
                format!("Unknown field {name:?}; none of one's own may stand here."),
            );
        }
    }
}

/// The value as a text.
pub(crate) fn text<'a>(value: &'a Json, path: &str, sink: &mut Sink) -> Option<&'a str> {
    match value {
        Json::Text(text) => Some(text),
        other => {
            sink.report(path, EPCIS_VALIDATION, format!("This should be a text, but is {}.", other.kind()));
            None
        }
    }
}

/// The value as a text of a certain form.
pub(crate) fn parsed<T>(value: &Json, path: &str, sink: &mut Sink) -> Option<T>
where
    T: FromStr,
    T::Err: Coded,
{
    match text(value, path, sink)?.parse() {
        Ok(value) => Some(value),
        Err(error) => {
            sink.report(path, error.code(), &error);
            None
        }
    }
}

/// The value as an identifier: a URI first, whatever other spellings the domain knows.
pub(crate) fn identifier<T>(value: &Json, path: &str, sink: &mut Sink) -> Option<T>
where
    T: FromStr,
    T::Err: Coded,
{
    parsed::<Uri>(value, path, sink)?;
    parsed(value, path, sink)
}

/// The value as an array.
pub(crate) fn array<'a>(value: &'a Json, path: &str, sink: &mut Sink) -> Option<&'a [Json]> {
    match value {
        Json::Array(items) => Some(items),
        other => {
            sink.report(path, EPCIS_VALIDATION, format!("This should be an array, but is {}.", other.kind()));
            None
        }
    }
}

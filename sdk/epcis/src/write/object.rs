//! A JSON object that is written field by field.

use crate::json::{Json, quoted};
use crate::limits::EXTENSION_DEPTH_MAX;
use std::fmt;
use theriac_domain::event::ExtensionField;

/// An object that has been opened.
pub(crate) struct Object<'a> {
    out: &'a mut String,
    is_empty: bool,
}

impl<'a> Object<'a> {
    /// Opens an object at the end of a text.
    pub fn open(out: &'a mut String) -> Self {
        out.push('{');
        Self { out, is_empty: true }
    }

    /// Closes it.
    pub fn close(self) {
        self.out.push('}');
    }

    /// Begins a field; its value is to be written next.
    pub fn field(&mut self, name: &str) -> &mut String {
        if !std::mem::take(&mut self.is_empty) {
            self.out.push(',');
        }
        self.out.push_str(&quoted(name));
        self.out.push(':');
        self.out
    }

    /// A field whose value is JSON already.
    pub fn json(&mut self, name: &str, json: impl fmt::Display) {
        let json = json.to_string();
        self.field(name).push_str(&json);
    }

    /// A text.
    pub fn text(&mut self, name: &str, text: impl fmt::Display) {
        self.json(name, quoted(&text.to_string()));
    }

    /// A text, if there is one.
    pub fn maybe_text(&mut self, name: &str, text: Option<impl fmt::Display>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// A number or a truth value, if there is one.
    pub fn maybe_json(&mut self, name: &str, value: Option<impl fmt::Display>) {
        if let Some(value) = value {
            self.json(name, value);
        }
    }

    /// An array, unless it is empty.
    pub fn list<T>(&mut self, name: &str, items: &[T], write: impl FnMut(&mut String, &T)) {
        if !items.is_empty() {
            self.whole_list(name, items, write);
        }
    }

    /// An array, empty or not.
    pub fn whole_list<T>(&mut self, name: &str, items: &[T], mut write: impl FnMut(&mut String, &T)) {
        let out = self.field(name);
        for (index, item) in items.iter().enumerate() {
            out.push(if index == 0 { '[' } else { ',' });
            write(out, item);
        }
        out.push_str(if items.is_empty() { "[]" } else { "]" });
    }

    /// Extensions.
    pub fn extensions(&mut self, extensions: &[ExtensionField]) {
        for ExtensionField { name, json } in extensions {
            self.kept(name, json);
        }
    }

    /// JSON that was kept as it was. What no document ever had, and what could not be read again, is written as a text:
    /// no JSON, or JSON that is too deep or names a key twice.
    pub fn kept(&mut self, name: &str, json: &str) {
        match Json::parse(json) {
            Ok(value) if value.depth() <= EXTENSION_DEPTH_MAX => self.json(name, json),
            _ => self.text(name, json),
        }
    }
}

/// Writes a text as an item of an array.
pub(crate) fn push_text(out: &mut String, text: &impl fmt::Display) {
    out.push_str(&quoted(&text.to_string()));
}

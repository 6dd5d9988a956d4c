//! The pre-hash string while it grows.

use super::node::ascending;

/// What is hashed, in its order.
#[derive(Default)]
pub(super) struct Fields(String);

impl Fields {
    /// A field that must be there.
    pub fn push(&mut self, name: &str, value: &str) {
        self.0.push_str(name);
        self.0.push('=');
        self.0.push_str(value);
    }

    /// A field that may be there.
    pub fn maybe(&mut self, name: &str, value: Option<String>) {
        if let Some(value) = value {
            self.push(name, &value);
        }
    }

    /// Members under their name, ascending; nothing when there are none.
    pub fn list(&mut self, name: &str, members: Vec<String>) {
        if !members.is_empty() {
            self.0.push_str(name);
            self.0.push_str(&ascending(members));
        }
    }

    /// Texts without a name, ascending.
    pub fn texts(&mut self, texts: Vec<String>) {
        self.0.push_str(&ascending(texts));
    }

    /// What has been put together.
    pub fn finish(self) -> String {
        self.0
    }
}

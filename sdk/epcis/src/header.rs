//! The header of a document: master data by vocabularies, and extensions.

use theriac_domain::Uri;
use theriac_domain::event::ExtensionField;

/// What stands in front of the events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// Master data; none when the document has no place for it.
    pub vocabularies: Option<Vec<Vocabulary>>,
    /// Fields outside the standard. In what came from XML, the Standard Business Document Header is one of them.
    pub extensions: Vec<ExtensionField>,
}

/// Master data of one kind of things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vocabulary {
    /// Of which kind, such as `urn:epcglobal:epcis:vtype:EPCClass`.
    pub kind: Uri,
    /// The things.
    pub elements: Vec<VocabularyElement>,
    /// Fields outside the standard.
    pub extensions: Vec<ExtensionField>,
}

/// What is known of one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VocabularyElement {
    /// The thing's identifier, as written.
    pub id: Uri,
    /// What is known of it; an attribute may be given several times.
    pub attributes: Vec<Attribute>,
    /// Things within it, such as places in a place.
    pub children: Vec<Uri>,
    /// Fields outside the standard.
    pub extensions: Vec<ExtensionField>,
}

/// Something known of a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its name, such as `urn:epcglobal:cbv:mda#city`.
    pub id: Uri,
    /// Its value: compact JSON. None when it is only named.
    pub json: Option<String>,
}

impl Attribute {
    /// The value, when it is a text.
    pub fn text(&self) -> Option<String> {
        self.json.as_deref().and_then(|json| serde_json::from_str(json).ok())
    }

    /// The name without its namespace: what follows the last of `#`, `/` and `:`.
    pub fn name(&self) -> &str {
        self.id.as_str().rsplit(['#', '/', ':']).next().unwrap_or_default()
    }
}

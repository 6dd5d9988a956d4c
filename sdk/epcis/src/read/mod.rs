//! From a JSON tree to a document and its events.

mod context;
mod document;
mod event;
mod fields;
mod ilmd;
mod parts;
mod sensors;
mod subject;
mod vocabulary;
mod words;

pub(crate) use context::Prefixes;
pub(crate) use document::document;
use fields::array;

//! From XML to the tree that JSON documents have, which is then read as theirs is.

mod document;
mod event;
mod foreign;
mod header;
mod order;
mod place;
mod sensors;
mod tree;
mod words;

pub(crate) use document::document;

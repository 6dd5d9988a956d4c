//! Rules about the content of one part of a value, beyond its characters and length. One small function each.

pub(crate) mod calendar;
mod check;
mod codes;
mod coupon;
mod linters;
mod lists;
mod numbers;
mod rule;
mod shape;

pub use check::{check_digit, check_pair};
pub use coupon::{CouponFlaw, CouponPart};
pub use linters::Linter;
pub(crate) use rule::Flaw;
pub use rule::Rule;

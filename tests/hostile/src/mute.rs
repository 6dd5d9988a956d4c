//! Packages of a good form that cannot or will not say what they are.

use crate::form::Parts;
use crate::refused::Refused;

/// One of each kind. The check of the form passes them; a peer refuses them when it asks.
pub fn mute() -> Vec<Refused> {
    let rows = [
        ("describes for ever", "it takes too long", "", "(loop $l (br $l)) i32.const 0"),
        ("describes too deeply", "too deeply", "(func $f (call $f))", "(call $f) i32.const 0"),
        (
            "reads while it describes",
            "a description may not",
            "",
            "(call $get (i32.const 0) (i32.const 1) (i32.const 64)) i32.const 60000",
        ),
        (
            "panics instead",
            "no words",
            r#"(data (i32.const 0) "no words")"#,
            "(call $panicked (i32.const 0) (i32.const 8)) i32.const 0",
        ),
        ("breaks off instead", "", "", "unreachable"),
        ("describes itself from nowhere", "", "", "i32.const -8"),
        ("describes itself at length", "", "", "(i32.store (i32.const 60004) (i32.const -1)) i32.const 60000"),
        ("describes itself in other words", "", "", "(i32.store8 (i32.const 60008) (i32.const 255)) i32.const 60000"),
        ("data beyond its memory", "", r#"(data (i32.const 65535) "two")"#, "i32.const 60000"),
    ];
    let row = |(name, says, items, describe)| {
        let module = Parts { items, describe, ..Parts::default() }.module();
        Refused { name, code: "PACKAGE_DESCRIPTION", says, module }
    };
    rows.into_iter().map(row).collect()
}

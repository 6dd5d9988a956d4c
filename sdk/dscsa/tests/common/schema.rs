//! As much of JSON Schema as PDG's schemas use. A keyword that is not known here fails the test: nothing passes because
//! it was not looked at.

use serde_json::Value;

/// What a value breaks of a schema, each with its place.
pub fn breaches(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, schema, value, "$", &mut found);
    found
}

fn check(root: &Value, schema: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
    for (keyword, rule) in schema.as_object().unwrap() {
        match keyword.as_str() {
            "title" | "default" | "$defs" => {}
            "$ref" => {
                let target = root.pointer(rule.as_str().unwrap().strip_prefix('#').unwrap()).unwrap();
                check(root, target, value, path, found);
            }
            "type" => {
                let is = match rule.as_str().unwrap() {
                    "string" => value.is_string(),
                    "integer" => value.is_i64() || value.is_u64(),
                    "boolean" => value.is_boolean(),
                    "null" => value.is_null(),
                    "array" => value.is_array(),
                    "object" => value.is_object(),
                    other => unreachable!("type {other}"),
                };
                if !is {
                    found.push(format!("{path}: {value} is no {rule}"));
                }
            }
            "enum" if !rule.as_array().unwrap().contains(value) => found.push(format!("{path}: {value} not in {rule}")),
            "enum" => {}
            "anyOf" => {
                let fits = |one: &Value| breaches_at(root, one, value, path).is_empty();
                if !rule.as_array().unwrap().iter().any(fits) {
                    found.push(format!("{path}: {value} fits none of {rule}"));
                }
            }
            "required" => {
                let missing =
                    rule.as_array().unwrap().iter().filter(|name| value.get(name.as_str().unwrap()).is_none());
                found.extend(missing.map(|name| format!("{path}: {name} is missing")));
            }
            "properties" => {
                for (name, schema) in rule.as_object().unwrap() {
                    if let Some(value) = value.get(name) {
                        check(root, schema, value, &format!("{path}.{name}"), found);
                    }
                }
            }
            "items" => {
                for (at, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(root, rule, item, &format!("{path}[{at}]"), found);
                }
            }
            other => unreachable!("keyword {other}"),
        }
    }
}

fn breaches_at(root: &Value, schema: &Value, value: &Value, path: &str) -> Vec<String> {
    let mut found = Vec::new();
    check(root, schema, value, path, &mut found);
    found
}

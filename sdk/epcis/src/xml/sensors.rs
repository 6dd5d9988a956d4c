//! Sensor elements: what are fields in JSON are attributes here.

use super::event::Converter;
use super::foreign::merged;
use super::tree::Element;
use super::words::gs1;
use crate::json::Json;

impl Converter<'_> {
    /// `sensorElementList`.
    pub(super) fn sensors(&mut self, list: &Element) -> Json {
        let elements = self.flattened(list, &["sensorElement"]);
        Json::Array(elements.into_iter().map(|element| self.sensor(element)).collect())
    }

    fn sensor(&mut self, element: &Element) -> Json {
        let (mut members, mut foreign, mut reports) = (Vec::new(), Vec::new(), Vec::new());
        for child in self.flattened(element, &["sensorMetadata", "sensorReport"]) {
            match child.name.local.as_str() {
                _ if !child.is_own() => self.foreign(&mut foreign, child),
                "sensorMetadata" => {
                    let fields = self.fields(child);
                    self.once(&mut members, "sensorMetadata", fields, child);
                }
                _ => reports.push(self.fields(child)),
            }
        }
        if !reports.is_empty() {
            members.push(("sensorReport".to_owned(), Json::Array(reports)));
        }
        members.extend(merged(foreign));
        Json::Object(members)
    }

    /// An element's attributes as fields.
    fn fields(&mut self, element: &Element) -> Json {
        let mut members = self.prefixes.foreign_attributes(element);
        for (name, value) in element.attributes.iter().filter(|(name, _)| name.namespace.is_empty()) {
            let value = value.trim();
            let json = match name.local.as_str() {
                "value" | "minValue" | "maxValue" | "meanValue" | "sDev" | "percRank" | "percValue" => number(value),
                "booleanValue" => boolean(value),
                "type" | "exception" => Json::Text(gs1(value)),
                _ => Json::Text(value.to_owned()),
            };
            members.push((name.local.clone(), json));
        }
        for child in &element.children {
            self.unknown(child);
        }
        Json::Object(members)
    }
}

/// A number as JSON writes it; what is none stays a text, which is then refused.
pub(super) fn number(text: &str) -> Json {
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    let (sign, digits) = unsigned.strip_prefix('-').map_or(("", unsigned), |digits| ("-", digits));
    let (mantissa, exponent) = digits.find(['e', 'E']).map_or((digits, ""), |at| digits.split_at(at));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_number = (!whole.is_empty() || !fraction.is_empty())
        && whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit())
        && exponent.bytes().skip(1).all(|byte| byte.is_ascii_digit() || b"+-".contains(&byte));
    if !is_number || text.matches(['+', '-']).count() > 2 {
        return Json::Text(text.to_owned());
    }
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let point = if fraction.is_empty() { "" } else { "." };
    Json::Number(format!("{sign}{whole}{point}{fraction}{exponent}"))
}

/// A truth value; what is none stays a text, which is then refused.
fn boolean(text: &str) -> Json {
    match text {
        "true" | "1" => Json::Bool(true),
        "false" | "0" => Json::Bool(false),
        _ => Json::Text(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lose_what_json_does_not_allow() {
        for (text, json) in [
            ("26.0", "26.0"),
            ("+5", "5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("-007.50", "-7.50"),
            ("1E-2", "1E-2"),
            ("0", "0"),
        ] {
            assert_eq!(number(text), Json::Number(json.to_owned()), "{text}");
        }
        for bad in ["", ".", "x", "INF", "NaN", "--1", "1,5", "0x1", "1 2"] {
            assert!(matches!(number(bad), Json::Text(_)), "{bad}");
        }
    }
}

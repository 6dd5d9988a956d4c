//! The order of an event's elements in EPCIS 2.0.

/// The place of an element among those of its event; that of elements in other namespaces is the last.
///
/// Whether master data come before or after what sensors measured, drafts and versions of the schema disagree on: both
/// are taken.
pub(super) fn rank(kind: &str, name: &str) -> Option<usize> {
    let rank = order(kind).position(|known| known == name)?;
    let sensors = order(kind).position(|known| known == "sensorElementList")?;
    Some(if matches!(name, "persistentDisposition" | "ilmd") { sensors } else { rank })
}

/// The elements of each kind of event, as the schema of EPCIS 2.0 orders them.
pub(super) fn order(kind: &str) -> impl Iterator<Item = &'static str> {
    let subject: &[&str] = match kind {
        "ObjectEvent" => &["epcList", "action"],
        "AggregationEvent" => &["parentID", "childEPCs", "action"],
        "TransactionEvent" => &["bizTransactionList", "parentID", "epcList", "action"],
        "TransformationEvent" => {
            &["inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList", "transformationID"]
        }
        _ => &["parentID", "childEPCs", "childQuantityList", "action"],
    };
    let further: &[&str] = match kind {
        "ObjectEvent" => &["bizTransactionList", "quantityList"],
        "AggregationEvent" => &["bizTransactionList", "childQuantityList"],
        "TransactionEvent" => &["quantityList"],
        _ => &["bizTransactionList"],
    };
    [FIRST, subject, PLACE, further, LAST].into_iter().flatten().copied()
}

const FIRST: &[&str] = &[
    "eventTime",
    "recordTime",
    "eventTimeZoneOffset",
    "eventID",
    "errorDeclaration",
    "certificationInfo",
    "baseExtension",
];
const PLACE: &[&str] = &["bizStep", "disposition", "readPoint", "bizLocation"];
const LAST: &[&str] =
    &["sourceList", "destinationList", "sensorElementList", "persistentDisposition", "ilmd", "extension"];

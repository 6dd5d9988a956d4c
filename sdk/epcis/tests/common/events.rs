//! Events of all kinds, made up.
#![allow(dead_code, clippy::unwrap_used)]

use proptest::collection::{btree_set, vec};
use proptest::option::of;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::str::FromStr;
use theriac_domain::event::*;
use theriac_domain::vocabulary::{BusinessTransactionType, ErrorReason, SourceDestinationType};
use theriac_domain::{Action, BusinessStep, Decimal, Disposition, Epc, EpcClass, Event, EventTime, Place, Uri};
use theriac_gs1::percent_encode;

/// The prefixes that extensions use.
pub const PREFIXES: [&str; 3] = ["ext1", "ext2", "cbvmda"];

/// Events whose namespaces define every prefix, used or not.
pub fn event() -> impl Strategy<Value = Event> {
    (time(), body()).prop_flat_map(|(time, body)| {
        let transactions = usize::from(matches!(body, Body::Transaction(_)));
        let who = (of(uri()), vec(uri(), 0..3), of(declaration()), of(word::<BusinessStep>(&["shipping", "packing"])));
        let what = (of(word::<Disposition>(&["active", "in_transit"])), of(marks()), of(site()), of(site()));
        let with = (
            vec(transaction(), transactions..3),
            vec(end(), 0..3),
            vec(end(), 0..3),
            vec(sensor(time), 0..3),
            extensions(),
        );
        (Just((time, body)), who, what, with).prop_map(|((time, body), who, what, with)| Event {
            time,
            event_id: who.0,
            certifications: who.1,
            error: who.2,
            step: who.3,
            disposition: what.0,
            marks: what.1,
            read_point: what.2,
            location: what.3,
            transactions: with.0,
            sources: with.1,
            destinations: with.2,
            sensors: with.3,
            extensions: with.4,
            namespaces: PREFIXES.map(namespace).into_iter().collect::<BTreeSet<_>>().into_iter().collect(),
            body,
        })
    })
}

fn namespace(prefix: &str) -> Namespace {
    Namespace { prefix: prefix.to_owned(), uri: format!("urn:{prefix}:").parse().unwrap() }
}

fn time() -> impl Strategy<Value = EventTime> {
    let offset = prop_oneof![Just(0i16), -840i16..=840];
    (-2_000_000_000_000i64..4_000_000_000_000, offset)
        .prop_map(|(utc_ms, offset_minutes)| EventTime { utc_ms, offset_minutes })
}

fn before(time: EventTime) -> impl Strategy<Value = EventTime> {
    (0i64..1_000_000_000, -840i16..=840)
        .prop_map(move |(ago, offset_minutes)| EventTime { utc_ms: time.utc_ms - ago, offset_minutes })
}

fn parsed<T: FromStr + std::fmt::Debug>(text: impl Strategy<Value = String>) -> impl Strategy<Value = T> {
    text.prop_map(|text| text.parse().unwrap_or_else(|_| unreachable!("{text}")))
}

/// URIs.
pub fn uri() -> impl Strategy<Value = Uri> {
    parsed(prop_oneof![
        "urn:[a-z]{2,6}:[A-Za-z0-9:._-]{1,12}",
        "https://example\\.org/[a-z%]{0}[a-z]{1,9}",
        "ext1:[a-z]{1,6}"
    ])
}

fn word<T: FromStr + std::fmt::Debug>(words: &'static [&'static str]) -> impl Strategy<Value = T> {
    parsed(prop_oneof![
        3 => proptest::sample::select(words).prop_map(str::to_owned),
        1 => "(ext2:|https://example\\.org/)[a-z]{1,9}",
    ])
}

fn serial() -> impl Strategy<Value = String> {
    "[!\"%&'()*+,./0-9:;<=>?A-Z_a-z-]{1,20}".prop_map(|text| percent_encode(&text))
}

fn epc() -> impl Strategy<Value = Epc> {
    parsed(prop_oneof![
        serial().prop_map(|serial| format!("01/09501101530003/21/{serial}")),
        Just("00/095011010000000018".to_owned()),
        uri().prop_map(|uri| uri.to_string()),
    ])
}

fn class() -> impl Strategy<Value = EpcClass> {
    parsed(prop_oneof![
        serial().prop_map(|lot| format!("01/09501101530003/10/{lot}")),
        Just("01/09501101530003".to_owned()),
        uri().prop_map(|uri| uri.to_string()),
    ])
}

fn place() -> impl Strategy<Value = Place> {
    parsed(prop_oneof![
        serial().prop_map(|spot| format!("414/9501101000018/254/{spot}")),
        Just("414/9501101000018".to_owned()),
        Just("417/9501101000018".to_owned()),
        uri().prop_map(|uri| uri.to_string()),
    ])
}

fn decimal() -> impl Strategy<Value = Decimal> {
    parsed(
        (-999_999_999_999_999i64..999_999_999_999_999, 0i32..12)
            .prop_map(|(digits, scale)| format!("{digits}e-{scale}")),
    )
}

fn amount() -> impl Strategy<Value = Decimal> {
    decimal().prop_filter("an amount is not negative", |decimal| !decimal.is_negative())
}

fn quantity() -> impl Strategy<Value = Quantity> {
    (class(), of(amount()), of("[A-Z0-9]{2,3}")).prop_map(|(class, quantity, unit)| Quantity { class, quantity, unit })
}

fn epcs(least: usize) -> impl Strategy<Value = Vec<Epc>> {
    btree_set(epc(), least..4).prop_map(|set| set.into_iter().collect())
}

fn action() -> impl Strategy<Value = Action> {
    proptest::sample::select(&[Action::Add, Action::Observe, Action::Delete][..])
}

fn body() -> impl Strategy<Value = Body> {
    let object =
        (action(), epcs(1), vec(quantity(), 0..3), of(master_data())).prop_map(|(action, epcs, quantities, data)| {
            let master_data = data.filter(|_| action == Action::Add);
            Body::Object(Object { action, epcs, quantities, master_data })
        });
    let aggregation =
        (action(), epc(), epcs(1), vec(quantity(), 0..3)).prop_map(|(action, parent, children, quantities)| {
            let parent = Some(parent);
            Body::Aggregation(Aggregation { action, parent, children, child_quantities: quantities })
        });
    let transaction =
        (action(), of(epc()), epcs(0), vec(quantity(), 1..3)).prop_map(|(action, parent, epcs, quantities)| {
            Body::Transaction(Transaction { action, parent, epcs, quantities })
        });
    let transformation = (epcs(1), vec(quantity(), 0..3), epcs(0), vec(quantity(), 0..3), uri(), of(master_data()))
        .prop_map(|(inputs, input_quantities, outputs, output_quantities, id, master_data)| {
            let id = Some(id);
            Body::Transformation(Transformation {
                inputs,
                input_quantities,
                outputs,
                output_quantities,
                id,
                master_data,
            })
        });
    let association = (epc(), epcs(0), vec(quantity(), 0..3)).prop_map(|(parent, children, child_quantities)| {
        Body::Association(Association { action: Action::Delete, parent, children, child_quantities })
    });
    prop_oneof![object, aggregation, transaction, transformation, association]
}

fn master_data() -> impl Strategy<Value = MasterData> {
    let lot = of("[!\"%&'()*+,./0-9:;<=>?A-Z_a-z-]{1,20}");
    let date = of((2020i32..2040, 1u32..13, 1u32..29));
    (lot, date, extensions()).prop_map(|(lot, date, others)| MasterData {
        lot: lot.map(|lot| lot.parse().unwrap()),
        expiry: date.map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}").parse().unwrap()),
        others,
    })
}

/// Fields outside the standard, ascending by name.
pub fn extensions() -> impl Strategy<Value = Vec<ExtensionField>> {
    let name = prop_oneof!["ext[12]:[a-z]{1,6}", "cbvmda:x[a-z]{1,4}", "urn:[a-z]{2,4}:[a-z]{1,4}"];
    proptest::collection::btree_map(name, json(), 0..3)
        .prop_map(|fields| fields.into_iter().map(|(name, json)| ExtensionField { name, json }).collect())
}

fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<i64>().prop_map(|value| value.to_string()),
        "-?[1-9][0-9]{0,30}\\.[0-9]{1,9}(e-?[0-9]{1,3})?",
        "\\PC{0,12}".prop_map(|text| serde_json::to_string(&text).unwrap()),
        "ext[12]:[a-z]{1,4}".prop_map(|text| format!("{text:?}")),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            proptest::collection::btree_map("(ext[12]:)?[a-z\\\\\"]{1,4}", inner, 0..4).prop_map(|members| {
                let members = members.into_iter().map(|(k, v)| format!("{}:{v}", serde_json::to_string(&k).unwrap()));
                format!("{{{}}}", members.collect::<Vec<_>>().join(","))
            }),
        ]
    })
}

fn declaration() -> impl Strategy<Value = ErrorDeclaration> {
    (time(), of(word::<ErrorReason>(&["did_not_occur", "incorrect_data"])), vec(uri(), 0..3), extensions()).prop_map(
        |(declared, reason, corrected_by, extensions)| ErrorDeclaration { declared, reason, corrected_by, extensions },
    )
}

fn marks() -> impl Strategy<Value = Marks> {
    let words = |least| btree_set(word::<Disposition>(&["recalled", "damaged", "expired"]), least..3);
    (words(1), words(0))
        .prop_map(|(set, unset)| Marks { set: set.into_iter().collect(), unset: unset.into_iter().collect() })
}

fn site() -> impl Strategy<Value = Site> {
    (place(), extensions()).prop_map(|(place, extensions)| Site { place, extensions })
}

fn transaction() -> impl Strategy<Value = BusinessTransaction> {
    (of(word::<BusinessTransactionType>(&["po", "desadv"])), uri())
        .prop_map(|(kind, id)| BusinessTransaction { kind, id })
}

fn end() -> impl Strategy<Value = SourceDestination> {
    (word::<SourceDestinationType>(&["owning_party", "location"]), place())
        .prop_map(|(kind, place)| SourceDestination { kind, place })
}

fn source() -> impl Strategy<Value = SensorSource> {
    (of(uri()), of(uri()), of(uri()), of(uri()), of(uri())).prop_map(
        |(device, device_metadata, raw_data, processing_method, business_rules)| SensorSource {
            device,
            device_metadata,
            raw_data,
            processing_method,
            business_rules,
        },
    )
}

/// Where values come from stands with all reports or with each.
fn sensor(event: EventTime) -> impl Strategy<Value = SensorElement> {
    let metadata = (of(before(event)), of(before(event)), source(), extensions())
        .prop_map(|(time, end, source, extensions)| SensorMetadata { time, start: None, end, source, extensions });
    (of(metadata), vec(report(event), 1..3), extensions()).prop_map(|(metadata, mut reports, extensions)| {
        if metadata.is_some() {
            reports.iter_mut().for_each(|report| (report.source, report.time) = (SensorSource::default(), None));
        }
        SensorElement { metadata, reports, extensions }
    })
}

fn report(event: EventTime) -> impl Strategy<Value = SensorReport> {
    let kinds = of(proptest::sample::select(&["Temperature", "Speed", "ext1:Taste"][..]));
    let words = (
        kinds,
        of(proptest::sample::select(&["x", "latitude", "ext2:side"][..])),
        of("\\PC{0,9}"),
        of("[0-9a-fA-F]{1,8}"),
    );
    let numbers =
        (of(decimal()), of(decimal()), of(decimal()), of(decimal()), of(decimal()), of(decimal()), of(decimal()));
    let uris = (of(uri()), of(uri()), of(uri()), of(uri()));
    let rest = (source(), of(before(event)), of("[A-Z0-9]{2,3}"), of(any::<bool>()), extensions());
    (words, numbers, uris, rest).prop_map(|(words, numbers, uris, rest)| SensorReport {
        exception: words.0.is_none().then(|| "ALARM_CONDITION".to_owned()),
        kind: words.0.map(str::to_owned),
        component: words.1.map(str::to_owned),
        text: words.2,
        hexadecimal: words.3,
        value: numbers.0,
        min: numbers.1,
        max: numbers.2,
        mean: numbers.3,
        deviation: numbers.4,
        percentile_rank: numbers.5,
        percentile_value: numbers.6,
        microorganism: uris.0,
        substance: uris.1,
        coordinate_system: uris.2,
        uri: uris.3,
        source: rest.0,
        time: rest.1,
        unit: rest.2,
        boolean: rest.3,
        extensions: rest.4,
    })
}

//! Events in few words. The time is `hh:mm` on the first of March 2026 unless it says its day.

use super::Party;
use theriac_domain::event::{
    Aggregation, Association, Body, BusinessTransaction, ErrorDeclaration, ExtensionField, Marks, MasterData, Object,
    Quantity, SensorElement, SensorMetadata, SensorReport, SensorSource, SourceDestination, Transaction,
    Transformation,
};
use theriac_domain::vocabulary::{ErrorReason, SourceDestinationType};
use theriac_domain::{Action, Event, EventTime, Place};

/// An event in the making.
#[derive(Debug, Clone)]
pub struct Say(pub Event);

pub fn moment(text: &str) -> EventTime {
    let text = if text.len() == 5 { format!("2026-03-01T{text}:00Z") } else { text.to_owned() };
    EventTime { utc_ms: theriac_domain::time::parse_date_time(&text).unwrap(), offset_minutes: 0 }
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Debug>>(items: &[impl AsRef<str>]) -> Vec<T> {
    items.iter().map(|item| item.as_ref().parse().unwrap()).collect()
}

fn bare(time: &str, step: &str, body: Body) -> Say {
    let mut event = Event::new(moment(time), body);
    event.step = (!step.is_empty()).then(|| step.parse().unwrap());
    Say(event)
}

fn object(time: &str, action: Action, step: &str, items: &[impl AsRef<str>]) -> Say {
    let body = Object { action, epcs: parsed(items), quantities: Vec::new(), master_data: None };
    bare(time, step, Body::Object(body))
}

/// No items.
pub const NOTHING: &[&str] = &[];

pub fn adds(time: &str, step: &str, items: &[impl AsRef<str>]) -> Say {
    object(time, Action::Add, step, items)
}

pub fn sees(time: &str, step: &str, items: &[impl AsRef<str>]) -> Say {
    object(time, Action::Observe, step, items)
}

pub fn ends(time: &str, step: &str, items: &[impl AsRef<str>]) -> Say {
    object(time, Action::Delete, step, items)
}

fn aggregation(time: &str, action: Action, step: &str, parent: &str, items: &[impl AsRef<str>]) -> Say {
    let parent = Some(parent.parse().unwrap());
    let body = Aggregation { action, parent, children: parsed(items), child_quantities: Vec::new() };
    bare(time, step, Body::Aggregation(body))
}

pub fn packs_into(time: &str, parent: &str, items: &[impl AsRef<str>]) -> Say {
    aggregation(time, Action::Add, "packing", parent, items)
}

/// Takes the items out, or everything when there are none.
pub fn unpacks(time: &str, parent: &str, items: &[impl AsRef<str>]) -> Say {
    aggregation(time, Action::Delete, "unpacking", parent, items)
}

pub fn looks_into(time: &str, parent: &str, items: &[impl AsRef<str>]) -> Say {
    aggregation(time, Action::Observe, "inspecting", parent, items)
}

pub fn refers(time: &str, items: &[impl AsRef<str>]) -> Say {
    let body = Transaction { action: Action::Add, parent: None, epcs: parsed(items), quantities: Vec::new() };
    bare(time, "", Body::Transaction(body))
}

pub fn attaches(time: &str, parent: &str, child: &str) -> Say {
    let (parent, children) = (parent.parse().unwrap(), parsed(&[child]));
    let body = Association { action: Action::Add, parent, children, child_quantities: Vec::new() };
    bare(time, "installing", Body::Association(body))
}

pub fn repackages(time: &str, inputs: &[impl AsRef<str>], outputs: &[impl AsRef<str>]) -> Say {
    let body = Transformation {
        inputs: parsed(inputs),
        input_quantities: Vec::new(),
        outputs: parsed(outputs),
        output_quantities: Vec::new(),
        id: None,
        master_data: None,
    };
    bare(time, "repackaging", Body::Transformation(body))
}

/// Birth with lot and expiry.
pub fn births(time: &str, items: &[impl AsRef<str>], lot: &str, expiry: &str) -> Say {
    adds(time, "commissioning", items).lot(lot, expiry)
}

/// To a party that becomes the owner.
pub fn ships(time: &str, to: &Party, items: &[impl AsRef<str>]) -> Say {
    sees(time, "shipping", items).disposition("in_transit").to(to)
}

pub fn receives(time: &str, items: &[impl AsRef<str>]) -> Say {
    sees(time, "receiving", items).disposition("in_progress")
}

pub fn dispenses(time: &str, items: &[impl AsRef<str>]) -> Say {
    sees(time, "dispensing", items).disposition("dispensed")
}

pub fn quantity(class: &str, amount: &str, unit: &str) -> Quantity {
    Quantity {
        class: class.parse().unwrap(),
        quantity: (!amount.is_empty()).then(|| amount.parse().unwrap()),
        unit: (!unit.is_empty()).then(|| unit.to_owned()),
    }
}

impl Say {
    pub fn disposition(mut self, word: &str) -> Self {
        self.0.disposition = Some(word.parse().unwrap());
        self
    }

    pub fn lot(mut self, lot: &str, expiry: &str) -> Self {
        let data = MasterData {
            lot: (!lot.is_empty()).then(|| lot.parse().unwrap()),
            expiry: (!expiry.is_empty()).then(|| expiry.parse().unwrap()),
            others: Vec::new(),
        };
        match &mut self.0.body {
            Body::Object(body) => body.master_data = Some(data),
            Body::Transformation(body) => body.master_data = Some(data),
            _ => unreachable!("only what is born has a lot"),
        }
        self
    }

    /// Goods without serial numbers; of a transformation, what was used up.
    pub fn goods(mut self, class: &str, amount: &str, unit: &str) -> Self {
        let goods = quantity(class, amount, unit);
        match &mut self.0.body {
            Body::Object(body) => body.quantities.push(goods),
            Body::Aggregation(body) => body.child_quantities.push(goods),
            Body::Transformation(body) => body.input_quantities.push(goods),
            Body::Transaction(body) => body.quantities.push(goods),
            Body::Association(body) => body.child_quantities.push(goods),
        }
        self
    }

    /// What came of a transformation.
    pub fn makes(mut self, class: &str, amount: &str, unit: &str) -> Self {
        let Body::Transformation(body) = &mut self.0.body else { unreachable!("only a transformation makes goods") };
        body.output_quantities.push(quantity(class, amount, unit));
        self
    }

    /// Where things are afterwards.
    pub fn at(mut self, gln: &str) -> Self {
        self.0.location = Some(format!("414/{gln}").parse::<Place>().unwrap().into());
        self
    }

    /// Where they were seen.
    pub fn read_at(mut self, gln: &str) -> Self {
        self.0.read_point = Some(format!("414/{gln}").parse::<Place>().unwrap().into());
        self
    }

    fn destination(mut self, kind: SourceDestinationType, to: &Party) -> Self {
        let place = format!("417/{}", to.gln).parse().unwrap();
        self.0.destinations.push(SourceDestination { kind, place });
        self
    }

    /// To a party that becomes the owner.
    pub fn to(self, party: &Party) -> Self {
        self.destination(SourceDestinationType::OwningParty, party)
    }

    /// To a party that only keeps it.
    pub fn lent_to(self, party: &Party) -> Self {
        self.destination(SourceDestinationType::PossessingParty, party)
    }

    pub fn reference(mut self, kind: &str, id: &str) -> Self {
        let kind = (!kind.is_empty()).then(|| kind.parse().unwrap());
        self.0.transactions.push(BusinessTransaction { kind, id: id.parse().unwrap() });
        self
    }

    /// Carried by whoever issued the bill of lading.
    pub fn carried_by(self, party: &Party) -> Self {
        let id = format!("urn:epcglobal:cbv:bt:{}:BOL1", party.gln);
        self.reference("bol", &id)
    }

    /// Going back.
    pub fn back(self) -> Self {
        self.disposition("returned").reference("rma", "urn:epcglobal:cbv:bt:9506010000005:RMA1")
    }

    pub fn sets(mut self, mark: &str) -> Self {
        self.0.marks.get_or_insert_with(Marks::default).set.push(mark.parse().unwrap());
        self
    }

    pub fn lifts(mut self, mark: &str) -> Self {
        self.0.marks.get_or_insert_with(Marks::default).unset.push(mark.parse().unwrap());
        self
    }

    pub fn named(mut self, name: &str) -> Self {
        self.0.event_id = Some(name.parse().unwrap());
        self
    }

    pub fn extension(mut self, name: &str, json: &str) -> Self {
        self.0.extensions.push(ExtensionField { name: name.to_owned(), json: json.to_owned() });
        self
    }

    /// A temperature of a sensor.
    pub fn reads(mut self, time: &str, device: &str, value: &str, unit: &str) -> Self {
        let report = SensorReport {
            kind: Some("Temperature".to_owned()),
            time: Some(moment(time)),
            value: Some(value.parse().unwrap()),
            unit: (!unit.is_empty()).then(|| unit.to_owned()),
            ..SensorReport::default()
        };
        let device = (!device.is_empty()).then(|| device.parse().unwrap());
        let source = SensorSource { device, ..SensorSource::default() };
        let metadata = Some(SensorMetadata { source, ..SensorMetadata::default() });
        self.0.sensors.push(SensorElement { metadata, reports: vec![report], extensions: Vec::new() });
        self
    }

    /// The same event, declared wrong.
    pub fn wrong(self) -> Self {
        self.declared(Some(ErrorReason::DidNotOccur), &[])
    }

    pub fn declared(mut self, reason: Option<ErrorReason>, corrected_by: &[&str]) -> Self {
        let declared = moment("23:00");
        self.0.error =
            Some(ErrorDeclaration { declared, reason, corrected_by: parsed(corrected_by), extensions: Vec::new() });
        self
    }
}

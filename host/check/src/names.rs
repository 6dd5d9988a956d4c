//! Who in a module does something, by the names of its source. For people only: what is refused is decided elsewhere.

use crate::error::Place;
use crate::structure::ACCEPTED;
use rustc_demangle::demangle;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use wasmparser::{
    FuncValidatorAllocations, KnownCustom, Name, Operator, Parser, Payload, TypeRef, ValidPayload, Validator,
    WasmFeatures,
};

/// Most characters of a name that are shown.
const NAME_CHARS_MAX: usize = 200;
/// Most callers of an import that are named.
const CALLERS_MAX: usize = 3;
/// Most functions whose names are read in search of one: names may be made to be slow to read.
const REACHED_MAX: usize = 100;

/// The functions of a module that may otherwise be refused: read as far as it can be read.
#[derive(Debug, Default)]
pub struct Names {
    /// Imported functions, in order: module and name.
    imports: Vec<(String, String)>,
    /// Where the bodies of its own functions are.
    bodies: Vec<Range<u64>>,
    /// For each function, by index, those that call it.
    callers: BTreeMap<u32, BTreeSet<u32>>,
    /// Names as the compiler wrote them, by index.
    names: BTreeMap<u32, String>,
}

impl Names {
    /// Reads a module until its end, or until it cannot be read.
    pub fn of(module: &[u8]) -> Self {
        let mut names = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            let Ok(payload) = payload else { break };
            names.section(payload);
        }
        names
    }

    fn section(&mut self, payload: Payload<'_>) {
        match payload {
            Payload::ImportSection(section) => {
                for import in section.into_imports().map_while(Result::ok) {
                    if matches!(import.ty, TypeRef::Func(_)) {
                        self.imports.push((import.module.to_owned(), import.name.to_owned()));
                    }
                }
            }
            Payload::CodeSectionEntry(body) => {
                let caller = self.own(self.bodies.len());
                let range = body.range();
                self.bodies.push(range.start..range.end);
                for operator in body.get_operators_reader().into_iter().flatten().map_while(Result::ok) {
                    if let Operator::Call { function_index } = operator {
                        self.callers.entry(function_index).or_default().insert(caller);
                    }
                }
            }
            Payload::CustomSection(section) => {
                let KnownCustom::Name(names) = section.as_known() else { return };
                for name in names.into_iter().map_while(Result::ok) {
                    let Name::Function(functions) = name else { continue };
                    for naming in functions.into_iter().map_while(Result::ok) {
                        self.names.insert(naming.index, naming.name.to_owned());
                    }
                }
            }
            _ => {}
        }
    }

    /// Where this byte of the module is.
    pub fn at(&self, offset: u64) -> Place {
        let Some(index) = self.function_at(offset) else {
            return Place { offset, function: None, callers: Vec::new() };
        };
        let name = self.name(index);
        let callers = if is_library(&name) { self.callers(index) } else { Vec::new() };
        Place { offset, function: Some(name), callers }
    }

    fn function_at(&self, offset: u64) -> Option<u32> {
        let place = self.bodies.partition_point(|body| body.end <= offset);
        self.bodies.get(place)?.contains(&offset).then(|| self.own(place))
    }

    /// Functions that call an import.
    pub fn callers_of_import(&self, module: &str, name: &str) -> Vec<String> {
        let wanted = |import: &(String, String)| import.0 == module && import.1 == name;
        let import = self.imports.iter().position(wanted).and_then(|place| u32::try_from(place).ok());
        import.map(|import| self.callers(import)).unwrap_or_default()
    }

    /// The nearest functions outside Rust's libraries that lead to a function, a few at most.
    fn callers(&self, function: u32) -> Vec<String> {
        let (mut reached, mut next) = (BTreeSet::from([function]), vec![function]);
        while !next.is_empty() && reached.len() < REACHED_MAX {
            let callers = next.iter().filter_map(|called| self.callers.get(called)).flatten();
            let callers: BTreeSet<u32> = callers.copied().take(REACHED_MAX).collect();
            next = callers.into_iter().filter(|caller| reached.insert(*caller)).collect();
            let names = next.iter().map(|caller| self.name(*caller)).filter(|name| !is_library(name));
            let nearest: Vec<String> = names.take(CALLERS_MAX).collect();
            if !nearest.is_empty() {
                return nearest;
            }
        }
        Vec::new()
    }

    fn own(&self, place: usize) -> u32 {
        u32::try_from(self.imports.len() + place).unwrap_or(u32::MAX)
    }

    /// A name as it is written in the source.
    fn name(&self, index: u32) -> String {
        let Some(name) = self.names.get(&index) else { return format!("function {index}") };
        format!("{:#}", demangle(name)).chars().take(NAME_CHARS_MAX).collect()
    }
}

/// Where a module has floating point: in a function of its own author's if there is one, else in the first of the
/// library's. `offset` is where the validator met it.
pub fn floats(module: &[u8], offset: u64) -> Place {
    let names = Names::of(module);
    let places = floating(module);
    let own = |offset: &&u64| names.function_at(**offset).is_some_and(|index| !is_library(&names.name(index)));
    let place = places.iter().take(REACHED_MAX).find(own).or(places.first());
    names.at(place.copied().unwrap_or(offset))
}

/// The first byte with floating point in each function that has any. The module is valid but for these.
fn floating(module: &[u8]) -> Vec<u64> {
    let mut validator = Validator::new_with_features(WasmFeatures::LIME1);
    let mut allocations = FuncValidatorAllocations::default();
    let mut places = Vec::new();
    for payload in Parser::new(0).parse_all(module).map_while(Result::ok) {
        if let Ok(ValidPayload::Func(mut function, body)) = validator.payload(&payload) {
            function.features = ACCEPTED;
            let mut validator = function.into_validator(allocations);
            places.extend(validator.validate(&body).err().map(|error| error.offset()));
            allocations = validator.into_allocations();
        }
    }
    places
}

/// Whether a function belongs to Rust's own libraries, so that the call of it says more.
fn is_library(name: &str) -> bool {
    let of_crate = |part: &str| name.trim_start_matches('<').starts_with(part);
    ["core::", "std::", "alloc::", "compiler_builtins::", "f32 as core::", "f64 as core::", "__"]
        .into_iter()
        .any(of_crate)
}

//! The pass over a module's sections: what it has, and how much of it.

use crate::error::{CheckError, Forbidden};
use crate::hints;
use crate::limits::{
    BODY_BYTES_MAX, BRANCH_TARGETS_MAX, BULK_MAX, CUSTOM_BYTES_MAX, EXPORTS_MAX, FUNCTIONS_MAX, GLOBALS_MAX,
    IMPORTS_MAX, JOINS_MAX, LABELS_MAX, LOCALS_MAX, LOOPS_MAX, MEMORY_PAGES_INITIAL_MAX, MODULE_BYTES_MAX,
    MODULE_LABELS_MAX, OPERATORS_MAX, PARAMETERS_MAX, RESULTS_MAX, SEGMENTS_MAX, TABLE_ELEMENTS_MAX, TYPES_MAX,
};
use crate::names::{self, Names};
use wasmparser::{
    BinaryReaderError, CustomSectionReader, ExportSectionReader, FunctionBody, ImportSectionReader,
    MemorySectionReader, Operator, Parser, Payload, TableSectionReader, TypeRef, TypeSectionReader, Validator,
    WasmFeatures,
};

/// The accepted language. Frozen: see the crate's documentation.
pub const ACCEPTED: WasmFeatures = WasmFeatures::LIME1.difference(WasmFeatures::FLOATS);

/// Names of exports that the peer keeps for itself.
const RESERVED_PREFIXES: [&str; 2] = ["meter", "theriac:chaincode/meter"];
/// Exports that a component runs when it is instantiated, as if they were start functions.
const INITIALISERS: [&str; 2] = ["_initialize", "_start"];

/// What later steps need to know of a module.
#[derive(Debug)]
pub struct Structure {
    /// Imported functions: module and name.
    pub imports: Vec<(String, String)>,
    /// The module's bytes without what it claims about its interface.
    pub without_claims: Vec<u8>,
}

/// Checks everything but the interface.
pub fn inspect(module: &[u8]) -> Result<Structure, CheckError> {
    limit("package bytes", module.len(), MODULE_BYTES_MAX)?;
    validate(module)?;
    let mut seen = Seen::default();
    let mut without_claims = Vec::with_capacity(module.len());
    let mut rest = module;
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.map_err(malformed)?;
        // A section's range ends where the next section's header begins.
        let end = match &payload {
            Payload::Version { range, .. } => Some(range.end),
            other => other.as_section().map(|(_, range)| range.end),
        };
        if let Some(end) = end {
            let passed = module.len() - rest.len();
            let section;
            (section, rest) = rest.split_at(place(end).saturating_sub(passed).min(rest.len()));
            if !is_claim(&payload) {
                without_claims.extend(section);
            }
        }
        seen.section(payload)?;
    }
    if seen.memories != 1 {
        let found = format!("has {} memories where exactly one is expected", seen.memories);
        return Err(forbidden(Forbidden::Memories, found, "Build the package with `theriac chaincode build`"));
    }
    Ok(Structure { imports: seen.imports, without_claims })
}

/// Whether a section is what the module says of its own interface.
fn is_claim(payload: &Payload<'_>) -> bool {
    matches!(payload, Payload::CustomSection(section) if section.name().starts_with("component-type"))
}

/// Whether the module is valid in the accepted language, and if not, in which way.
fn validate(module: &[u8]) -> Result<(), CheckError> {
    let Err(error) = Validator::new_with_features(ACCEPTED).validate_all(module) else { return Ok(()) };
    let offset = error.offset();
    if Validator::new_with_features(WasmFeatures::LIME1).validate_all(module).is_ok() {
        let place = names::floats(module, offset);
        let hint = hints::of_floats(place.function.as_deref());
        return Err(CheckError::Floats { place, hint });
    }
    if Parser::is_core_wasm(module) && Validator::new_with_features(WasmFeatures::all()).validate_all(module).is_ok() {
        let reason = error.message().to_owned();
        let hint = hints::of_feature(&reason);
        return Err(CheckError::Feature { reason, place: Names::of(module).at(offset), hint });
    }
    Err(malformed(error))
}

#[derive(Default)]
struct Seen {
    imports: Vec<(String, String)>,
    memories: usize,
    custom_bytes: usize,
    work: Work,
}

impl Seen {
    fn section(&mut self, payload: Payload<'_>) -> Result<(), CheckError> {
        match payload {
            Payload::TypeSection(section) => types(section),
            Payload::ImportSection(section) => self.imports(section),
            Payload::FunctionSection(section) => limit("functions", section.count() as usize, FUNCTIONS_MAX),
            Payload::TableSection(section) => tables(section),
            Payload::MemorySection(section) => self.memories(section),
            Payload::GlobalSection(section) => limit("globals", section.count() as usize, GLOBALS_MAX),
            Payload::ExportSection(section) => exports(section),
            Payload::StartSection { .. } => Err(start("has a start function".to_owned())),
            Payload::ElementSection(section) => limit("element segments", section.count() as usize, SEGMENTS_MAX),
            Payload::DataSection(section) => limit("data segments", section.count() as usize, SEGMENTS_MAX),
            Payload::CodeSectionEntry(body) => self.work.function(&body),
            Payload::CustomSection(section) => self.custom(&section),
            _ => Ok(()),
        }
    }

    fn imports(&mut self, section: ImportSectionReader<'_>) -> Result<(), CheckError> {
        limit("imports", section.count() as usize, IMPORTS_MAX)?;
        for import in section.into_imports() {
            let import = import.map_err(malformed)?;
            if !matches!(import.ty, TypeRef::Func(_)) {
                let found = format!("imports {:?} {:?}, which is not a function", import.module, import.name);
                return Err(forbidden(Forbidden::ImportedState, found, "Let the chaincode own its memory and tables"));
            }
            self.imports.push((import.module.to_owned(), import.name.to_owned()));
        }
        limit("imports", self.imports.len(), IMPORTS_MAX)
    }

    fn memories(&mut self, section: MemorySectionReader<'_>) -> Result<(), CheckError> {
        self.memories = section.count() as usize;
        for memory in section {
            let initial = usize::try_from(memory.map_err(malformed)?.initial).unwrap_or(usize::MAX);
            limit("pages of memory to start with", initial, MEMORY_PAGES_INITIAL_MAX)?;
        }
        Ok(())
    }

    fn custom(&mut self, section: &CustomSectionReader<'_>) -> Result<(), CheckError> {
        self.custom_bytes = self.custom_bytes.saturating_add(section.data().len());
        limit("bytes of custom sections", self.custom_bytes, CUSTOM_BYTES_MAX)
    }
}

fn types(section: TypeSectionReader<'_>) -> Result<(), CheckError> {
    limit("types", section.count() as usize, TYPES_MAX)?;
    for ty in section.into_iter_err_on_gc_types() {
        let ty = ty.map_err(malformed)?;
        limit("parameters of one function", ty.params().len(), PARAMETERS_MAX)?;
        limit("results of one function", ty.results().len(), RESULTS_MAX)?;
    }
    Ok(())
}

fn tables(section: TableSectionReader<'_>) -> Result<(), CheckError> {
    if section.count() > 1 {
        let found = format!("has {} tables where one is allowed", section.count());
        return Err(forbidden(Forbidden::Tables, found, "Build the package with `theriac chaincode build`"));
    }
    for table in section {
        let initial = usize::try_from(table.map_err(malformed)?.ty.initial).unwrap_or(usize::MAX);
        limit("elements of the table", initial, TABLE_ELEMENTS_MAX)?;
    }
    Ok(())
}

fn exports(section: ExportSectionReader<'_>) -> Result<(), CheckError> {
    limit("exports", section.count() as usize, EXPORTS_MAX)?;
    for export in section {
        let name = export.map_err(malformed)?.name;
        if INITIALISERS.contains(&name) {
            return Err(start(format!("exports {name:?}, which would run at the start")));
        }
        if RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
            let found = format!("exports {name:?}, a name that peers keep for themselves");
            return Err(forbidden(Forbidden::ReservedName, found, "Rename the export"));
        }
    }
    Ok(())
}

/// What makes compiling expensive, over all functions.
#[derive(Default)]
struct Work {
    operators: usize,
    labels: usize,
    /// Operators that are charged by an operand: each is compiled to a branch of its own.
    bulk: usize,
    /// Labels times locals, of each function: what keeping values apart may cost.
    joins: usize,
}

impl Work {
    fn function(&mut self, body: &FunctionBody<'_>) -> Result<(), CheckError> {
        let range = body.range();
        limit("bytes of one function", place(range.end - range.start), BODY_BYTES_MAX)?;
        let mut locals = 0_usize;
        for group in body.get_locals_reader().map_err(malformed)? {
            locals = locals.saturating_add(group.map_err(malformed)?.0 as usize);
            limit("locals of one function", locals, LOCALS_MAX)?;
        }
        let (mut labels, mut loops) = (0, 0);
        for operator in body.get_operators_reader().map_err(malformed)? {
            self.operators += 1;
            match operator.map_err(malformed)? {
                Operator::BrTable { targets } => {
                    limit("targets of one branch", targets.len() as usize, BRANCH_TARGETS_MAX)?;
                    self.operators += targets.len() as usize;
                }
                Operator::Block { .. } | Operator::If { .. } => labels += 1,
                Operator::Loop { .. } => {
                    labels += 1;
                    loops += 1;
                }
                Operator::MemoryCopy { .. } | Operator::MemoryFill { .. } | Operator::MemoryGrow { .. } => {
                    self.bulk += 1;
                }
                _ => {}
            }
        }
        limit("blocks of one function", labels, LABELS_MAX)?;
        limit("loops of one function", loops, LOOPS_MAX)?;
        self.labels += labels;
        self.joins += labels * locals;
        limit("operators", self.operators, OPERATORS_MAX)?;
        limit("blocks", self.labels, MODULE_LABELS_MAX)?;
        limit("operators that copy, fill or grow memory", self.bulk, BULK_MAX)?;
        limit("blocks times locals", self.joins, JOINS_MAX)
    }
}

fn limit(what: &'static str, found: usize, max: usize) -> Result<(), CheckError> {
    if found > max {
        return Err(CheckError::Limit { what, found, max });
    }
    Ok(())
}

/// An offset in a module that is in memory.
fn place(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

fn start(found: String) -> CheckError {
    forbidden(Forbidden::Start, found, "Do the work in a transaction function: nothing may run before the call")
}

fn forbidden(kind: Forbidden, found: String, advice: &'static str) -> CheckError {
    CheckError::Forbidden { kind, found, advice }
}

fn malformed(error: BinaryReaderError) -> CheckError {
    CheckError::Malformed { reason: error.message().to_owned(), offset: error.offset() }
}

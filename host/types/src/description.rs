//! What a chaincode says of itself: its functions, and the schemas by which people's JSON becomes borsh.

use crate::limits::{
    CHAINCODE_ERRORS_MAX, CHAINCODE_EVENTS_MAX, CHAINCODE_FUNCTIONS_MAX, CHAINCODE_MIGRATIONS_MAX, CHAINCODE_READS_MAX,
    CHAINCODE_TABLES_MAX, CODE_BYTES_MAX, INDEX_FIELDS_MAX, MESSAGE_BYTES_MAX, NAME_BYTES_MAX, SCHEMA_BYTES_MAX,
    STATE_KEY_BYTES_MAX, TABLE_INDEXES_MAX, TOPIC_BYTES_MAX,
};
use crate::{Bytes, ChaincodeName, FunctionName, List, Text};
use borsh::{BorshDeserialize, BorshSerialize};

/// What a chaincode offers. Taken from the chaincode when it is checked, and kept on the ledger with its package.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Description {
    /// The chaincode's own name for itself.
    pub name: ChaincodeName,
    /// Version of the form of the data that it keeps.
    pub state_version: u32,
    /// Ascending by name, each once.
    pub functions: List<FunctionDescription, CHAINCODE_FUNCTIONS_MAX>,
    /// Ascending by prefix, none a prefix of another. All that the chaincode may write lies below one of them.
    pub tables: List<TableDescription, CHAINCODE_TABLES_MAX>,
    /// Ascending by topic, each once.
    pub events: List<EventDescription, CHAINCODE_EVENTS_MAX>,
    /// Ascending by code, each once.
    pub errors: List<ErrorDescription, CHAINCODE_ERRORS_MAX>,
    /// Between which versions of its data it can migrate, ascending.
    pub migrations: List<Migration, CHAINCODE_MIGRATIONS_MAX>,
    /// What it may read of other chaincodes' state, ascending.
    pub reads: List<ForeignRead, CHAINCODE_READS_MAX>,
}

/// A kind of entries in the chaincode's own part of the world state.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct TableDescription {
    /// What authors call it.
    pub name: Text<NAME_BYTES_MAX>,
    /// What all of its keys begin with; empty stands for the whole of the chaincode's state.
    pub prefix: Bytes<STATE_KEY_BYTES_MAX>,
    /// Schema of what follows the prefix in a key, as the guest SDK encodes keys; empty when the keys are bytes.
    pub key_schema: Bytes<SCHEMA_BYTES_MAX>,
    /// Schema of the values: borsh's own `BorshSchemaContainer`, in borsh; empty when the values are bytes.
    pub value_schema: Bytes<SCHEMA_BYTES_MAX>,
    /// Ascending by name, each once. Their fields are those of the value schema.
    pub indexes: List<IndexDescription, TABLE_INDEXES_MAX>,
    /// Whether entries may carry an endorsement policy of their own.
    pub guarded: bool,
}

/// A second order of a table's entries, which the ledger keeps.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct IndexDescription {
    /// Its name within the table.
    pub name: Text<NAME_BYTES_MAX>,
    /// Paths of fields in the value, such as `holder` or `item.lot`, in the order that they sort by.
    pub fields: List<Text<NAME_BYTES_MAX>, INDEX_FIELDS_MAX>,
}

/// A kind of events.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct EventDescription {
    /// Its topic.
    pub topic: Text<TOPIC_BYTES_MAX>,
    /// Schema of its payload: borsh's own `BorshSchemaContainer`, in borsh.
    pub schema: Bytes<SCHEMA_BYTES_MAX>,
}

/// A kind of refusals.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ErrorDescription {
    /// Its stable code.
    pub code: Text<CODE_BYTES_MAX>,
    /// What it means and what to do, for people.
    pub meaning: Text<MESSAGE_BYTES_MAX>,
}

/// A way from one form of the data to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Migration {
    /// The state version found.
    pub from: u32,
    /// The state version left.
    pub to: u32,
}

/// Entries of another chaincode.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct ForeignRead {
    /// Whose.
    pub chaincode: ChaincodeName,
    /// What their keys begin with.
    pub prefix: Bytes<STATE_KEY_BYTES_MAX>,
}

impl Description {
    /// What a chaincode says that keeps bytes under any key, and nothing of its functions.
    pub fn untyped(name: ChaincodeName) -> Self {
        let table = TableDescription {
            name: Text::default(),
            prefix: Bytes::default(),
            key_schema: Bytes::default(),
            value_schema: Bytes::default(),
            indexes: List::default(),
            guarded: false,
        };
        Self {
            name,
            state_version: 1,
            functions: List::default(),
            tables: List::new(vec![table]).expect("one table is not too many"),
            events: List::default(),
            errors: List::default(),
            migrations: List::default(),
            reads: List::default(),
        }
    }

    /// The table that a key belongs to.
    pub fn table_of(&self, key: &[u8]) -> Option<&TableDescription> {
        self.tables.iter().find(|table| key.starts_with(&table.prefix))
    }
}

/// What a function is, takes and gives.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct FunctionDescription {
    /// Its name.
    pub name: FunctionName,
    /// What it may do.
    pub kind: FunctionKind,
    /// Schema of its argument: borsh's own `BorshSchemaContainer`, in borsh.
    pub argument_schema: Bytes<SCHEMA_BYTES_MAX>,
    /// Schema of its result, in the same form.
    pub result_schema: Bytes<SCHEMA_BYTES_MAX>,
}

/// What a function may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = false)]
pub enum FunctionKind {
    /// Is ordered, and may write.
    Transaction,
    /// Is answered by one peer, and only reads.
    Query,
}

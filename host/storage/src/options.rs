//! How RocksDB is set up. Four idle peers of one machine must be small, so everything that grows with use has a small
//! maximum, and it is the write buffers' sum that counts, not their number.

use crate::tables;
use rocksdb::{
    BlockBasedIndexType, BlockBasedOptions, Cache, ColumnFamilyDescriptor, DBCompressionType, LogLevel,
    LruCacheOptions, Options,
};

/// Blocks of files kept in memory, all tables together.
const BLOCK_CACHE_BYTES: usize = 32 * 1024 * 1024;
/// Parts of the cache, as a power of two: each must hold many blocks of any size.
const BLOCK_CACHE_PARTS: i32 = 2;
/// Size of a piece of a file's index or filter.
const INDEX_PIECE_BYTES: usize = 4 * 1024;
/// What is not yet in files, all tables together.
const WRITE_BUFFERS_BYTES: usize = 32 * 1024 * 1024;
/// The same of one table.
const WRITE_BUFFER_BYTES: usize = 8 * 1024 * 1024;
/// Memory that one table's buffer takes at a time; each takes one from the start.
const ARENA_BYTES: usize = 128 * 1024;
/// Log to replay after a crash.
const LOG_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Bits of a filter per key: one miss in a hundred reads a file in vain.
const FILTER_BITS: f64 = 10.0;

pub(crate) fn database() -> Options {
    let mut options = Options::default();
    options.create_if_missing(true);
    options.create_missing_column_families(true);
    options.set_max_background_jobs(2);
    options.set_max_open_files(256);
    options.set_db_write_buffer_size(WRITE_BUFFERS_BYTES);
    options.set_max_total_wal_size(LOG_BYTES_MAX);
    options.set_wal_bytes_per_sync(0);
    options.set_bytes_per_sync(1024 * 1024);
    // RocksDB's own diary is for its developers: keep it short.
    options.set_log_level(LogLevel::Warn);
    options.set_keep_log_file_num(2);
    options.set_max_log_file_size(1024 * 1024);
    options.set_stats_dump_period_sec(0);
    options.set_stats_persist_period_sec(0);
    options.set_table_cache_num_shard_bits(2);
    options
}

pub(crate) fn tables() -> Vec<ColumnFamilyDescriptor> {
    let mut options = LruCacheOptions::default();
    options.set_capacity(BLOCK_CACHE_BYTES);
    options.set_num_shard_bits(BLOCK_CACHE_PARTS);
    let cache = Cache::new_lru_cache_opts(&options);
    tables::ALL.iter().map(|name| ColumnFamilyDescriptor::new(*name, table(name, &cache))).collect()
}

fn table(name: &str, cache: &Cache) -> Options {
    let mut blocks = BlockBasedOptions::default();
    blocks.set_block_cache(cache);
    blocks.set_cache_index_and_filter_blocks(true);
    blocks.set_pin_l0_filter_and_index_blocks_in_cache(true);
    blocks.set_format_version(5);
    // The index and the filter of a whole file are larger than what a lookup needs of them by a hundred times: a million
    // keys looked up at random would read them anew each time, since all of them together do not fit the cache.
    blocks.set_index_type(BlockBasedIndexType::TwoLevelIndexSearch);
    blocks.set_partition_filters(true);
    blocks.set_metadata_block_size(INDEX_PIECE_BYTES);
    blocks.set_pin_top_level_index_and_filter(true);
    // Looked up by whole keys, often for keys that are not there.
    if matches!(name, tables::PLACES | tables::STATE | tables::PAGES | tables::REPLAY | tables::KEYS) {
        blocks.set_bloom_filter(FILTER_BITS, false);
    }
    let mut options = Options::default();
    options.set_block_based_table_factory(&blocks);
    options.set_write_buffer_size(WRITE_BUFFER_BYTES);
    options.set_arena_block_size(ARENA_BYTES);
    options.set_max_write_buffer_number(2);
    options.set_target_file_size_base(16 * 1024 * 1024);
    options.set_level_compaction_dynamic_level_bytes(true);
    let (compression, last) = match name {
        // Written once, read seldom, full of repeated names.
        tables::BLOCKS | tables::RECEIPTS => (DBCompressionType::Lz4, DBCompressionType::Zstd),
        // Hashes do not get smaller.
        tables::PAGES | tables::STALE | tables::PLACES => (DBCompressionType::None, DBCompressionType::None),
        _ => (DBCompressionType::Lz4, DBCompressionType::Lz4),
    };
    options.set_compression_type(compression);
    options.set_bottommost_compression_type(last);
    options
}

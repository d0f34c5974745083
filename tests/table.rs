//! Tables that TensorFlow wrote, tables that nobody should have written, and
//! tables of our own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proptest::prelude::*;
use sha2::{Digest, Sha256};
use tfckpt::storage::{MemoryFile, MemoryStorage, Storage};
use tfckpt::table::{Compression, Table, TableOptions, TableWriter, TableWriterOptions};
use tfckpt::{ErrorKind, Result, ordered_code};

type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

const MAGIC: [u8; 8] = 0xdb47_7524_8b80_fb57_u64.to_le_bytes();

fn data(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(folder)
}

fn open_with(bytes: &[u8], options: &TableOptions) -> Result<Table> {
    Table::open(Arc::new(MemoryFile::new("table", bytes)), options)
}

fn open(bytes: &[u8]) -> Result<Table> {
    open_with(bytes, &TableOptions::default())
}

fn pairs(table: &Table) -> Result<Pairs> {
    let mut pairs = Vec::new();
    let mut cursor = table.cursor();
    while cursor.next()? {
        pairs.push((cursor.key().to_vec(), cursor.value().to_vec()));
    }
    Ok(pairs)
}

/// Everything that can be seen of a table.
fn read_all(bytes: &[u8]) -> Result<Pairs> {
    let table = open(bytes)?;
    let pairs = pairs(&table)?;
    table.verify_frame()?;
    Ok(pairs)
}

fn write(pairs: &Pairs, options: &TableWriterOptions) -> Vec<u8> {
    let storage = MemoryStorage::new();
    let file = storage.create(Path::new("table")).unwrap();
    let mut writer = TableWriter::new(&*file, options).unwrap();
    for (key, value) in pairs {
        writer.add(key, value).unwrap();
    }
    let len = writer.finish().unwrap();
    let bytes = storage.bytes("table").unwrap();
    assert_eq!(len, bytes.len() as u64);
    bytes
}

/// All files below `folder`, by their paths in it.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut folders = vec![folder.to_path_buf()];
    let mut files = Vec::new();
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            files.push((name, fs::read(path).unwrap()));
        }
    }
    files.sort();
    files
}

/// The tables among the golden files: indexes, and files of the V1 format.
fn golden_tables() -> Vec<(String, Vec<u8>)> {
    let mut tables = files(&data("golden"));
    tables.retain(|(_, bytes)| bytes.ends_with(&MAGIC));
    assert!(tables.len() > 50, "{} tables", tables.len());
    tables
}

#[test]
fn tables_of_tensorflow_come_out_the_same() {
    let manifest = fs::read_to_string(data("table/manifest.tsv")).unwrap();
    for line in manifest.lines() {
        let [name, compression, block_size, restart_interval, entries, sha256] =
            line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        let bytes = fs::read(data("table").join(name)).unwrap();
        let pairs = read_all(&bytes).unwrap();
        assert_eq!(pairs.len().to_string(), entries, "{name}");
        assert_eq!(digest(&pairs), sha256, "{name}");
        if compression == "none" {
            let options = TableWriterOptions {
                block_size: block_size.parse().unwrap(),
                restart_interval: restart_interval.parse().unwrap(),
                compression: Compression::None,
            };
            assert!(write(&pairs, &options) == bytes, "{name}");
        }
    }
}

fn digest(pairs: &Pairs) -> String {
    let mut sha256 = Sha256::new();
    for part in pairs.iter().flat_map(|(key, value)| [key, value]) {
        sha256.update((part.len() as u64).to_le_bytes());
        sha256.update(part);
    }
    sha256.finalize().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

#[test]
fn checkpoints_of_tensorflow_come_out_the_same() {
    // Those that were not written with TensorFlow's defaults.
    let others = [
        "many_tensors/small_blocks.index",
        "snappy_index/mixed/ckpt.index",
        "snappy_index/snappy_blocks_512/ckpt.index",
        "snappy_index/snappy_one_block/ckpt.index",
        "snappy_index/snappy_restart_1/ckpt.index",
        "v1_snappy/snappy",
        "v1_snappy/snappy_default_block_size",
    ];
    for (name, bytes) in golden_tables() {
        let same = write(&read_all(&bytes).unwrap(), &TableWriterOptions::default()) == bytes;
        assert_eq!(same, !others.contains(&name.as_str()), "{name}");
    }
}

#[test]
fn every_key_of_the_golden_tables_is_found() {
    for (name, bytes) in golden_tables() {
        check_look_ups(&open(&bytes).unwrap(), &read_all(&bytes).unwrap(), &name);
    }
}

/// Looks each key up in every way there is, and what is between them.
fn check_look_ups(table: &Table, pairs: &Pairs, name: &str) {
    let mut cursor = table.cursor();
    for (at, (key, value)) in pairs.iter().enumerate() {
        assert_eq!(table.get(key).unwrap().as_ref(), Some(value), "{name}");
        assert!(cursor.seek(key).unwrap());
        assert_eq!((cursor.key(), cursor.value()), (&key[..], &value[..]), "{name}");

        let behind = [key, &b"\0"[..]].concat();
        let next = pairs.get(at + 1).filter(|(next, _)| *next != behind);
        if next.is_some() || at + 1 == pairs.len() {
            assert_eq!(table.get(&behind).unwrap(), None);
            assert_eq!(cursor.seek(&behind).unwrap(), next.is_some());
            assert_eq!(cursor.key(), next.map_or(&[][..], |(key, _)| key), "{name}");
        }
    }
    let mut at = 0;
    for block in 0..table.block_count() {
        for entry in 0..table.block_len(block).unwrap() {
            assert!(cursor.seek_to_block(block).unwrap() && cursor.skip(entry).unwrap());
            assert_eq!((cursor.key(), cursor.block()), (&pairs[at].0[..], block), "{name}");
            at += 1;
        }
    }
    assert_eq!(at, pairs.len(), "{name}");
}

#[test]
fn every_slice_key_decodes_to_itself() {
    let mut slice_keys = 0;
    for (name, bytes) in golden_tables() {
        for (key, _) in read_all(&bytes).unwrap() {
            if key.first() == Some(&0) {
                assert_eq!(recoded(&key).as_ref(), Some(&key), "{name}");
                slice_keys += 1;
            }
        }
    }
    assert!(slice_keys > 100, "{slice_keys} keys");
}

fn recoded(key: &[u8]) -> Option<Vec<u8>> {
    let (mut rest, mut out) = (key, Vec::new());
    ordered_code::put_num(&mut out, ordered_code::take_num(&mut rest)?);
    ordered_code::put_string(&mut out, &ordered_code::take_string(&mut rest)?);
    let rank = ordered_code::take_num(&mut rest)?;
    ordered_code::put_num(&mut out, rank);
    for _ in 0..2 * rank {
        ordered_code::put_signed(&mut out, ordered_code::take_signed(&mut rest)?);
    }
    rest.is_empty().then_some(out)
}

#[test]
fn damaged_tables_are_refused_and_no_others() {
    // The cases whose defect is one of the table itself, and where it shows.
    let refused = BTreeMap::from([
        ("block_bad_crc", 0),
        ("block_empty", 0),
        ("block_flipped_byte", 0),
        ("block_snappy_bad_copy", 0),
        ("block_snappy_bomb", 0),
        ("block_snappy_garbage", 0),
        ("block_snappy_length_bomb", 0),
        ("block_snappy_length_short", 0),
        ("block_snappy_literal_beyond", 0),
        ("block_snappy_offset_zero", 0),
        ("block_snappy_overlap", 0),
        ("block_snappy_varint_overrun", 0),
        ("block_two_bytes", 0),
        ("block_unknown_type", 0),
        ("block_unmasked_crc", 0),
        ("entry_key_length_max", 0),
        ("entry_lengths_wrap", 0),
        ("entry_shared_too_long", 0),
        ("entry_value_into_restarts", 0),
        ("entry_value_past_block", 0),
        ("entry_varint_overflow", 0),
        ("entry_zero_length_name", 0),
        ("footer_alone", 0),
        ("footer_handles_swapped", 0),
        ("footer_index_handle_huge", 0),
        ("footer_index_handle_past_eof", 1 << 20),
        ("footer_index_is_the_footer", 389),
        ("footer_metaindex_past_eof", 1 << 40),
        ("footer_varint_overflow", 310),
        ("handle_500_times", 358),
        ("handle_cut_short", 369),
        ("handle_end_wraps", 358),
        ("handle_of_the_index", 358),
        ("handle_past_eof", 369),
        ("handle_size_huge", 369),
        ("handle_varint_overrun", 358),
        ("handles_overlap", 358),
        ("handles_twice_the_same", 358),
        ("index_bad_magic", 310),
        ("index_block_bad_crc", 290),
        ("index_block_without_restarts", 349),
        ("index_trailing_byte", 311),
        ("index_truncated_in_block", 42),
        ("index_truncated_in_footer", 300),
        ("index_truncated_start", 290),
        ("keys_duplicate", 0),
        ("keys_unsorted", 0),
        ("restart_count_absurd", 0),
        ("restart_count_max", 0),
        ("restart_count_wraps", 0),
        ("restart_count_zero", 0),
        ("restart_offset_past_block", 0),
        ("restart_shares_its_key", 0),
        ("restarts_all_the_same", 0),
        ("restarts_backwards", 0),
        ("restarts_within_an_entry", 0),
        ("second_block_flipped_byte", 66),
        ("v1_bad_magic", 439),
        ("v1_block_flipped_byte", 0),
        ("v1_truncated", 339),
    ]);
    let mut seen = 0;
    for (name, bytes) in files(&data("hostile")) {
        let Some((case, file)) = name.split_once('/') else { continue };
        let v1 = case.contains("v1") && file == "model.ckpt";
        if !v1 && !file.ends_with(".index") {
            continue;
        }
        match (read_all(&bytes), refused.get(case)) {
            (Ok(_), None) => {}
            (Err(error), Some(&offset)) => {
                let unknown_type = case == "block_unknown_type";
                let kind = if unknown_type { ErrorKind::Unsupported } else { ErrorKind::DataLoss };
                assert_eq!(error.kind(), kind, "{case}: {error}");
                assert_eq!(error.offset(), Some(offset), "{case}: {error}");
                assert_eq!(error.file(), Some(Path::new("table")), "{case}");
                seen += 1;
            }
            // Shorter than a footer: there is no place to name.
            (Err(error), None) => {
                assert!(bytes.len() < 48, "{case}: {error}");
                assert_eq!(error.kind(), ErrorKind::DataLoss, "{case}");
            }
            (Ok(_), Some(_)) => panic!("{case} was read"),
        }
    }
    assert_eq!(seen, refused.len());
}

#[test]
fn every_flipped_bit_of_a_table_is_seen() {
    for name in ["names_blocks_256", "header_block", "snappy_blocks", "empty"] {
        let good = fs::read(data("table").join(name)).unwrap();
        read_all(&good).unwrap();
        for at in 0..good.len() {
            for bit in 0..8 {
                let mut bytes = good.clone();
                bytes[at] ^= 1 << bit;
                let seen = read_all(&bytes);
                assert!(seen.is_err(), "{name}: bit {bit} of byte {at}");
            }
        }
    }
}

#[test]
fn a_table_cut_anywhere_is_refused() {
    let good = fs::read(data("table/names_blocks_256")).unwrap();
    for len in 0..good.len() {
        assert!(read_all(&good[..len]).is_err(), "{len} bytes");
    }
}

#[test]
fn threads_share_a_table_and_its_small_cache() {
    let bytes = fs::read(data("golden/many_tensors/small_blocks.index")).unwrap();
    let expected = read_all(&bytes).unwrap();
    let options = TableOptions { cache_bytes: 8 << 10, ..Default::default() };
    let table = open_with(&bytes, &options).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (table, expected) = (&table, &expected);
            scope.spawn(move || {
                assert!(pairs(table).unwrap() == *expected);
                for (key, value) in expected.iter().skip(thread).step_by(7) {
                    assert_eq!(table.get(key).unwrap().as_ref(), Some(value));
                }
            });
        }
    });
}

fn any_pairs() -> impl Strategy<Value = Pairs> {
    let key = prop_oneof![
        proptest::collection::vec(prop_oneof![Just(0), Just(b'a'), Just(0xff)], 0..6),
        "layer/(block/){0,4}[a-c]{0,3}".prop_map(String::into_bytes),
        proptest::collection::vec(any::<u8>(), 0..20),
    ];
    let value = prop_oneof![
        Just(Vec::new()),
        proptest::collection::vec(any::<u8>(), 0..20),
        (any::<u8>(), 0..2000usize).prop_map(|(byte, len)| vec![byte; len]),
    ];
    proptest::collection::btree_map(key, value, 0..60).prop_map(|map| map.into_iter().collect())
}

fn any_options() -> impl Strategy<Value = TableWriterOptions> {
    let compression = prop_oneof![Just(Compression::None), Just(Compression::Snappy)];
    let block_size = prop_oneof![0..600usize, Just(4096), Just(256 << 10)];
    (block_size, 1..20usize, compression).prop_map(|(block_size, restart_interval, compression)| {
        TableWriterOptions { block_size, restart_interval, compression }
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(pairs in any_pairs(), options in any_options()) {
        let bytes = write(&pairs, &options);
        prop_assert!(read_all(&bytes).unwrap() == pairs);
        check_look_ups(&open(&bytes).unwrap(), &pairs, "random");
    }

    #[test]
    fn random_damage_never_passes(
        pairs in any_pairs(),
        options in any_options(),
        (at, byte) in (any::<prop::sample::Index>(), 1..=255u8),
    ) {
        let mut bytes = write(&pairs, &options);
        let at = at.index(bytes.len());
        bytes[at] ^= byte;
        prop_assert!(read_all(&bytes).is_err());
    }

    #[test]
    fn no_bytes_make_it_panic(
        mut bytes in proptest::collection::vec(prop_oneof![0..40u8, any::<u8>()], 40..200),
    ) {
        bytes.extend(MAGIC);
        let _ = read_all(&bytes);
    }
}

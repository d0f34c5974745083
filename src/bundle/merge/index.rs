//! The index of a merged bundle.

use std::collections::BTreeMap;

use super::choose::{Chooser, Policy};
use super::source::Source;
use super::walk::Walk;
use crate::bundle::entry::Entry;
use crate::bundle::header::Header;
use crate::error::Result;
use crate::storage::WriteFile;
use crate::table::{TableWriter, TableWriterOptions};

/// Writes the merged index, and checks every entry of the sources that is taken. The
/// entries `made` stand in the place of all that the sources have under their keys.
pub(super) fn write_index(
    file: &dyn WriteFile,
    header: &Header,
    sources: &[Source],
    made: &BTreeMap<Vec<u8>, Entry>,
    policy: &Policy<'_>,
) -> Result<()> {
    let mut table = TableWriter::new(file, &TableWriterOptions::default())?;
    table.add(b"", &header.encode())?;
    let mut chooser = Chooser::new(sources, policy);
    let mut walk = Walk::new(sources)?;
    let mut made = made.iter().peekable();
    let mut value = Vec::new();
    while walk.advance()? {
        let key = walk.key();
        while let Some((before, entry)) = made.next_if(|(made, _)| made.as_slice() < key) {
            table.add(before, &entry.encode())?;
        }
        if let Some((_, entry)) = made.next_if(|(made, _)| *made == key) {
            chooser.check(&walk)?;
            table.add(key, &entry.encode())?;
        } else if chooser.choose(&walk, &mut value)? {
            table.add(key, &value)?;
        }
    }
    made.try_for_each(|(key, entry)| table.add(key, &entry.encode()))?;
    chooser.finish()?;
    table.finish()?;
    Ok(())
}

//! A copy whose data stays as it is: only the index is written.

use std::collections::BTreeMap;
use std::path::Path;

use super::options::not_as_it_is;
use super::plan::{Plan, Planned};
use super::{CopyData, CopyOptions};
use crate::bundle::{Assembly, MergeOptions, Numbering, Part, ReadOptions, Transfer, assemble};
use crate::checkpoint::Reader;
use crate::checkpoint::source::{Beneath, Origin};
use crate::error::Result;
use crate::tensor::Strings;

/// Makes the copy of the data files that have what is planned.
pub(super) fn keep(dst: &Path, reader: &Reader, plan: &Plan, options: &CopyOptions) -> Result<()> {
    let mut gathered = Gathered { reader, parts: BTreeMap::new(), made: Vec::new() };
    plan.tensors.iter().try_for_each(|planned| gathered.add(planned))?;
    let mut parts: Vec<Part> = gathered.parts.into_values().collect();
    if let ([only], true, true) = (&mut *parts, plan.is_same, gathered.made.is_empty()) {
        only.names = None;
    }
    let assembly = Assembly {
        parts,
        made: gathered.made,
        numbering: Numbering::AsNumbered,
        strict_links: true,
        replace: options.replace,
        ..Assembly::default()
    };
    let merge_options = MergeOptions {
        storage: options.storage.clone(),
        transfer: match options.data {
            CopyData::Link => Transfer::Link,
            CopyData::Copy | CopyData::Rewrite => Transfer::Copy,
        },
        index: options.index.clone(),
        sync: options.sync,
        threads: options.threads,
        max_in_flight: options.max_in_flight,
        progress: options.progress.clone(),
        ..MergeOptions::default()
    };
    assemble(dst, &assembly, &merge_options)
}

/// What the copy is made of.
struct Gathered<'r> {
    reader: &'r Reader,
    /// The bundles that tensors are taken from, in their order beneath the reader.
    parts: BTreeMap<u32, Part>,
    made: Vec<(Vec<u8>, Strings)>,
}

impl Gathered<'_> {
    fn add(&mut self, planned: &Planned) -> Result<()> {
        let name = &planned.tensor.name;
        if let Some(made) = &planned.made {
            self.made.push((planned.name().to_vec(), made.clone()));
            return Ok(());
        }
        let origins = self.reader.source().origins(name);
        if origins.iter().any(|origin| !origin.is_all) {
            return Err(not_as_it_is("some of its slices count only in part").for_tensor(name));
        }
        origins.iter().try_for_each(|origin| self.add_origin(planned, origin))
    }

    fn add_origin(&mut self, planned: &Planned, origin: &Origin<'_>) -> Result<()> {
        match origin.beneath {
            Beneath::Bundle(bundle) => {
                let part = self.parts.entry(origin.source).or_insert_with(|| Part {
                    prefix: bundle.prefix().to_path_buf(),
                    names: Some(BTreeMap::new()),
                });
                let names = part.names.get_or_insert_default();
                names.entry(origin.name.to_vec()).or_default().push(planned.name().to_vec());
            }
            Beneath::Memory => {
                let name = &planned.tensor.name;
                let strings = self.reader.read_strings(name, &ReadOptions::default())?;
                self.made.push((planned.name().to_vec(), strings));
            }
            Beneath::SliceFiles => {
                let reason = "a V1 checkpoint has its values inside of messages";
                return Err(not_as_it_is(reason).in_file(self.reader.prefix()));
            }
        }
        Ok(())
    }
}

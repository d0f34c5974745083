//! Any bytes as a graph: what is told of it agrees with itself, what is left of it when
//! it is stripped is a graph, and is not cut any further.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tfckpt::ErrorKind;
use tfckpt::graph::MetaFile;
use tfckpt_fuzz::bounded;
use tfckpt_fuzz::graph_check::{look, storage_of, strip_twice};
use tfckpt_fuzz::graphs::{constant, graph, open};
use tfckpt_fuzz::meta_options::options;

fuzz_target!(|data: &[u8]| {
    let Some((&choice, content)) = data.split_first() else { return };
    bounded(data.len(), || {
        let looked = all(content);
        let stripped = strip_twice(content, |changed| options(choice.into(), changed));
        for error in [looked.err(), stripped.err()].into_iter().flatten() {
            assert!(
                matches!(error.kind(), ErrorKind::DataLoss | ErrorKind::Unsupported),
                "{error}"
            );
            assert!(error.file().is_some(), "{error}");
            assert!(error.offset().is_none_or(|at| at <= content.len() as u64), "{error}");
        }
    });
});

fn all(content: &[u8]) -> tfckpt::Result<()> {
    let file = open(&storage_of(content), "/model.meta")?;
    let other = open(&storage_of(&graph(&[constant("w", 1)])), "/model.meta")?;
    file.graphs().iter().try_for_each(look)?;
    compare(&file, &other)
}

/// There and back: what came on top went away.
fn compare(file: &MetaFile, other: &MetaFile) -> tfckpt::Result<()> {
    for graph in file.graphs() {
        let [there, back] = [graph.diff(&other.graphs()[0])?, other.graphs()[0].diff(graph)?];
        assert_eq!(there.growth(), -back.growth());
        assert_eq!(there.changes.is_empty(), back.changes.is_empty(), "{there}{back}");
        let _ = (there.to_string(), back.to_string());
    }
    Ok(())
}

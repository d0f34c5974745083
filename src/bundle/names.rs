//! The names of a bundle's files. A prefix is taken as literal bytes.

use std::path::{Path, PathBuf};

/// `PREFIX.index`.
pub fn index_path(prefix: &Path) -> PathBuf {
    with_suffix(prefix, ".index")
}

/// `PREFIX.data-SSSSS-of-NNNNN`: data shard `shard`, counted from 0, of `num_shards`.
pub fn data_path(prefix: &Path, shard: u32, num_shards: u32) -> PathBuf {
    with_suffix(prefix, &format!(".data-{shard:05}-of-{num_shards:05}"))
}

/// `Path::with_extension` would take the `.5` of `model-0.5` for an extension.
fn with_suffix(prefix: &Path, suffix: &str) -> PathBuf {
    let mut name = prefix.as_os_str().to_os_string();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_literal() {
        let prefix = Path::new("dir.x/model-0.5");
        assert_eq!(index_path(prefix), Path::new("dir.x/model-0.5.index"));
        assert_eq!(data_path(prefix, 3, 123456), Path::new("dir.x/model-0.5.data-00003-of-123456"));
    }
}

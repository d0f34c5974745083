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

/// Stem, number and count of a file that is one of several, `STEM-SSSSS-of-NNNNN`.
/// The count comes as the digits that are there.
pub(crate) fn shard_name(name: &[u8]) -> Option<(&[u8], u32, &[u8])> {
    let at = name.windows(4).rposition(|window| window == b"-of-")?;
    let (front, count) = (name.get(..at)?, name.get(at + 4..)?);
    let hyphen = front.iter().rposition(|&byte| byte == b'-')?;
    let number = front.get(hyphen + 1..)?;
    let number = (number.len() >= 5).then(|| decimal(number))??;
    (count.len() >= 5 && decimal(count).is_some()).then_some((
        front.get(..hyphen)?,
        u32::try_from(number).ok()?,
        count,
    ))
}

/// The number that `digits`, and nothing else, spell.
pub(crate) fn decimal(digits: &[u8]) -> Option<u64> {
    let all_digits = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    all_digits.then(|| std::str::from_utf8(digits).ok()?.parse().ok()).flatten()
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

    #[test]
    fn names_of_one_of_several() {
        let parts = |name: &'static str| shard_name(name.as_bytes());
        assert_eq!(parts("m-7-00001-of-00003"), Some((&b"m-7"[..], 1, &b"00003"[..])));
        assert_eq!(parts("-of--123456-of-200000"), Some((&b"-of-"[..], 123456, &b"200000"[..])));
        for other in ["m", "m-1-of-3", "m-0000x-of-00003", "m-00001-of-3", "00001-of-00003"] {
            assert_eq!(parts(other), None, "{other}");
        }
    }
}

//! The header of a `.safetensors`, as it is read.

use std::collections::HashSet;
use std::fmt;

use safetensors::Dtype;
use safetensors::tensor::Metadata;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use tfckpt::Result;

use super::{LENGTH, METADATA};
use crate::convert::error::{Refusals, data_loss};

/// Reads a header, and checks that the tensors in it lie one behind the other, each
/// as large as its type and shape make it.
///
/// # Errors
/// `Unsupported` with a list of the tensors whose types are unknown; `DataLoss`.
pub fn parse(text: &[u8]) -> Result<Metadata> {
    let damaged = |error: serde_json::Error| {
        // Where that is known, the place is in the text.
        let offset = if error.line() == 1 { error.column() as u64 } else { 0 };
        data_loss(format!("its header is damaged: {error}")).at_offset(LENGTH + offset)
    };
    let listing: Listing = serde_json::from_slice(text).map_err(damaged)?;
    listing.check()?;
    serde_json::from_slice(text).map_err(damaged)
}

/// The names in a header in the order in which they stand there, and the types.
struct Listing(Vec<(String, Option<String>)>);

impl Listing {
    fn check(self) -> Result<()> {
        let (mut names, mut refusals) = (HashSet::new(), Refusals::default());
        for (name, dtype) in &self.0 {
            if !names.insert(name) {
                let error = data_loss("its header has two tensors of this name");
                return Err(error.for_tensor(name.as_bytes()).at_offset(LENGTH));
            }
            let known =
                |text: &String| serde_json::from_value::<Dtype>(Value::from(&**text)).is_ok();
            if let Some(dtype) = dtype.as_ref().filter(|dtype| name != METADATA && !known(dtype)) {
                refusals.add(name.as_bytes(), dtype);
            }
        }
        refusals.check("tensors of types that are not known here")
    }
}

impl<'de> Deserialize<'de> for Listing {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_map(ListingVisitor)
    }
}

struct ListingVisitor;

impl<'de> Visitor<'de> for ListingVisitor {
    type Value = Listing;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object that has a key for each tensor")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Listing, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = map.next_key()? {
            let Entry { dtype } = map.next_value()?;
            names.push((name, dtype));
        }
        Ok(Listing(names))
    }
}

/// The type of a tensor, whatever else is said of it.
struct Entry {
    dtype: Option<String>,
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_map(EntryVisitor)
    }
}

struct EntryVisitor;

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Entry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object that says what a tensor is")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Entry, A::Error> {
        let mut dtype = None;
        while let Some(key) = map.next_key::<String>()? {
            if key == "dtype" {
                dtype = Some(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Entry { dtype })
    }
}

#[cfg(test)]
mod tests {
    use tfckpt::ErrorKind;

    use super::*;

    fn kind(text: &str) -> Option<ErrorKind> {
        parse(text.as_bytes()).err().map(|error| error.kind())
    }

    #[test]
    fn sound_headers() {
        for text in [
            "{}",
            r#"{"__metadata__":{"format":"pt","dtype":"none"}}   "#,
            r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
            r#"{"b":{"dtype":"U8","shape":[0],"data_offsets":[4,4]},"a":{"dtype":"I32","shape":[],"data_offsets":[0,4]}}"#,
        ] {
            assert_eq!(kind(text), None, "{text}");
        }
    }

    #[test]
    fn damaged_headers() {
        let one = |rest: &str| format!(r#"{{"a":{{"dtype":"F32",{rest}}}}}"#);
        let deep = one(&format!(r#""shape":{}"#, "[".repeat(10_000)));
        for text in [
            "",
            "[]",
            "{} {}",
            r#"{"a":3}"#,
            r#"{"a":{}}"#,
            &one(r#""shape":[2]"#),
            &one(r#""shape":[-2],"data_offsets":[0,8]"#),
            &one(r#""shape":[2],"data_offsets":[0,4]"#),
            &one(r#""shape":[2],"data_offsets":[8,0]"#),
            &one(r#""shape":[2],"data_offsets":[4,12]"#),
            &one(r#""shape":[4294967296,4294967296],"data_offsets":[0,0]"#),
            &deep,
        ] {
            assert_eq!(kind(text), Some(ErrorKind::DataLoss), "{text}");
        }
    }

    #[test]
    fn a_name_is_there_once() {
        let tensor = r#""a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}"#;
        assert_eq!(kind(&format!("{{{tensor},{tensor}}}")), Some(ErrorKind::DataLoss));
    }

    #[test]
    fn types_that_are_not_known_are_listed() {
        let tensor = r#"{"dtype":"F7","shape":[0],"data_offsets":[0,0]}"#;
        let error = parse(format!(r#"{{"a":{tensor},"b":{tensor}}}"#).as_bytes()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.message().ends_with(":\n  a: F7\n  b: F7"), "{error}");
    }
}

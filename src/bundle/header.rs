//! The value of the key `""`: how many shards, which byte order, which version.

use prost::Message;

use crate::error::{Error, Result};
use crate::proto;

/// The version that this library, as a reader, is.
const CONSUMER: i32 = 1;
/// The oldest writer it still reads.
const MIN_PRODUCER: i32 = 0;
/// The version that it writes.
const PRODUCER: i32 = 1;
/// The oldest reader that what it writes asks for.
const MIN_CONSUMER: i32 = 0;

/// The byte order of a bundle's values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Endianness {
    /// Lowest byte first: every machine of today.
    #[default]
    Little,
    /// Highest byte first.
    Big,
}

impl Endianness {
    /// The byte order of this machine.
    pub const NATIVE: Self = if cfg!(target_endian = "big") { Self::Big } else { Self::Little };

    /// `LITTLE` or `BIG`, as the header's enum has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Little => "LITTLE",
            Self::Big => "BIG",
        }
    }

    pub(super) fn u32_bytes(self, value: u32) -> [u8; 4] {
        match self {
            Self::Little => value.to_le_bytes(),
            Self::Big => value.to_be_bytes(),
        }
    }

    pub(super) fn u64_bytes(self, value: u64) -> [u8; 8] {
        match self {
            Self::Little => value.to_le_bytes(),
            Self::Big => value.to_be_bytes(),
        }
    }

    pub(super) fn u32_from(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }
}

/// Who wrote a file, and who may read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// The version of the writer.
    pub producer: i32,
    /// The lowest version of a reader that understands the file.
    pub min_consumer: i32,
    /// Versions of readers that are known to misread it.
    pub bad_consumers: Vec<i32>,
}

impl Version {
    /// What a message says; all 0 for one that says nothing.
    pub(crate) fn from_message(message: proto::VersionDef) -> Self {
        Self {
            producer: message.producer,
            min_consumer: message.min_consumer,
            bad_consumers: message.bad_consumers,
        }
    }

    pub(crate) fn to_message(&self) -> proto::VersionDef {
        proto::VersionDef {
            producer: self.producer,
            min_consumer: self.min_consumer,
            bad_consumers: self.bad_consumers.clone(),
        }
    }

    /// The version of what this library writes.
    pub(crate) fn written() -> Self {
        Self { producer: PRODUCER, min_consumer: MIN_CONSUMER, bad_consumers: Vec::new() }
    }

    /// Refuses what this library, as a reader, would misread.
    pub(crate) fn check(&self) -> Result<()> {
        if self.producer < MIN_PRODUCER {
            return Err(Error::unsupported(format!(
                "written by version {}, below {MIN_PRODUCER}, the oldest there is",
                self.producer
            )));
        }
        if self.min_consumer > CONSUMER {
            return Err(Error::unsupported(format!(
                "asks for a reader of version {}; this one is version {CONSUMER}",
                self.min_consumer
            )));
        }
        if self.bad_consumers.contains(&CONSUMER) {
            return Err(Error::unsupported(format!(
                "says that readers of version {CONSUMER}, as this one, misread it"
            )));
        }
        Ok(())
    }
}

/// The header of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// How many data shards there are; at least 1.
    pub num_shards: u32,
    /// The byte order of values, not of the index itself.
    pub endianness: Endianness,
    /// Who wrote it, and who may read it.
    pub version: Version,
}

impl Header {
    /// The header of a bundle that this library writes.
    pub(super) fn written(num_shards: u32, endianness: Endianness) -> Self {
        Self { num_shards, endianness, version: Version::written() }
    }

    /// Parses and checks the value of the header's key.
    pub(super) fn parse(value: &[u8]) -> Result<Self> {
        let message = proto::BundleHeaderProto::decode(value).map_err(|error| {
            Error::data_loss(format!("the header is not a BundleHeaderProto: {error}"))
        })?;
        let version = Version::from_message(message.version.unwrap_or_default());
        version.check()?;
        let num_shards = u32::try_from(message.num_shards).ok().filter(|&n| n > 0);
        Ok(Self {
            num_shards: num_shards.ok_or_else(|| {
                Error::data_loss(format!("the header says {} data shards", message.num_shards))
            })?,
            endianness: match message.endianness {
                0 => Endianness::Little,
                1 => Endianness::Big,
                other => {
                    return Err(Error::unsupported(format!(
                        "the header says byte order {other}, which is none"
                    )));
                }
            },
            version,
        })
    }

    /// The value of the header's key.
    pub(super) fn encode(&self) -> Vec<u8> {
        proto::BundleHeaderProto {
            num_shards: self.num_shards as i32,
            endianness: self.endianness as i32,
            version: Some(self.version.to_message()),
        }
        .encode_to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_come_back() {
        let header = Header::written(8, Endianness::Big);
        assert_eq!(Header::parse(&header.encode()).unwrap(), header);
        assert_eq!(Header::written(1, Endianness::Little).encode(), [8, 1, 26, 2, 8, 1]);
    }

    #[test]
    fn versions_are_held_to_the_rules() {
        let check = |producer, min_consumer, bad_consumers: &[i32]| {
            Version { producer, min_consumer, bad_consumers: bad_consumers.to_vec() }
                .check()
                .is_ok()
        };
        assert!(check(1000, 1, &[0, 2]));
        assert!(!check(-1, 0, &[]));
        assert!(!check(1, 2, &[]));
        assert!(!check(1, 0, &[2, 1]));
    }
}

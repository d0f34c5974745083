//! How much a checkpoint may ask of whoever reads it.

use crate::bundle::ReaderOptions;
use crate::error::{Error, ErrorKind, Result};

/// The limits of the options, held against what a checkpoint asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    tensors: u64,
    tensor_bytes: u64,
}

impl Limits {
    /// Of checkpoints that others have opened.
    pub(super) const NONE: Self = Self { tensors: u64::MAX, tensor_bytes: u64::MAX };

    pub(super) fn of(options: &ReaderOptions) -> Self {
        Self { tensors: options.max_tensors, tensor_bytes: options.max_tensor_bytes }
    }

    /// # Errors
    /// `ResourceLimit` where there are more tensors.
    pub(super) fn check_count(&self, tensors: u64) -> Result<()> {
        if tensors > self.tensors {
            return Err(above(&format!("{tensors} tensors are"), self.tensors));
        }
        Ok(())
    }

    /// Asks how many bytes there are only where there is a limit.
    ///
    /// # Errors
    /// `ResourceLimit` where there are more, and what asking gives.
    pub(super) fn check_bytes(&self, bytes: impl FnOnce() -> Result<u64>) -> Result<()> {
        if self.tensor_bytes == u64::MAX {
            return Ok(());
        }
        let bytes = bytes()?;
        if bytes > self.tensor_bytes {
            return Err(above(&format!("{bytes} bytes of values are"), self.tensor_bytes));
        }
        Ok(())
    }
}

fn above(what: &str, limit: u64) -> Error {
    Error::new(ErrorKind::ResourceLimit, format!("{what} above the limit of {limit}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_what_is_still_allowed() {
        let limits = Limits { tensors: 2, tensor_bytes: 10 };
        assert!(limits.check_count(2).is_ok() && limits.check_bytes(|| Ok(10)).is_ok());
        for error in
            [limits.check_count(3).unwrap_err(), limits.check_bytes(|| Ok(11)).unwrap_err()]
        {
            assert_eq!(error.kind(), ErrorKind::ResourceLimit);
        }
    }

    #[test]
    fn without_a_limit_nobody_counts() {
        assert!(Limits::NONE.check_bytes(|| panic!("counted")).is_ok());
    }
}

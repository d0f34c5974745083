//! Errors about files of other formats.

use tfckpt::{Error, ErrorKind};

use crate::name;

pub fn data_loss(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::DataLoss, message)
}

pub fn unsupported(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Unsupported, message)
}

pub fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}

/// What a file can't hold, or a checkpoint can't, collected so that it is all told at
/// once, and before anything is written.
#[derive(Default)]
pub struct Refusals(Vec<String>);

impl Refusals {
    pub fn add(&mut self, name: &[u8], why: &str) {
        self.0.push(format!("\n  {}: {why}", name::display(name)));
    }

    /// Fails with `what`, and the list, if anything was refused.
    pub fn check(self, what: &str) -> tfckpt::Result<()> {
        match &*self.0 {
            [] => Ok(()),
            lines => Err(unsupported(format!("{what}:{}", lines.concat()))),
        }
    }
}

//! Calls about `.meta` files.

use arbitrary::Arbitrary;

use super::handles::Handles;

#[derive(Arbitrary, Debug)]
pub enum MetaCall {
    Open { path: u8 },
}

impl Handles {
    /// # Safety
    /// As of [`Handles::call`].
    pub unsafe fn meta(&mut self, call: &MetaCall) {
        match call {
            MetaCall::Open { path: _ } => {}
        }
    }
}

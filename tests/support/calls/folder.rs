//! Calls about folders of checkpoints.

use arbitrary::Arbitrary;

use super::handles::Handles;

#[derive(Arbitrary, Debug)]
pub enum FolderCall {
    Survey { path: u8 },
}

impl Handles {
    /// # Safety
    /// As of [`Handles::call`].
    pub unsafe fn folder(&mut self, call: &FolderCall) {
        match call {
            FolderCall::Survey { path: _ } => {}
        }
    }
}

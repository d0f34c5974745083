//! How a graph is stripped, out of a number.

use tfckpt::graph::{Copies, StripOptions};

/// Changes the options as the bits of `choice` say.
pub fn options(choice: usize, options: &mut StripOptions) {
    options.copies = [Copies::Keep, Copies::WithEffect, Copies::All][choice % 3];
    options.training = choice / 3 % 2 == 1;
    options.constants = [None, Some(1), Some(100), None][choice / 6 % 4];
    options.savers = choice / 24 % 4 > 0;
    options.collections = choice / 96 % 4 > 0;
}

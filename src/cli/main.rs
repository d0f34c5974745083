//! The `tfckpt` command.
fn main() {}

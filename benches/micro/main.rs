//! The inner loops, each on its own, with all of their bytes in memory.

mod block;
mod bundle;
mod crc;
mod slice;
mod strings;

fn main() {
    divan::main();
}

//! CRC-32C by the widest multiplication without carry that there is, four times 64
//! bytes at once.
//!
//! Each of four registers holds a part of a long polynomial of one bit a coefficient.
//! Of what stands in a register only the remainder counts: so instead of moving 256
//! bytes on, its halves are multiplied by remainders of powers of x, and what comes
//! next is added. What is left at the end are 64 bytes with the remainder of them
//! all.
//!
//! Why not a crate: what there is needs a newer Rust for this width, and none copies
//! in the same pass, which makes the checksum of what is copied free. Why assembly:
//! the intrinsics need a newer Rust too. Registers 16 to 31 alone are used, which
//! code without these extensions knows nothing of and does not slow down after.

#![allow(unsafe_code)]

use std::arch::asm;
use std::arch::x86_64::{__cpuid_count, CpuidResult};
use std::sync::atomic::{AtomicU8, Ordering};

use super::combine::power;

/// What one round takes.
const BLOCK: usize = 256;

/// What one store takes, and must be aligned to.
const LINE: usize = 64;

/// What multiplies the halves of each 128 bits, so that they move on.
#[repr(align(64))]
struct Keys([u64; 8]);

static BY_BLOCK: Keys = keys(8 * BLOCK as u32);
static BY_LINE: Keys = keys(8 * LINE as u32);

/// The keys that move `bits` on. The lower half stands for powers 64 higher; and the
/// product of two halves has a bit less than there is room for, so that it comes out
/// one power too high.
const fn keys(bits: u32) -> Keys {
    let (lower, upper) = (key(bits + 63), key(bits - 1));
    Keys([lower, upper, lower, upper, lower, upper, lower, upper])
}

const fn key(exponent: u32) -> u64 {
    (power(exponent) as u64) << 32
}

/// Whether the processor has it, and the operating system keeps the registers.
pub(super) fn is_there() -> bool {
    found() & WIDE != 0
}

/// What the processor has, once it was asked.
static FOUND: AtomicU8 = AtomicU8::new(0);
const ASKED: u8 = 1;
/// The instruction for CRC-32C.
const NARROW: u8 = 2;
/// All that is needed for the multiplication.
const WIDE: u8 = 4;

#[inline(always)]
fn found() -> u8 {
    match FOUND.load(Ordering::Relaxed) {
        0 => ask(),
        found => found,
    }
}

/// A virtual processor takes microseconds for each answer, and the standard library asks
/// for everything that it knows of: a quarter of what it takes to load this library, open
/// a small checkpoint and read a tensor.
#[cold]
fn ask() -> u8 {
    const SSE4_2: u32 = 1 << 20;
    const OSXSAVE: u32 = 1 << 27;
    let features = leaf(1).ecx;
    let mut found = ASKED;
    if features & SSE4_2 != 0 {
        found |= NARROW;
    }
    if features & OSXSAVE != 0 && keeps_wide_registers() && multiplies_wide() {
        found |= WIDE;
    }
    FOUND.store(found, Ordering::Relaxed);
    found
}

/// Only if wide registers are kept: how they are stands in leaf 13, so there is this one.
fn multiplies_wide() -> bool {
    const AVX512F: u32 = 1 << 16;
    const VPCLMULQDQ: u32 = 1 << 10;
    let features = leaf(7);
    features.ebx & AVX512F != 0 && features.ecx & VPCLMULQDQ != 0
}

#[allow(unused_unsafe)] // It is safe in a newer Rust.
fn leaf(leaf: u32) -> CpuidResult {
    // SAFETY: every processor of this kind has the instruction, which touches nothing.
    unsafe { __cpuid_count(leaf, 0) }
}

/// Only if the processor has OSXSAVE.
fn keeps_wide_registers() -> bool {
    // SSE, AVX, and the three parts of AVX-512.
    const ALL: u32 = 0b1110_0110;
    let kept: u32;
    // SAFETY: touches the registers that are named.
    unsafe {
        asm!("xgetbv", in("ecx") 0, out("eax") kept, out("edx") _, options(nomem, nostack));
    }
    kept & ALL == ALL
}

/// The CRC with `data` behind, if the processor has the instruction for it. In place, as
/// of few bytes it takes less than a call does.
#[inline(always)]
pub(super) fn extend_few(crc: u32, data: &[u8]) -> Option<u32> {
    if found() & NARROW == 0 {
        return None;
    }
    let mut crc = u64::from(!crc);
    let words = data.chunks_exact(8);
    let rest = words.remainder();
    for word in words {
        let word = u64::from_le_bytes(word.try_into().unwrap_or_default());
        // SAFETY: touches two registers, and the processor can do it.
        unsafe {
            asm!("crc32 {}, {}", inout(reg) crc, in(reg) word, options(pure, nomem, nostack))
        };
    }
    let mut crc = crc as u32;
    let (half, rest) = rest.split_at(rest.len() & 4);
    if let Ok(half) = half.try_into() {
        let half = u32::from_le_bytes(half);
        // SAFETY: as above.
        unsafe {
            asm!("crc32 {:e}, {:e}", inout(reg) crc, in(reg) half, options(pure, nomem, nostack))
        };
    }
    for &byte in rest {
        // SAFETY: as above.
        unsafe {
            asm!("crc32 {:e}, {}", inout(reg) crc, in(reg_byte) byte, options(pure, nomem, nostack))
        };
    }
    Some(!crc)
}

/// The CRC as far as there are blocks, and the rest.
pub(super) fn extend(crc: u32, data: &[u8]) -> Option<(u32, &[u8])> {
    let (blocks, rest) = data.split_at(data.len() / BLOCK * BLOCK);
    if blocks.is_empty() || !is_there() {
        return None;
    }
    // SAFETY: whole blocks, one at least; and the processor can do it.
    let folded = unsafe { fold(blocks, crc) };
    Some((of_folded(&folded), rest))
}

/// Copies to `dst`, which is as long as `src`, as far as there are blocks from where
/// stores are aligned; returns the CRC and how much that is. Other threads may see it
/// after [`fence`] alone.
pub(super) fn copy(crc: u32, src: &[u8], dst: &mut [u8]) -> Option<(u32, usize)> {
    let head = dst.as_ptr().addr().wrapping_neg() % LINE;
    let blocks = src.len().checked_sub(head)? / BLOCK * BLOCK;
    if blocks == 0 || dst.len() != src.len() || !is_there() {
        return None;
    }
    let end = head + blocks;
    dst[..head].copy_from_slice(&src[..head]);
    let crc = super::extend_few(crc, &src[..head]);
    // SAFETY: whole blocks, one at least, as many of each; those written to begin at
    // a line; and the processor can do it.
    let folded = unsafe { fold_and_copy(&src[head..end], &mut dst[head..end], crc) };
    Some((of_folded(&folded), end))
}

/// Orders stores past the caches before what follows, as all others are.
pub(super) fn fence() {
    // SAFETY: touches nothing; every processor of this kind has it.
    unsafe { asm!("sfence", options(nostack, preserves_flags)) };
}

/// The CRC of all that was folded into these bytes.
fn of_folded(folded: &[u8; LINE]) -> u32 {
    // The complement of this is what a CRC starts from: nothing comes before.
    super::extend_few(u32::MAX, folded)
}

/// Moves a register on, without what comes next: one product into another register,
/// one in its place.
macro_rules! multiply {
    ($register:literal, $product:literal) => {
        concat!(
            "vpclmulqdq zmm",
            $product,
            ", zmm",
            $register,
            ", zmm31, 0x00\n",
            "vpclmulqdq zmm",
            $register,
            ", zmm",
            $register,
            ", zmm31, 0x11",
        )
    };
}

/// Adds to a register its other product and what comes next.
macro_rules! add {
    ($register:literal, $product:literal, $next:literal) => {
        concat!("vpternlogq zmm", $register, ", zmm", $product, ", ", $next, ", 0x96")
    };
}

/// Puts the CRC of what comes before into the first bytes, and takes the keys.
macro_rules! begin {
    () => {
        "vmovd xmm20, {crc:e}\n\
         vpxorq zmm16, zmm16, zmm20\n\
         vmovdqa64 zmm31, [{by_block}]"
    };
}

/// Makes one register of four, and stores it.
macro_rules! end {
    () => {
        concat!(
            "vmovdqa64 zmm31, [{by_line}]\n",
            multiply!(16, 20),
            "\n",
            add!(17, 20, "zmm16"),
            "\n",
            multiply!(17, 20),
            "\n",
            add!(18, 20, "zmm17"),
            "\n",
            multiply!(18, 20),
            "\n",
            add!(19, 20, "zmm18"),
            "\n",
            "vmovdqu64 [{folded}], zmm19",
        )
    };
}

/// Asks for what comes 4 KiB later: the processor looks ahead within a page alone.
macro_rules! look_ahead {
    () => {
        "prefetcht0 [{src} + 4096]\n\
         prefetcht0 [{src} + 4160]\n\
         prefetcht0 [{src} + 4224]\n\
         prefetcht0 [{src} + 4288]"
    };
}

/// # Safety
/// `data` is one block or more, all of them whole, and [`is_there`].
unsafe fn fold(data: &[u8], crc: u32) -> [u8; LINE] {
    let mut folded = [0; LINE];
    // SAFETY: reads no more than the blocks of `data`, of which there is one at least,
    // and the keys, which are aligned; writes `folded` alone. A prefetch of what is not
    // there does nothing. All registers are named that it changes.
    unsafe {
        asm!(
            "vmovdqu64 zmm16, [{src}]",
            "vmovdqu64 zmm17, [{src} + 64]",
            "vmovdqu64 zmm18, [{src} + 128]",
            "vmovdqu64 zmm19, [{src} + 192]",
            begin!(),
            "add {src}, 256",
            "dec {blocks}",
            "jz 3f",
            ".p2align 5",
            "2:",
            look_ahead!(),
            multiply!(16, 20),
            multiply!(17, 21),
            multiply!(18, 22),
            multiply!(19, 23),
            add!(16, 20, "[{src}]"),
            add!(17, 21, "[{src} + 64]"),
            add!(18, 22, "[{src} + 128]"),
            add!(19, 23, "[{src} + 192]"),
            "add {src}, 256",
            "dec {blocks}",
            "jnz 2b",
            "3:",
            end!(),
            src = inout(reg) data.as_ptr() => _,
            blocks = inout(reg) data.len() / BLOCK => _,
            crc = in(reg) !crc,
            by_block = in(reg) &raw const BY_BLOCK.0,
            by_line = in(reg) &raw const BY_LINE.0,
            folded = in(reg) folded.as_mut_ptr(),
            out("zmm16") _, out("zmm17") _, out("zmm18") _, out("zmm19") _,
            out("zmm20") _, out("zmm21") _, out("zmm22") _, out("zmm23") _,
            out("zmm31") _,
            options(nostack),
        );
    }
    folded
}

/// # Safety
/// `src` is one block or more, all of them whole; `dst` is as long, and begins at a
/// line; and [`is_there`].
unsafe fn fold_and_copy(src: &[u8], dst: &mut [u8], crc: u32) -> [u8; LINE] {
    let mut folded = [0; LINE];
    // SAFETY: as of `fold`; and writes `dst`, as much as it reads of `src`, to lines,
    // as stores past the caches must be.
    unsafe {
        asm!(
            "vmovdqu64 zmm16, [{src}]",
            "vmovdqu64 zmm17, [{src} + 64]",
            "vmovdqu64 zmm18, [{src} + 128]",
            "vmovdqu64 zmm19, [{src} + 192]",
            "vmovntdq [{dst}], zmm16",
            "vmovntdq [{dst} + 64], zmm17",
            "vmovntdq [{dst} + 128], zmm18",
            "vmovntdq [{dst} + 192], zmm19",
            begin!(),
            "add {src}, 256",
            "add {dst}, 256",
            "dec {blocks}",
            "jz 3f",
            ".p2align 5",
            "2:",
            look_ahead!(),
            "vmovdqu64 zmm24, [{src}]",
            "vmovdqu64 zmm25, [{src} + 64]",
            "vmovdqu64 zmm26, [{src} + 128]",
            "vmovdqu64 zmm27, [{src} + 192]",
            multiply!(16, 20),
            multiply!(17, 21),
            multiply!(18, 22),
            multiply!(19, 23),
            "vmovntdq [{dst}], zmm24",
            "vmovntdq [{dst} + 64], zmm25",
            "vmovntdq [{dst} + 128], zmm26",
            "vmovntdq [{dst} + 192], zmm27",
            add!(16, 20, "zmm24"),
            add!(17, 21, "zmm25"),
            add!(18, 22, "zmm26"),
            add!(19, 23, "zmm27"),
            "add {src}, 256",
            "add {dst}, 256",
            "dec {blocks}",
            "jnz 2b",
            "3:",
            end!(),
            src = inout(reg) src.as_ptr() => _,
            dst = inout(reg) dst.as_mut_ptr() => _,
            blocks = inout(reg) src.len() / BLOCK => _,
            crc = in(reg) !crc,
            by_block = in(reg) &raw const BY_BLOCK.0,
            by_line = in(reg) &raw const BY_LINE.0,
            folded = in(reg) folded.as_mut_ptr(),
            out("zmm16") _, out("zmm17") _, out("zmm18") _, out("zmm19") _,
            out("zmm20") _, out("zmm21") _, out("zmm22") _, out("zmm23") _,
            out("zmm24") _, out("zmm25") _, out("zmm26") _, out("zmm27") _,
            out("zmm31") _,
            options(nostack),
        );
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_is_understood() {
        let is_wide = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("vpclmulqdq");
        assert_eq!(is_there(), is_wide);
        assert_eq!(found() & NARROW != 0, is_x86_feature_detected!("sse4.2"));
    }
}

//! The values of two tensors of one dtype and shape, side by side.

use std::sync::mpsc::sync_channel;
use std::thread;

use tfckpt::bundle::ReadOptions;
use tfckpt::checkpoint::{Reader, Tensor};
use tfckpt::{Error, ErrorKind, Result};

use super::tally::{Tally, Values};
use crate::blocks::for_each_block;

/// A tensor up to this size is read before the other is; the larger are read at
/// the same time, on two threads.
const SMALL: u64 = 1 << 20;
/// So many blocks one of them may be ahead of the other.
const AHEAD: usize = 2;

/// A tensor, and where it is read from.
pub type Place<'t> = (&'t Reader, &'t Tensor);

/// Compares two tensors of one dtype and shape. `progress` is told of bytes that
/// are done.
pub fn compare(
    a: Place<'_>,
    b: Place<'_>,
    atol: Option<f64>,
    progress: impl FnMut(u64),
) -> Result<Values> {
    let tensor = a.1;
    let mut tally = Tally::new(tensor.dtype, atol);
    if tensor.dtype.is_variable_length() {
        compare_strings(a, b, &mut tally, progress)?;
    } else if tensor.byte_size().is_some_and(|size| size <= SMALL) {
        compare_small(a, b, &mut tally, progress)?;
    } else if tensor.dtype.size().is_some() {
        compare_large(a, b, &mut tally, progress)?;
    }
    Ok(tally.values(&tensor.shape))
}

fn compare_strings(
    a: Place<'_>,
    b: Place<'_>,
    tally: &mut Tally,
    mut progress: impl FnMut(u64),
) -> Result<()> {
    let read =
        |(reader, tensor): Place<'_>| reader.read_strings(&tensor.name, &ReadOptions::default());
    let (a, b) = (read(a)?, read(b)?);
    a.iter().zip(b.iter()).for_each(|(a, b)| tally.element(a, b));
    progress(a.data().len() as u64);
    Ok(())
}

fn compare_small(
    a: Place<'_>,
    b: Place<'_>,
    tally: &mut Tally,
    progress: impl FnMut(u64),
) -> Result<()> {
    let mut all = Vec::new();
    for_each_block(b.0, b.1, None, |block| {
        all.extend_from_slice(block);
        Ok(())
    })?;
    let mut all = Some(all);
    compare_blocks(a, || all.take(), tally, progress)
}

fn compare_large(
    a: Place<'_>,
    b: Place<'_>,
    tally: &mut Tally,
    progress: impl FnMut(u64),
) -> Result<()> {
    let (sender, receiver) = sync_channel(AHEAD);
    thread::scope(|scope| {
        let other = scope.spawn(move || {
            let send = |block: &[u8]| sender.send(block.to_vec()).map_err(|_| stopped());
            for_each_block(b.0, b.1, None, send)
        });
        let compared = compare_blocks(a, || receiver.recv().ok(), tally, progress);
        // What the other still has to say must not keep it waiting.
        drop(receiver);
        let other = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        first_cause(compared, other)
    })
}

/// The error of one of the two ends the other too: what counts is that of the
/// one that was not just stopped.
fn first_cause(one: Result<()>, other: Result<()>) -> Result<()> {
    match (one, other) {
        (Err(error), other) if error.kind() == ErrorKind::Cancelled => other.and(Err(error)),
        (one, Err(error)) if error.kind() == ErrorKind::Cancelled => one,
        (one, other) => one.and(other),
    }
}

fn stopped() -> Error {
    Error::new(ErrorKind::Cancelled, "the other tensor could not be read")
}

/// Compares the blocks of `a` with those of another, which `next` gives.
fn compare_blocks(
    a: Place<'_>,
    mut next: impl FnMut() -> Option<Vec<u8>>,
    tally: &mut Tally,
    mut progress: impl FnMut(u64),
) -> Result<()> {
    let (mut other, mut at) = (Vec::new(), 0);
    for_each_block(a.0, a.1, None, |block| {
        while other.len() - at < block.len() {
            other.drain(..std::mem::take(&mut at));
            other.extend(next().ok_or_else(stopped)?);
        }
        tally.add(block, &other[at..at + block.len()]);
        at += block.len();
        progress(block.len() as u64);
        Ok(())
    })
}

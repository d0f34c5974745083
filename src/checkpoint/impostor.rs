//! What often stands where a checkpoint's file should be.

use crate::error::{Error, ErrorKind, Result};
use crate::storage::{ReadFile, Storage};

/// What tells one of them stands within so many bytes.
const HEAD: usize = 512;
/// A Git LFS pointer is shorter than this.
const MAX_POINTER: u64 = 1 << 10;
/// A page of a web server that says why it did not send a file is no larger.
const MAX_PAGE: u64 = 1 << 20;

/// Adds to an error about the content of a file that the file is something else,
/// where it shows.
pub(super) fn unmask(storage: &dyn Storage, error: Error) -> Error {
    let doubtful = matches!(error.kind(), ErrorKind::DataLoss | ErrorKind::Unsupported);
    let file = error.file().filter(|_| doubtful).and_then(|path| storage.open(path).ok());
    match file.and_then(|file| impostor_of(file.as_ref()).ok()?) {
        Some(impostor) => retell(&error, format!("it is {impostor}: {}", error.message())),
        None => error,
    }
}

/// The error with another message and the same place.
fn retell(error: &Error, message: String) -> Error {
    let mut told = Error::new(error.kind(), message).with_names(error.names().to_vec());
    if let Some(file) = error.file() {
        told = told.in_file(file);
    }
    if let Some(tensor) = error.tensor() {
        told = told.for_tensor(tensor);
    }
    if let Some(shard) = error.shard() {
        told = told.in_shard(shard);
    }
    match error.offset() {
        Some(offset) => told.at_offset(offset),
        None => told,
    }
}

/// What a file is that is not what somebody takes it for, where that shows: an HTML
/// page, a Git LFS pointer, a file of another format.
///
/// # Errors
/// `Io`.
pub fn impostor_of(file: &dyn ReadFile) -> Result<Option<&'static str>> {
    let mut head = vec![0; file.len().min(HEAD as u64) as usize];
    file.read_exact_at(&mut head, 0)?;
    Ok(name_of_head(&head, file.len()))
}

fn name_of_head(head: &[u8], len: u64) -> Option<&'static str> {
    let is = |magic: &[u8]| head.starts_with(magic);
    if len <= MAX_POINTER && is(b"version https://git-lfs") {
        return Some("a Git LFS pointer, for which 'git lfs pull' brings the file");
    }
    if is(b"\x89HDF\r\n\x1a\n") {
        return Some("an HDF5 file");
    }
    if is(b"PK\x03\x04") {
        return Some("a ZIP archive");
    }
    if is(b"\x1f\x8b\x08") {
        return Some("a gzip file");
    }
    if len <= MAX_PAGE { name_of_page(head) } else { None }
}

fn name_of_page(head: &[u8]) -> Option<&'static str> {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let begins = |tag: &str| {
        text.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes()))
    };
    if begins("<!doctype html") || begins("<html") {
        return Some("an HTML page, as a failed download leaves it");
    }
    begins("<?xml").then_some("an XML document, as a failed download leaves it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_known_by_their_beginning() {
        let name = |head: &[u8]| name_of_head(head, head.len() as u64);
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n";
        assert!(name(pointer).unwrap().contains("Git LFS"));
        for page in [&b"<!DOCTYPE html><html>"[..], b"\n <html lang=en>", b"\xef\xbb\xbf<HTML>"] {
            assert!(name(page).unwrap().contains("HTML"));
        }
        assert_eq!(name(b"<htm"), None);
        assert_eq!(name(b""), None);
        assert_eq!(name_of_head(pointer, 1 << 30), None);
        assert_eq!(name_of_head(b"<html>", 1 << 30), None);
    }
}

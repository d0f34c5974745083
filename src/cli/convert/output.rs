//! A file being written from front to back.

use std::path::Path;

use tfckpt::Result;
use tfckpt::storage::{AtomicFile, LocalStorage, WriteFile};

/// How much is collected before it is written. More than that goes past the buffer.
const BUFFER: usize = 1 << 20;

/// A file being written from front to back. It appears whole, or not at all.
pub struct Output {
    file: AtomicFile,
    buf: Vec<u8>,
    /// How much is in the file; the buffer comes behind.
    written: u64,
}

impl Output {
    pub fn create(path: &Path) -> Result<Self> {
        let file = AtomicFile::create(LocalStorage::shared(), path)?;
        Ok(Self { file, buf: Vec::new(), written: 0 })
    }

    /// How many bytes there are so far.
    pub fn position(&self) -> u64 {
        self.written + self.buf.len() as u64
    }

    pub fn write(&mut self, data: &[u8]) -> Result<()> {
        if self.buf.len() + data.len() > BUFFER {
            self.flush()?;
        }
        if data.len() > BUFFER {
            self.file.write_all_at(data, self.written)?;
            self.written += data.len() as u64;
        } else {
            self.buf.extend_from_slice(data);
        }
        Ok(())
    }

    /// Writes over bytes that were written before.
    pub fn mend(&mut self, position: u64, data: &[u8]) -> Result<()> {
        if let Some(at) = position.checked_sub(self.written) {
            self.buf[at as usize..][..data.len()].copy_from_slice(data);
            return Ok(());
        }
        self.flush()?;
        self.file.write_all_at(data, position)
    }

    /// Leaves out bytes, which are zeros then and take no room on disk.
    #[cfg(test)]
    pub fn leave_hole(&mut self, len: u64) {
        self.flush().unwrap();
        self.written += len;
    }

    fn flush(&mut self) -> Result<()> {
        self.file.write_all_at(&self.buf, self.written)?;
        self.written += self.buf.len() as u64;
        self.buf.clear();
        Ok(())
    }

    /// Makes the file appear.
    pub fn commit(mut self) -> Result<()> {
        self.flush()?;
        self.file.commit()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_in_order_and_can_be_mended() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let mut output = Output::create(&path).unwrap();
        let large: Vec<u8> = (0..=BUFFER).map(|at| at as u8).collect();
        output.write(b"small").unwrap();
        output.mend(1, b"MA").unwrap();
        output.write(&large).unwrap();
        output.write(b"end").unwrap();
        output.mend(0, b"S").unwrap();
        output.mend(3, b"LL").unwrap();
        let len = output.position();
        output.commit().unwrap();
        let expected = [b"SMALL", &*large, b"end"].concat();
        assert_eq!(len, expected.len() as u64);
        assert!(std::fs::read(&path).unwrap() == expected);
    }
}

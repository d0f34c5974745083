//! Reading into memory that nothing was written to yet.

#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

#[cfg(not(target_os = "linux"))]
use libc::pread;
// The other one reaches no further than 2 GiB where addresses have 32 bits.
#[cfg(target_os = "linux")]
use libc::pread64 as pread;

/// No system takes more with one call.
const MOST: usize = 1 << 30;

/// Appends the `len` bytes from `offset` on, or after an error some of them. To clear
/// the memory first, as it has to be for a slice, would take as long as half of the
/// reading.
pub(super) fn append_exact_at(
    file: &File,
    buf: &mut Vec<u8>,
    len: usize,
    offset: u64,
) -> io::Result<()> {
    buf.reserve_exact(len);
    let mut done = 0;
    while done < len {
        match append_some_at(file, buf, len - done, offset.saturating_add(done as u64)) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => done += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Appends some of those bytes, for which there is room, and tells how many.
fn append_some_at(file: &File, buf: &mut Vec<u8>, len: usize, offset: u64) -> io::Result<usize> {
    let offset = offset.try_into().map_err(|_| io::ErrorKind::InvalidInput)?;
    let room = buf.spare_capacity_mut();
    let len = len.min(room.len()).min(MOST);
    // SAFETY: the descriptor is open, for `file` is borrowed here, and there is room for
    // as many bytes.
    let read = unsafe { pread(file.as_raw_fd(), room.as_mut_ptr().cast(), len, offset) };
    let read = usize::try_from(read).map_err(|_| io::Error::last_os_error())?;
    // SAFETY: so many behind those that there were have just been written, and the room
    // is that large.
    unsafe { buf.set_len(buf.len() + read) };
    Ok(read)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt;

    use super::*;

    #[test]
    fn what_is_there_is_appended() {
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(b"0123456789", 0).unwrap();
        let mut buf = b"ab".to_vec();
        append_exact_at(&file, &mut buf, 4, 3).unwrap();
        append_exact_at(&file, &mut buf, 0, 50).unwrap();
        assert_eq!(buf, b"ab3456");
        let error = append_exact_at(&file, &mut buf, 4, 8).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        assert!(append_exact_at(&file, &mut buf, 1, u64::MAX).is_err());
    }
}

//! In place of `wide` where there is no such thing.

pub(super) fn is_there() -> bool {
    false
}

pub(super) fn extend(_crc: u32, _data: &[u8]) -> Option<(u32, &[u8])> {
    None
}

pub(super) fn copy(_crc: u32, _src: &[u8], _dst: &mut [u8]) -> Option<(u32, usize)> {
    None
}

pub(super) fn extend_few(_crc: u32, _data: &[u8]) -> Option<u32> {
    None
}

pub(super) fn fence() {}

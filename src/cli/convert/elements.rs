//! Elements in the byte order of a file.

use tfckpt::tensor::DType;

/// Whether this machine has the low byte first.
pub const LITTLE: bool = cfg!(target_endian = "little");

/// How many bytes a change of byte order turns round: a complex number is two
/// numbers.
pub fn swap_unit(dtype: DType) -> usize {
    match dtype {
        DType::COMPLEX64 => 4,
        DType::COMPLEX128 => 8,
        dtype => dtype.size().unwrap_or(1),
    }
}

/// Turns round every `unit` bytes.
pub fn swap(bytes: &mut [u8], unit: usize) {
    if unit > 1 {
        bytes.chunks_exact_mut(unit).for_each(<[u8]>::reverse);
    }
}

/// Elements of this machine's byte order with the low byte first; `buf` is for those
/// that have to be turned round.
pub fn to_little<'b>(elements: &'b [u8], dtype: DType, buf: &'b mut Vec<u8>) -> &'b [u8] {
    if LITTLE {
        return elements;
    }
    buf.clear();
    buf.extend_from_slice(elements);
    swap(buf, swap_unit(dtype));
    buf
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complex_numbers_are_two() {
        let mut bytes = [1, 2, 3, 4, 5, 6, 7, 8];
        swap(&mut bytes, swap_unit(DType::COMPLEX64));
        assert_eq!(bytes, [4, 3, 2, 1, 8, 7, 6, 5]);
        swap(&mut bytes, swap_unit(DType::BOOL));
        assert_eq!(bytes, [4, 3, 2, 1, 8, 7, 6, 5]);
    }
}

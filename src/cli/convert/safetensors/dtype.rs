//! Which type is which.

use safetensors::Dtype;
use tfckpt::tensor::DType;

const PAIRS: [(DType, Dtype); 18] = [
    (DType::BOOL, Dtype::BOOL),
    (DType::INT8, Dtype::I8),
    (DType::INT16, Dtype::I16),
    (DType::INT32, Dtype::I32),
    (DType::INT64, Dtype::I64),
    (DType::UINT8, Dtype::U8),
    (DType::UINT16, Dtype::U16),
    (DType::UINT32, Dtype::U32),
    (DType::UINT64, Dtype::U64),
    (DType::HALF, Dtype::F16),
    (DType::BFLOAT16, Dtype::BF16),
    (DType::FLOAT, Dtype::F32),
    (DType::DOUBLE, Dtype::F64),
    (DType::COMPLEX64, Dtype::C64),
    (DType::FLOAT8_E4M3FN, Dtype::F8_E4M3),
    (DType::FLOAT8_E5M2, Dtype::F8_E5M2),
    (DType::FLOAT8_E4M3FNUZ, Dtype::F8_E4M3FNUZ),
    (DType::FLOAT8_E5M2FNUZ, Dtype::F8_E5M2FNUZ),
];

/// What a file calls the type of a tensor.
pub fn to_file(dtype: DType) -> Option<Dtype> {
    PAIRS.iter().find(|pair| pair.0 == dtype).map(|pair| pair.1)
}

/// The type that a tensor of a file has. There are none of those that pack several
/// elements into a byte.
pub fn from_file(dtype: Dtype) -> Option<DType> {
    PAIRS.iter().find(|pair| pair.1 == dtype).map(|pair| pair.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_have_the_same_size() {
        for (dtype, file) in PAIRS {
            assert_eq!(dtype.size().map(|size| size * 8), Some(file.bitsize()), "{dtype}");
            assert_eq!(from_file(file), Some(dtype));
            assert_eq!(to_file(dtype), Some(file));
        }
        for dtype in [DType::COMPLEX128, DType::STRING, DType::QINT8, DType::INT4] {
            assert_eq!(to_file(dtype), None);
        }
        assert_eq!(from_file(Dtype::F8_E8M0), None);
        assert_eq!(from_file(Dtype::F4), None);
    }
}

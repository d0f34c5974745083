//! Element types.

use std::collections::BTreeMap;
use std::ffi::{CString, c_char};
use std::sync::OnceLock;

use super::arguments::bytes;
use super::boundary::boundary_out;
use super::error::tfckpt_error;
use super::status::tfckpt_status;
use crate::error::Error;
use crate::shown::shown;
use crate::tensor::DType;

/// The types of elements, under the numbers of TensorFlow's DataType. A number
/// that is 100 higher stands for a reference to that type; no checkpoint has
/// values of those.
#[repr(i32)]
pub enum tfckpt_dtype {
    /// IEEE 754, 4 bytes.
    TFCKPT_DT_FLOAT = 1,
    /// IEEE 754, 8 bytes.
    TFCKPT_DT_DOUBLE = 2,
    /// 4 bytes.
    TFCKPT_DT_INT32 = 3,
    /// 1 byte.
    TFCKPT_DT_UINT8 = 4,
    /// 2 bytes.
    TFCKPT_DT_INT16 = 5,
    /// 1 byte.
    TFCKPT_DT_INT8 = 6,
    /// Bytes, as many as each element likes: see tfckpt_strings.
    TFCKPT_DT_STRING = 7,
    /// Two TFCKPT_DT_FLOAT: real part, imaginary part.
    TFCKPT_DT_COMPLEX64 = 8,
    /// 8 bytes.
    TFCKPT_DT_INT64 = 9,
    /// 1 byte, 0 or 1.
    TFCKPT_DT_BOOL = 10,
    /// Quantized, 1 byte.
    TFCKPT_DT_QINT8 = 11,
    /// Quantized, 1 byte.
    TFCKPT_DT_QUINT8 = 12,
    /// Quantized, 4 bytes.
    TFCKPT_DT_QINT32 = 13,
    /// The upper half of a TFCKPT_DT_FLOAT, 2 bytes.
    TFCKPT_DT_BFLOAT16 = 14,
    /// Quantized, 2 bytes.
    TFCKPT_DT_QINT16 = 15,
    /// Quantized, 2 bytes.
    TFCKPT_DT_QUINT16 = 16,
    /// 2 bytes.
    TFCKPT_DT_UINT16 = 17,
    /// Two TFCKPT_DT_DOUBLE: real part, imaginary part.
    TFCKPT_DT_COMPLEX128 = 18,
    /// IEEE 754, 2 bytes.
    TFCKPT_DT_HALF = 19,
    /// A handle of a running program: there are no values of it in a file.
    TFCKPT_DT_RESOURCE = 20,
    /// Any object, each element as a serialized VariantTensorDataProto: see
    /// tfckpt_strings.
    TFCKPT_DT_VARIANT = 21,
    /// 4 bytes.
    TFCKPT_DT_UINT32 = 22,
    /// 8 bytes.
    TFCKPT_DT_UINT64 = 23,
    /// 1 byte.
    TFCKPT_DT_FLOAT8_E5M2 = 24,
    /// 1 byte.
    TFCKPT_DT_FLOAT8_E4M3FN = 25,
    /// 1 byte.
    TFCKPT_DT_FLOAT8_E4M3FNUZ = 26,
    /// 1 byte.
    TFCKPT_DT_FLOAT8_E4M3B11FNUZ = 27,
    /// 1 byte.
    TFCKPT_DT_FLOAT8_E5M2FNUZ = 28,
    /// 1 byte each, of which 4 bits are used.
    TFCKPT_DT_INT4 = 29,
    /// 1 byte each, of which 4 bits are used.
    TFCKPT_DT_UINT4 = 30,
    /// 1 byte each, of which 2 bits are used.
    TFCKPT_DT_INT2 = 31,
    /// 1 byte each, of which 2 bits are used.
    TFCKPT_DT_UINT2 = 32,
    /// 1 byte each, of which 4 bits are used.
    TFCKPT_DT_FLOAT4_E2M1FN = 33,
}

/// Bytes of one element; 0 for strings and variants, whose elements have no fixed
/// size, for types without values in a file, and for a number that is no type.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_dtype_size(dtype: i32) -> usize {
    DType::from_number(dtype).and_then(DType::size).unwrap_or(0)
}

/// The name of a type as TensorFlow has it: "DT_FLOAT", and "DT_FLOAT_REF" for a
/// reference; NULL for a number that is no type. Never freed.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_dtype_name(dtype: i32) -> *const c_char {
    names().get(&dtype).map_or(std::ptr::null(), |name| name.as_ptr())
}

/// The type of a name, such as "DT_FLOAT", into *out. INVALID_ARGUMENT for a name
/// that is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_dtype_from_name(
    name: *const c_char,
    name_len: usize,
    out: *mut i32,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_out(out, err, || {
            let name = bytes(name, name_len, "name")?;
            let dtype = std::str::from_utf8(name).ok().and_then(DType::from_name);
            dtype
                .map(DType::number)
                .ok_or_else(|| Error::invalid(format!("'{}' is the name of no dtype", shown(name))))
        })
    }
}

/// The names with a NUL, which those of [`DType`] lack.
fn names() -> &'static BTreeMap<i32, CString> {
    static NAMES: OnceLock<BTreeMap<i32, CString>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let plain = DType::ALL.iter().map(|dtype| dtype.number());
        let all = plain.flat_map(|number| [number, number + 100]).filter_map(DType::from_number);
        all.filter_map(|dtype| Some((dtype.number(), CString::new(dtype.name()).ok()?))).collect()
    })
}

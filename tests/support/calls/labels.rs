//! Numbers and names that are mostly there.

use std::ffi::c_char;
use std::ptr::null;

use arbitrary::Arbitrary;
use tfckpt::capi::*;

use super::call::Name;
use super::getters::text;
use super::handles::owned;

/// One of the first of a list, mostly; sometimes outside.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Index(u8);

impl From<Index> for i64 {
    fn from(index: Index) -> Self {
        match index.0 {
            0 => -1,
            0xff => Self::from(u32::MAX) + 1,
            0x80.. => 0,
            at => Self::from(at % 6),
        }
    }
}

/// A local name of an object, one that programs give or any other.
#[derive(Arbitrary, Debug)]
pub enum Label {
    Known(u8),
    Number(u8),
    Text(String),
    Any(Vec<u8>),
    Null,
}

const LABELS: [&[u8]; 10] = [
    b"VARIABLE_VALUE",
    b"w",
    b"model",
    b"optimizer",
    b"m",
    b"a/b",
    b"a.b",
    b".OPTIMIZER_SLOT",
    b"OBJECT_CONFIG_JSON",
    b"",
];
const NUMBERS: &[u8] = b"0123456789";

impl Label {
    pub fn parts(&self) -> (*const c_char, usize) {
        let bytes = match self {
            Self::Known(which) => LABELS[usize::from(*which) % LABELS.len()],
            Self::Number(which) => &NUMBERS[usize::from(*which) % NUMBERS.len()..][..1],
            Self::Text(text) => text.as_bytes(),
            Self::Any(bytes) => bytes,
            Self::Null => return (null(), 0),
        };
        (bytes.as_ptr().cast(), bytes.len())
    }
}

/// What an object graph may be asked for.
#[derive(Arbitrary, Debug)]
pub enum Wanted {
    Name(Name),
    Path(u8, Index),
    Key(u8),
    FullName(u8),
    Attribute(u8, Vec<u8>),
}

impl Wanted {
    /// The name as that graph has it; empty where it has none.
    pub fn bytes(&self, graph: Option<&tfckpt_object_graph>) -> Vec<u8> {
        match self {
            Self::Name(name) => name.bytes().to_vec(),
            Self::Path(node, index) => path_in(graph, *node, *index),
            Self::Key(node) => attribute_in(graph, *node, tfckpt_attribute_key),
            Self::FullName(node) => attribute_in(graph, *node, tfckpt_attribute_full_name),
            Self::Attribute(node, behind) => {
                let key = attribute_in(graph, *node, tfckpt_attribute_key);
                [&key, b"/".as_slice(), behind].concat()
            }
        }
    }
}

fn path_in(graph: Option<&tfckpt_object_graph>, node: u8, index: Index) -> Vec<u8> {
    let object = object_in(graph, node);
    // SAFETY: lengths are variables, or NULL.
    let path = text(|len| unsafe { tfckpt_object_path(object.as_deref(), index.into(), len) });
    path.unwrap_or_default().to_vec()
}

type Getter = unsafe extern "C" fn(Option<&tfckpt_attribute>, *mut usize) -> *const c_char;

fn attribute_in(graph: Option<&tfckpt_object_graph>, node: u8, get: Getter) -> Vec<u8> {
    let object = object_in(graph, node);
    // SAFETY: borrowed from the object; lengths are variables, or NULL.
    let name = unsafe {
        let attribute = tfckpt_object_attribute(object.as_deref(), 0).as_ref();
        text(|len| get(attribute, len))
    };
    name.unwrap_or_default().to_vec()
}

fn object_in(graph: Option<&tfckpt_object_graph>, node: u8) -> Option<Box<tfckpt_object>> {
    let node = i64::from(node) % tfckpt_object_graph_count(graph).max(1);
    let mut object = std::ptr::null_mut();
    // SAFETY: made here, for the caller to drop; errors are not asked for.
    unsafe {
        tfckpt_object_graph_object_at(graph, node, &mut object, std::ptr::null_mut());
    }
    owned(object)
}

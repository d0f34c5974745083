//! What may be called, with what.

use std::ffi::c_char;
use std::ptr::null;

use arbitrary::Arbitrary;

use super::copy::CopyCall;
use super::fill::FillCall;
use super::folder::FolderCall;
use super::graph::GraphCall;
use super::layer::LayerCall;
use super::manager::ManagerCall;
use super::meta::MetaCall;
use super::tell::TellCall;

#[derive(Arbitrary, Debug)]
pub enum Call {
    Options { mapped: bool, cache: u16, max_block: u32, max_index: u32, tensors: i8, bytes: u16 },
    ReadOptions { verify: bool, threads: u8, in_flight: u16, progress: bool },
    Cancel,
    Open { path: u8, options: bool },
    Verify { path: u8, options: bool },
    Free { kind: u8, which: u8 },
    Count(u8),
    At(u8, i8),
    Find(u8, Name),
    Resolve(u8, Name),
    List(u8, Name),
    Next(u8),
    NextMany(u8, i8),
    Read(u8, Name, u16),
    ReadSlice(u8, Name, Cut, u16),
    ReadSize(u8, Name, Option<Cut>),
    Check(u8, Name),
    ReadMany(u8, Vec<(Name, Option<Cut>)>),
    Strings(u8, Name),
    StringsSlice(u8, Name, Cut),
    View(u8, Name),
    VerifyReader(u8),
    Graph(u8),
    Overlay { readers: Vec<u8>, conflict: i8, from: Name, to: Name },
    State { path: u8 },
    Survey { path: u8 },
    Create { v1: bool, shards: u8, alignment: u8, big: bool },
    Add { name: Name, dtype: u8, dims: Vec<i8>, bytes: u8 },
    AddSlice { name: Name, dtype: u8, dims: Vec<i8>, cut: Cut, bytes: u8 },
    AddStrings { name: Name, lengths: Vec<i16>, count: u8 },
    Begin { name: Name, dtype: u8, dims: Vec<i8> },
    Append(u8),
    End,
    CancelTensor,
    Finish,
    Merge { paths: Vec<u8>, conflict: i8, transfer: i8 },
    Copy { path: u8 },
    Meta(MetaCall),
    Folder(FolderCall),
    Objects(GraphCall),
    CopyWith(CopyCall),
    Layers(LayerCall),
    Fill(FillCall),
    Tell(TellCall),
    Manager(ManagerCall),
}

/// A name that may be in one of the files, or any other.
#[derive(Arbitrary, Debug)]
pub enum Name {
    Known(u8),
    Any(Vec<u8>),
    Null,
}

#[derive(Arbitrary, Debug)]
pub struct Cut(pub Vec<(i8, i8)>);

pub const NAMES: [&[u8]; 17] = [
    b"alpha/kernel",
    b"alpha/names",
    b"beta/count",
    b"beta/mask",
    b"gamma/table",
    b"zeta/last",
    b"a",
    b"b",
    b"parts",
    b"words",
    b"shard0/x",
    b"shard1/words",
    b"_CHECKPOINTABLE_OBJECT_GRAPH",
    b"x",
    b"*",
    b"alpha/*",
    b"[a-z]*",
];

impl Name {
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Known(which) => NAMES[usize::from(*which) % NAMES.len()],
            Self::Any(bytes) => bytes,
            Self::Null => b"",
        }
    }

    pub fn parts(&self) -> (*const c_char, usize) {
        match self {
            Self::Null => (null(), 0),
            name => (name.bytes().as_ptr().cast(), name.bytes().len()),
        }
    }
}

impl Cut {
    pub fn parts(&self) -> (Vec<i64>, Vec<i64>) {
        self.0
            .iter()
            .take(300)
            .map(|&(start, length)| (i64::from(start), i64::from(length)))
            .unzip()
    }
}

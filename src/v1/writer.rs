//! A V1 checkpoint being written: one file.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use prost::Message;

use super::values;
use crate::bundle::{Version, encode_shape, encode_slice, encode_slice_key};
use crate::error::{Error, ErrorKind, Result, ResultExt};
use crate::proto::{
    SavedSlice, SavedSliceMeta, SavedTensorSliceMeta, SavedTensorSlices, TensorValues,
};
use crate::storage::{Staging, Storage, refuse_existing};
use crate::table::{TableWriter, TableWriterOptions};
use crate::tensor::{DType, Shape, Slice, StringsRef};

/// A V1 checkpoint being written, for programs that can't read the V2 format. One
/// thread at a time.
///
/// Values stay in memory until [`finish`](Writer::finish): the format wants all of
/// them sorted by name, in one table. A writer that is dropped before has made no
/// file. Values are given in this machine's byte order, elements in C order.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    storage: Arc<dyn Storage>,
    meta: SavedTensorSliceMeta,
    /// Where in `meta` a tensor is.
    known: HashMap<Vec<u8>, usize>,
    values: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Writer {
    /// Begins a checkpoint whose one file will be `path`.
    ///
    /// # Errors
    /// `AlreadyExists` where there is a file of that name; `Io`.
    pub fn create(storage: Arc<dyn Storage>, path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref().to_path_buf();
        refuse_existing(storage.as_ref(), &path)?;
        let versions = Some(Version::written().to_message());
        let meta = SavedTensorSliceMeta { tensor: Vec::new(), versions };
        Ok(Self { path, storage, meta, known: HashMap::new(), values: BTreeMap::new() })
    }

    /// Adds a tensor of a fixed element size, or `slice` of one whose whole shape
    /// is `shape`.
    ///
    /// # Errors
    /// `InvalidArgument` where dtype and shape don't take just `data`, the slice
    /// reaches outside, or the slices before were of another dtype or shape;
    /// `AlreadyExists` for a slice that was added before; `Unsupported` for types
    /// that V1 can't hold.
    pub fn add(
        &mut self,
        name: impl AsRef<[u8]>,
        dtype: DType,
        shape: &Shape,
        slice: Option<&Slice>,
        data: &[u8],
    ) -> Result<()> {
        let name = name.as_ref();
        let whole = Slice::full(shape.rank());
        let slice = slice.unwrap_or(&whole);
        let values = values::from_bytes(data, dtype).for_tensor(name)?;
        let size = dtype.size().unwrap_or(1);
        let expected = slice.shape(shape).and_then(|shape| shape.byte_size(size));
        let expected = expected.for_tensor(name)?;
        if data.len() as u64 != expected {
            return Err(Error::invalid(format!("{} bytes given for {expected}", data.len()))
                .for_tensor(name));
        }
        self.add_values(name, dtype, shape, slice, values).for_tensor(name)
    }

    /// Adds a string tensor, or `slice` of one whose whole shape is `shape`.
    ///
    /// # Errors
    /// Those of [`add`](Writer::add).
    pub fn add_strings<'a>(
        &mut self,
        name: impl AsRef<[u8]>,
        shape: &Shape,
        slice: Option<&Slice>,
        strings: impl Into<StringsRef<'a>>,
    ) -> Result<()> {
        let (name, strings) = (name.as_ref(), strings.into());
        let whole = Slice::full(shape.rank());
        let slice = slice.unwrap_or(&whole);
        let expected = slice.shape(shape).for_tensor(name)?.num_elements();
        if strings.len() as u64 != expected {
            return Err(Error::invalid(format!("{} strings given for {expected}", strings.len()))
                .for_tensor(name));
        }
        let values = values::from_strings(strings);
        self.add_values(name, DType::STRING, shape, slice, values).for_tensor(name)
    }

    fn add_values(
        &mut self,
        name: &[u8],
        dtype: DType,
        shape: &Shape,
        slice: &Slice,
        values: TensorValues,
    ) -> Result<()> {
        if name.is_empty() {
            return Err(Error::invalid("a tensor needs a name"));
        }
        let key = encode_slice_key(name, slice);
        if self.values.contains_key(&key) {
            let message = format!("slice '{slice}' was added already");
            return Err(Error::new(ErrorKind::AlreadyExists, message));
        }
        self.tensor(name, dtype, shape)?.slice.push(encode_slice(slice));
        let data = SavedSlice {
            name: name.to_vec(),
            slice: Some(encode_slice(slice)),
            data: Some(values),
        };
        let value = SavedTensorSlices { meta: None, data: Some(data) };
        self.values.insert(key, value.encode_to_vec());
        Ok(())
    }

    /// What the metadata say of a tensor, which this adds where it is new.
    fn tensor(&mut self, name: &[u8], dtype: DType, shape: &Shape) -> Result<&mut SavedSliceMeta> {
        let tensors = &mut self.meta.tensor;
        let number = *self.known.entry(name.to_vec()).or_insert_with(|| {
            tensors.push(SavedSliceMeta {
                name: name.to_vec(),
                shape: Some(encode_shape(shape)),
                r#type: dtype.number(),
                slice: Vec::new(),
            });
            tensors.len() - 1
        });
        let tensor = &mut tensors[number];
        if tensor.r#type != dtype.number() || tensor.shape != Some(encode_shape(shape)) {
            return Err(Error::invalid("its slices before were of another dtype or shape"));
        }
        Ok(tensor)
    }

    /// Makes the checkpoint appear: whole, and on stable storage.
    ///
    /// # Errors
    /// `Io`; nothing is left behind then.
    pub fn finish(self) -> Result<()> {
        let mut staging = Staging::beside(self.storage.clone(), &self.path)?;
        let file = staging.create_seal(&self.path)?;
        let mut table = TableWriter::new(file.as_ref(), &TableWriterOptions::default())?;
        let meta = SavedTensorSlices { meta: Some(self.meta), data: None };
        table.add(b"", &meta.encode_to_vec())?;
        for (key, value) in &self.values {
            table.add(key, value)?;
        }
        table.finish()?;
        file.sync()?;
        drop(file);
        staging.commit(true, &[])
    }
}

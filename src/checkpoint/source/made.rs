//! A tensor that no file has.

use std::path::{Path, PathBuf};

use super::{Beneath, Each, Format, MayLack, Origin, Source, Walk, not_found, put_name};
use crate::bundle::{Cut, Endianness, ReadOptions, ReadRequests, Report, View};
use crate::checkpoint::tensor::{Order, Piece, Tensor};
use crate::error::{Error, Result};
use crate::tensor::{DType, Region, Shape, Slice, Strings, Target};

/// A scalar string that is in memory, read as the one tensor of a checkpoint: the
/// object graph of several.
#[derive(Debug)]
pub(crate) struct MadeSource {
    tensor: Tensor,
    strings: Strings,
}

impl MadeSource {
    pub(crate) fn new(name: &[u8], value: Vec<u8>) -> Self {
        let tensor = Tensor {
            name: name.to_vec(),
            dtype: DType::STRING,
            shape: Shape::default(),
            slices: Vec::new(),
            stored: None,
        };
        Self { tensor, strings: Strings::from_iter([value]) }
    }

    fn named(&self, name: &[u8]) -> Result<&Strings> {
        match self.tensor.name == name {
            true => Ok(&self.strings),
            false => Err(not_found(None, vec![name.to_vec()]).with_names(Vec::new())),
        }
    }

    /// Why it is not read as elements of a fixed size.
    fn varying<T>(&self, name: &[u8]) -> Result<T> {
        self.named(name)?;
        let message =
            format!("{} has elements of varying length; read it as strings", DType::STRING);
        Err(Error::invalid(message).for_tensor(name))
    }
}

impl Source for MadeSource {
    fn format(&self) -> Format {
        Format::Overlay
    }

    fn prefix(&self) -> &Path {
        Path::new("")
    }

    fn num_shards(&self) -> u32 {
        0
    }

    fn shard_path(&self, _: u32) -> Option<PathBuf> {
        None
    }

    fn endianness(&self) -> Option<Endianness> {
        None
    }

    fn home(&self) -> Option<&Path> {
        None
    }

    fn origins<'s>(&'s self, name: &'s [u8]) -> Vec<Origin<'s>> {
        vec![Origin { source: 0, beneath: Beneath::Memory, name, is_all: true }]
    }

    fn walk(&self, prefix: &[u8]) -> Walk {
        Walk::in_list(0, prefix)
    }

    fn step(&self, walk: &mut Walk, tensor: &mut Tensor) -> Result<bool> {
        let here = walk.step_in_list(|at| (at == 0).then_some(self.tensor.name.as_slice()));
        Ok(here.inspect(|_| tensor.clone_from(&self.tensor)).is_some())
    }

    fn step_name(&self, walk: &mut Walk, name: &mut Vec<u8>) -> Result<bool> {
        let here = walk.step_in_list(|at| (at == 0).then_some(self.tensor.name.as_slice()));
        Ok(put_name(here.map(|_| self.tensor.name.as_slice()), name))
    }

    fn len(&self) -> Result<u64> {
        Ok(1)
    }

    fn at(&self, position: u64) -> Result<Option<Tensor>> {
        Ok((position == 0).then(|| self.tensor.clone()))
    }

    fn find(&self, name: &[u8]) -> Result<Option<Tensor>> {
        Ok((self.tensor.name == name).then(|| self.tensor.clone()))
    }

    fn read(&self, name: &[u8]) -> Result<Vec<u8>> {
        self.varying(name)
    }

    fn read_size(&self, name: &[u8], _: Option<&Slice>) -> Result<u64> {
        self.varying(name)
    }

    fn read_into(
        &self,
        name: &[u8],
        _: Option<&Slice>,
        _: &mut [u8],
        _: &ReadOptions,
    ) -> Result<usize> {
        self.varying(name)
    }

    fn read_many(&self, requests: &mut dyn ReadRequests<'_>, _: &ReadOptions) -> Result<()> {
        requests.next().map_or(Ok(()), |request| self.varying(request?.name))
    }

    fn read_strings(&self, name: &[u8], slice: Option<&Slice>, _: &ReadOptions) -> Result<Strings> {
        let strings = self.named(name)?;
        // All of a scalar is the one slice that it has.
        slice.map_or(Ok(()), |slice| slice.region(&self.tensor.shape).map(drop))?;
        Ok(strings.clone())
    }

    fn string_bytes(&self, name: &[u8]) -> Result<u64> {
        Ok(self.named(name)?.data().len() as u64)
    }

    fn view(&self, name: &[u8], _: &ReadOptions) -> Result<View> {
        self.named(name)?;
        let message = format!("{} has no fixed element size", DType::STRING);
        Err(Error::unsupported(message).for_tensor(name))
    }

    fn read_cuts(
        &self,
        name: &[u8],
        _: &Target,
        _: &[Cut],
        _: &mut [u8],
        _: &ReadOptions,
    ) -> Result<()> {
        self.varying(name)
    }

    fn check_cuts(&self, name: &[u8], _: &Region, _: &[Cut]) -> Result<()> {
        self.named(name).map(drop)
    }

    fn pieces(&self, tensor: &Tensor) -> Result<Vec<Piece>> {
        let size = self.named(&tensor.name)?.data().len() as u64;
        let order = Order { source: 0, file: 0, at: 0, then: 0 };
        Ok(vec![Piece { slice: None, size, order, place: None }])
    }

    fn read_piece(&self, tensor: &Tensor, _: &Piece, _: &mut Each<'_>) -> Result<()> {
        self.varying(&tensor.name)
    }

    fn stored_size(&self) -> u64 {
        0
    }

    fn verify(&self, _: &MayLack<'_>, _: &ReadOptions) -> Result<Report> {
        Ok(Report::default())
    }
}

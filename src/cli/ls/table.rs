//! The list as aligned columns.

use tfckpt::Result;
use tfckpt::checkpoint::{Reader, Tensor};

use super::Row;
use crate::console::Console;
use crate::text::count;
use crate::{name, text};

/// So many rows are looked at before the widths of the columns are settled: all
/// of most checkpoints, and not much of a large one.
const SAMPLE: usize = 2000;
/// A longer cell makes its own row longer, not every other.
const WIDEST: usize = 64;
const COLUMNS: usize = 6;
/// The one column that is a number.
const BYTES: usize = 3;

type Cells = [String; COLUMNS];

/// The list as aligned columns.
pub struct Table {
    sample: Vec<Cells>,
    widths: Option<[usize; COLUMNS]>,
    tensors: u64,
    bytes: u64,
}

impl Table {
    pub fn new(sha256: bool) -> Self {
        let title =
            ["name", "dtype", "shape", "bytes", "where", if sha256 { "sha256" } else { "" }];
        let sample = vec![title.map(String::from)];
        Self { sample, widths: None, tensors: 0, bytes: 0 }
    }

    pub fn add(&mut self, row: &Row, console: &mut Console) -> Result<()> {
        self.tensors += 1;
        self.bytes = self.bytes.saturating_add(row.bytes.unwrap_or(0));
        let cells = cells(row);
        if let Some(widths) = &self.widths {
            return console.line(line(&cells, widths));
        }
        self.sample.push(cells);
        if self.sample.len() > SAMPLE { self.settle(console) } else { Ok(()) }
    }

    /// Settles the widths, and prints the rows so far.
    fn settle(&mut self, console: &mut Console) -> Result<()> {
        let mut widths = [0; COLUMNS];
        for cells in &self.sample {
            for (width, cell) in widths.iter_mut().zip(cells) {
                *width = text::width(cell).min(WIDEST).max(*width);
            }
        }
        self.widths = Some(widths);
        self.sample.drain(..).try_for_each(|cells| console.line(line(&cells, &widths)))
    }

    pub fn end(mut self, reader: &Reader, console: &mut Console) -> Result<()> {
        if self.widths.is_none() {
            self.settle(console)?;
        }
        let (tensors, bytes) = (count(self.tensors, "tensor"), count(self.bytes, "byte"));
        let (format, files) = (reader.format().name(), reader.num_shards().into());
        console.line(match reader.endianness() {
            Some(endianness) => format!(
                "{tensors}, {bytes}; {format}, {}, {} endian",
                count(files, "data shard"),
                endianness.name().to_lowercase()
            ),
            None => format!("{tensors}, {bytes}; {format}, {}", count(files, "file")),
        })
    }
}

fn cells(row: &Row) -> Cells {
    let tensor = &row.tensor;
    [
        name::display(&row.tensor.name),
        tensor.dtype.name().to_string(),
        tensor.shape.to_string(),
        row.bytes.map_or("-".to_string(), |bytes| bytes.to_string()),
        place(tensor),
        match &row.sha256 {
            None => String::new(),
            Some(sha256) => sha256.as_ref().ok().cloned().flatten().unwrap_or("-".to_string()),
        },
    ]
}

fn place(tensor: &Tensor) -> String {
    match tensor.stored {
        Some(place) => format!("{}:{}", place.shard, place.offset),
        None if tensor.is_partitioned() => count(tensor.slices.len() as u64, "slice"),
        None => "-".to_string(),
    }
}

fn line(cells: &Cells, widths: &[usize; COLUMNS]) -> String {
    let mut line = String::new();
    for (column, (cell, &width)) in cells.iter().zip(widths).enumerate() {
        let padding = width.saturating_sub(text::width(cell));
        let (before, after) = if column == BYTES { (padding, 0) } else { (0, padding) };
        line.extend(std::iter::repeat_n(' ', before));
        line.push_str(cell);
        line.extend(std::iter::repeat_n(' ', after + 2));
    }
    line.truncate(line.trim_end_matches(' ').len());
    line
}

//! What differs, for people or as JSON.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use tfckpt::checkpoint::Tensor;
use tfckpt::{Error, Result};

use super::tally::Values;
use crate::console::Console;
use crate::name;
use crate::problem::Problem;
use crate::text::count;

/// One of the two checkpoints.
#[derive(Clone, Copy, Serialize)]
pub enum Side {
    A,
    B,
}

/// In what a tensor differs.
pub enum Difference<'e> {
    OnlyIn(Side),
    Unlike { dtypes: Option<Pair<&'static str>>, shapes: Option<Pair<&'e [i64]>> },
    Values(Values),
}

/// What it is in either checkpoint.
#[derive(Clone, Copy, Serialize)]
pub struct Pair<T> {
    a: T,
    b: T,
}

impl<T: PartialEq> Pair<T> {
    /// `None` where the two are equal.
    fn unequal(a: T, b: T) -> Option<Self> {
        (a != b).then_some(Self { a, b })
    }
}

impl<'e> Difference<'e> {
    /// Of tensors of different dtype or shape.
    pub fn unlike(a: &'e Tensor, b: &'e Tensor) -> Self {
        Self::Unlike {
            dtypes: Pair::unequal(a.dtype.name(), b.dtype.name()),
            shapes: Pair::unequal(a.shape.dims(), b.shape.dims()),
        }
    }
}

impl fmt::Display for Difference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnlyIn(Side::A) => f.write_str("only in A"),
            Self::OnlyIn(Side::B) => f.write_str("only in B"),
            Self::Unlike { dtypes, shapes } => {
                if let Some(dtypes) = dtypes {
                    write!(f, "{} in A, {} in B", dtypes.a, dtypes.b)?;
                }
                if let Some(shapes) = shapes {
                    let gap = if dtypes.is_some() { "; " } else { "" };
                    write!(f, "{gap}shape {:?} in A, {:?} in B", shapes.a, shapes.b)?;
                }
                Ok(())
            }
            Self::Values(values) => describe(values, f),
        }
    }
}

fn describe(values: &Values, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let differ = if values.differing == 1 { "differs" } else { "differ" };
    let elements = count(values.elements, "element");
    write!(f, "{} of {elements} {differ}", values.differing)?;
    if !values.first.is_empty() {
        write!(f, ", the first at {:?}", values.first)?;
    }
    match values.max_abs {
        Some(max_abs) => write!(f, ", by at most {:?}", rounded_up(max_abs)),
        None => Ok(()),
    }
}

/// The next number of six digits that is not below `bound`: what is at most the one is at
/// most the other, and `--atol` can be given it.
fn rounded_up(bound: f64) -> f64 {
    let near = six_digits(bound);
    if near >= bound {
        return near;
    }
    let step = 10f64.powi(bound.log10().floor() as i32 - 5);
    let above = six_digits(near + step);
    if above >= bound && above.is_finite() { above } else { bound }
}

fn six_digits(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

#[derive(Serialize)]
struct JsonDifference<'d> {
    name: Cow<'d, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_b64: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    only_in: Option<Side>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dtype: Option<Pair<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shape: Option<Pair<&'d [i64]>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<JsonValues<'d>>,
}

#[derive(Serialize)]
struct JsonValues<'d> {
    elements: u64,
    differing: u64,
    first: &'d [i64],
    #[serde(skip_serializing_if = "Option::is_none")]
    max_abs: Option<f64>,
}

impl<'d> JsonDifference<'d> {
    fn new(name: &'d [u8], difference: &'d Difference<'_>) -> Self {
        let (name, name_b64) = name::json(name);
        let mut json =
            Self { name, name_b64, only_in: None, dtype: None, shape: None, values: None };
        match difference {
            Difference::OnlyIn(side) => json.only_in = Some(*side),
            Difference::Unlike { dtypes, shapes } => (json.dtype, json.shape) = (*dtypes, *shapes),
            Difference::Values(values) => {
                json.values = Some(JsonValues {
                    elements: values.elements,
                    differing: values.differing,
                    first: &values.first,
                    max_abs: values.max_abs,
                });
            }
        }
        json
    }
}

/// The differences as they are found, and how many there were.
pub struct Report {
    json: bool,
    pub equal: u64,
    different: u64,
    only_in_a: u64,
    only_in_b: u64,
    pub problems: Vec<Error>,
}

impl Report {
    pub fn begin(json: bool, console: &mut Console) -> Result<Self> {
        if json {
            console.write(b"{\"differences\":[")?;
        }
        let problems = Vec::new();
        Ok(Self { json, equal: 0, different: 0, only_in_a: 0, only_in_b: 0, problems })
    }

    pub fn add(
        &mut self,
        name: &[u8],
        difference: &Difference<'_>,
        console: &mut Console,
    ) -> Result<()> {
        let first = self.different + self.only_in_a + self.only_in_b == 0;
        match difference {
            Difference::OnlyIn(Side::A) => self.only_in_a += 1,
            Difference::OnlyIn(Side::B) => self.only_in_b += 1,
            _ => self.different += 1,
        }
        if !self.json {
            return console.line(format_args!("{}: {difference}", name::display(name)));
        }
        console.write(if first { b"\n" } else { b",\n" })?;
        console.json(&JsonDifference::new(name, difference))
    }

    pub fn end(self, console: &mut Console) -> Result<()> {
        let Self { equal, different, only_in_a, only_in_b, .. } = self;
        if !self.json {
            return console.line(format_args!(
                "{equal} equal, {different} different, {only_in_a} only in A, {only_in_b} only in B"
            ));
        }
        console.write(b"\n]")?;
        for (key, value) in [
            ("equal", equal),
            ("different", different),
            ("only_in_a", only_in_a),
            ("only_in_b", only_in_b),
        ] {
            console.write(format!(",\"{key}\":{value}").as_bytes())?;
        }
        if !self.problems.is_empty() {
            console.write(b",\"problems\":")?;
            console.json(&Problem::list(&self.problems))?;
        }
        console.line("}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_short_and_not_below() {
        for (bound, short) in [
            (0.0, "0.0"),
            (0.5, "0.5"),
            (0.25775299966335297, "0.257753"),
            (0.008664388675242662, "0.00866439"),
            (1.5728933811187744, "1.5729"),
            (1.0000001, "1.00001"),
            (9.9999991, "10.0"),
            (f64::MAX, "1.7976931348623157e308"),
            (f64::MIN_POSITIVE / 3.0, "7.41691286169067e-309"),
            (f64::INFINITY, "inf"),
        ] {
            let up = rounded_up(bound);
            assert!(up >= bound, "{up:?} is below {bound:?}");
            assert_eq!(format!("{up:?}"), short);
        }
    }
}

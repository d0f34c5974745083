//! What a piece of work costs: its time, and the most memory it takes.

use std::io;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::options::Cell;

#[derive(Clone, Copy, Default)]
pub struct Cost {
    pub seconds: f64,
    /// Beyond what there was before.
    pub bytes: f64,
}

/// Runs the work in a new process.
pub fn of_child(cell: &Cell) -> io::Result<Cost> {
    let mut command = Command::new(std::env::current_exe()?);
    let output = command.args(cell.to_args()).stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut numbers = text.split_whitespace().map_while(|number| number.parse().ok());
    match (output.status.success(), numbers.next(), numbers.next()) {
        (true, Some(seconds), Some(bytes)) => Ok(Cost { seconds, bytes }),
        _ => Err(io::Error::other(format!("{command:?}: {} {text}", output.status))),
    }
}

/// Runs `work` as often as it is worth, after `before` each time: the memory of the first
/// run, which finds nothing that an earlier one left, and the median of the times.
pub fn of(
    mut before: impl FnMut() -> io::Result<()>,
    mut work: impl FnMut() -> io::Result<()>,
) -> io::Result<Cost> {
    before()?;
    let (held, begun) = (forget_peak()?, Instant::now());
    work()?;
    let bytes = status("VmHWM")? - held;
    let mut times = vec![begun.elapsed().as_secs_f64()];
    // What takes long is told well enough by fewer runs.
    while times.len() < 5 && times.iter().sum::<f64>() < 3.0 {
        before()?;
        let begun = Instant::now();
        work()?;
        times.push(begun.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    Ok(Cost { seconds: times[times.len() / 2], bytes })
}

/// Makes the peak what is resident now, and returns that.
fn forget_peak() -> io::Result<f64> {
    std::fs::write("/proc/self/clear_refs", "5")?;
    status("VmRSS")
}

/// A size of this process, in bytes.
fn status(field: &str) -> io::Result<f64> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let value = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    let kib = value.and_then(|value| value.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kib.map(|kib| kib * 1024.0).ok_or_else(|| io::Error::other(format!("no {field}")))
}

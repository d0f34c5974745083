//! A process, and what it costs.

use std::fmt;
use std::io;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::MIB;

/// How often the memory of the process is looked at.
const PERIOD: Duration = Duration::from_millis(5);

/// What a process took. Bytes.
#[derive(Default)]
pub struct Cost {
    /// The most that was resident at once, as the kernel keeps count: pages of its
    /// own, of files it maps, and of memory it shares. What it reads without mapping
    /// is in the kernel's page cache, and not in here.
    pub resident: u64,
    /// The most of its own pages, and of mapped files, its program and libraries
    /// among them, at any look.
    pub anonymous: u64,
    pub of_files: u64,
    pub time: Duration,
}

/// Runs a command, which must succeed.
pub fn run(mut command: Command) -> io::Result<Cost> {
    let begun = Instant::now();
    let mut child = command.stdout(Stdio::null()).spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut cost = Cost::default();
    let ended = loop {
        cost.look(&status);
        if let Some(ended) = child.try_wait()? {
            break ended;
        }
        std::thread::sleep(PERIOD);
    };
    cost.time = begun.elapsed();
    match ended.success() {
        true => Ok(cost),
        false => Err(io::Error::other(format!("{command:?}: {ended}"))),
    }
}

impl fmt::Display for Cost {
    /// In MiB and seconds, a column each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mib = |bytes: u64| bytes as f64 / MIB;
        let (resident, anonymous) = (mib(self.resident), mib(self.anonymous));
        let (of_files, seconds) = (mib(self.of_files), self.time.as_secs_f64());
        write!(f, "{resident:>9.1}{anonymous:>11.1}{of_files:>10.1}{seconds:>10.1}")
    }
}

impl Cost {
    fn look(&mut self, status: &str) {
        // The process may have ended meanwhile.
        let Ok(text) = std::fs::read_to_string(status) else { return };
        for line in text.lines() {
            let Some((name, value)) = line.split_once(':') else { continue };
            let bytes = || value.trim().trim_end_matches(" kB").parse().unwrap_or(0) * 1024;
            match name {
                "VmHWM" => self.resident = self.resident.max(bytes()),
                "RssAnon" => self.anonymous = self.anonymous.max(bytes()),
                "RssFile" => self.of_files = self.of_files.max(bytes()),
                _ => {}
            }
        }
    }
}

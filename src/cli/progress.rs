//! A progress bar, on a terminal only, and only for work that takes a while.

use std::io::{self, IsTerminal};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work that takes less needs no bar.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often what is shown is looked up again.
const TICK: Duration = Duration::from_millis(100);

/// How a bar looks that has an end.
const BYTES: &str = "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
/// How one looks that only counts.
const COUNT: &str = "{msg} {spinner} {bytes} {bytes_per_sec}";

/// A progress bar over bytes, on standard error. It takes itself away at the end.
pub struct Progress {
    doing: &'static str,
    started: Instant,
    done: u64,
    total: Option<u64>,
    bar: Option<ProgressBar>,
    watched: bool,
}

impl Progress {
    /// A bar that says `doing`; without a total it only counts.
    pub fn new(doing: &'static str, total: Option<u64>) -> Self {
        let watched = io::stderr().is_terminal();
        Self { doing, started: Instant::now(), done: 0, total, bar: None, watched }
    }

    /// So many bytes more are done.
    pub fn advance(&mut self, bytes: u64) {
        self.done += bytes;
        if self.bar.is_none() && self.watched && self.started.elapsed() > PATIENCE {
            self.bar = Some(self.draw());
        }
        if let Some(bar) = &self.bar {
            bar.set_position(self.done);
        }
    }

    fn draw(&self) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(self.total, ProgressDrawTarget::stderr());
        set_style(&bar, if self.total.is_some() { BYTES } else { COUNT });
        bar.set_message(self.doing);
        bar.reset_elapsed();
        bar
    }

    /// Prints something where the bar would be in the way.
    pub fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }
}

fn set_style(bar: &ProgressBar, template: &str) {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Does what can't tell how far it is. If that takes a while, a spinner says
/// `doing` meanwhile.
pub fn spin<T>(doing: &'static str, work: impl FnOnce() -> T) -> T {
    watch(doing, |_| work())
}

/// Does what tells how far it is. If that takes a while, a bar shows it meanwhile.
pub fn watch<T>(doing: &'static str, work: impl FnOnce(&tfckpt::Progress) -> T) -> T {
    let progress = tfckpt::Progress::new();
    let (done, waits) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        if io::stderr().is_terminal() {
            let progress = progress.clone();
            scope.spawn(move || show(doing, &progress, &waits));
        }
        let result = work(&progress);
        drop(done);
        result
    })
}

/// Shows the progress until the sender of what it waits for is dropped.
fn show(doing: &'static str, progress: &tfckpt::Progress, waits: &Receiver<()>) {
    if waits.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
        return;
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_message(doing);
    while waits.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
        match progress.total() {
            0 => bar.tick(),
            total => {
                set_style(&bar, BYTES);
                bar.set_length(total);
                bar.set_position(progress.done());
            }
        }
    }
    bar.finish_and_clear();
}

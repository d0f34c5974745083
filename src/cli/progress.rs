//! A progress bar, on a terminal only, and only for work that takes a while.

use std::io::{self, IsTerminal};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work that takes less needs no bar.
const PATIENCE: Duration = Duration::from_secs(1);

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
        self.reach(self.done + bytes);
    }

    /// So many bytes are done in all.
    pub fn reach(&mut self, done: u64) {
        self.done = done;
        if self.bar.is_none() && self.watched && self.started.elapsed() > PATIENCE {
            self.bar = Some(self.draw());
        }
        if let Some(bar) = &self.bar {
            bar.set_position(self.done);
        }
    }

    fn draw(&self) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(self.total, ProgressDrawTarget::stderr());
        let template = match self.total {
            Some(_) => "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}",
            None => "{msg} {spinner} {bytes} {bytes_per_sec}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
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
    let (done, waits) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        if io::stderr().is_terminal() {
            scope.spawn(move || {
                if waits.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                    let spinner = ProgressBar::new_spinner().with_message(doing);
                    spinner.enable_steady_tick(Duration::from_millis(100));
                    // Ends when the sender is dropped.
                    let _ = waits.recv();
                    spinner.finish_and_clear();
                }
            });
        }
        let result = work();
        drop(done);
        result
    })
}

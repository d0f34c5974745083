//! What time it is.

use std::fmt::Debug;
use std::time::{SystemTime, UNIX_EPOCH};

/// Where a [`Manager`](super::Manager) has the time from.
pub trait Clock: Debug + Send + Sync {
    /// Seconds since the epoch.
    fn now(&self) -> f64;
}

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    /// 0 where the clock is set to before the epoch.
    fn now(&self) -> f64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
    }
}

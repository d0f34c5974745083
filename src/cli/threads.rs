//! Work on several threads, the results of which come out in order.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel, sync_channel};
use std::thread;

use tfckpt::Result;

/// More are no help where there is one disk and one memory.
const MOST: usize = 8;

/// For each thread, so many items are at work or wait for one before them.
const AHEAD: usize = 4;

/// On how many threads a verb works.
#[derive(clap::Args)]
pub struct Threads {
    /// On how many threads; without this, as many as there are processors, 8 at most
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
}

impl Threads {
    pub fn number(&self) -> usize {
        let there = || thread::available_parallelism().map_or(1, NonZeroUsize::get).min(MOST);
        self.threads.map_or_else(there, NonZeroUsize::get)
    }
}

/// What is told of work that goes on.
pub enum Told<R> {
    /// So many bytes more are done.
    Advance(u64),
    /// The next item is done.
    Done(R),
}

/// Does `work` for each of the items on so many threads beside this one, and tells what
/// comes of them in their order, on this. `work` is given what it tells of bytes to.
pub fn in_order<T: Send, R: Send>(
    threads: usize,
    items: impl Iterator<Item = T>,
    work: impl Fn(T, &dyn Fn(u64)) -> R + Sync,
    mut tell: impl FnMut(Told<R>) -> Result<()>,
) -> Result<()> {
    let (give, take) = sync_channel::<(usize, T)>(AHEAD * threads);
    let take = Mutex::new(take);
    let (done, results) = channel();
    let help = |done: Sender<(usize, Told<R>)>| {
        loop {
            let next = take.lock().unwrap_or_else(|e| e.into_inner()).recv();
            let Ok((number, item)) = next else { break };
            // Nobody listens any more where telling has failed.
            let advance = |bytes| drop(done.send((number, Told::Advance(bytes))));
            let result = work(item, &advance);
            if done.send((number, Told::Done(result))).is_err() {
                break;
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..threads {
            let done = done.clone();
            scope.spawn(|| help(done));
        }
        drop(done);
        let mut line = Line { next: 0, waiting: BTreeMap::new() };
        // Both end with this: the threads, where there is nothing to do.
        let (give, results) = (give, results);
        for item in items.enumerate() {
            // What is at work and what waits is never more than fits the channel.
            while item.0 >= line.next + AHEAD * threads {
                let Ok(told) = results.recv() else { break };
                line.pass_on(told, &mut tell)?;
            }
            if give.send(item).is_err() {
                break;
            }
        }
        drop(give);
        results.iter().try_for_each(|told| line.pass_on(told, &mut tell))
    })
}

/// Results that wait for one before them.
struct Line<R> {
    next: usize,
    waiting: BTreeMap<usize, R>,
}

impl<R> Line<R> {
    fn pass_on(
        &mut self,
        (number, told): (usize, Told<R>),
        tell: &mut impl FnMut(Told<R>) -> Result<()>,
    ) -> Result<()> {
        match told {
            Told::Advance(bytes) => tell(Told::Advance(bytes)),
            Told::Done(result) => {
                self.waiting.insert(number, result);
                while let Some(result) = self.waiting.remove(&self.next) {
                    self.next += 1;
                    tell(Told::Done(result))?;
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn results_come_in_order() {
        for threads in [1, 2, 5] {
            let mut told = Vec::new();
            let mut advanced = 0;
            let work = |item: u64, advance: &dyn Fn(u64)| {
                thread::sleep(Duration::from_millis(item % 3));
                advance(1);
                item * 2
            };
            in_order(threads, 0..100, work, |event| {
                match event {
                    Told::Advance(bytes) => advanced += bytes,
                    Told::Done(result) => told.push(result),
                }
                Ok(())
            })
            .unwrap();
            assert_eq!(told, (0..100).map(|item| item * 2).collect::<Vec<_>>());
            assert_eq!(advanced, 100);
        }
    }

    #[test]
    fn an_error_ends_it() {
        let fail = |_: Told<u64>| Err(tfckpt::Error::new(tfckpt::ErrorKind::Io, "closed"));
        assert!(in_order(3, 0.., |item: u64, _| item, fail).is_err());
    }
}

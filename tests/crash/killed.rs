//! A process that is killed at any system call of an operation, on a real file system.

use std::path::Path;

use tempfile::TempDir;
use tfckpt::storage::LocalStorage;

use super::judge::{Judge, create_parents};
use super::scenario::{self, Disk, Scenario};
use super::trace::{Action, End, Syscall, run};

/// A new directory in which a scenario has its beginning. In memory where that goes: what a
/// killed process has written is there all the same.
pub fn prepared(scenario: &Scenario) -> (TempDir, Disk) {
    let disk: Disk = LocalStorage::shared();
    let shared = Path::new("/dev/shm");
    let dir = match shared.is_dir() {
        true => TempDir::new_in(shared).unwrap(),
        false => TempDir::new().unwrap(),
    };
    create_parents(&disk, dir.path());
    (scenario.prepare)(&disk, dir.path());
    (dir, disk)
}

/// At how many calls a process was killed, and how many of those were of its helper threads.
#[derive(Clone, Copy, Default)]
struct Points {
    all: usize,
    helpers: usize,
}

/// Kills at every call, one after the other, until the work is done before its turn comes.
fn kill_everywhere(scenario: &Scenario) -> Points {
    let judge = Judge::new(scenario);
    let mut points = Points::default();
    loop {
        let (dir, disk) = prepared(scenario);
        let work = || match (scenario.act)(&disk, dir.path()) {
            Ok(()) => String::new(),
            Err(error) => error.to_string(),
        };
        let mut by_helper = false;
        let decide = |call: Syscall| {
            by_helper = call.helper;
            match call.at == points.all {
                true => Action::Kill,
                false => Action::Go,
            }
        };
        let end = run(work, decide);
        let at = points.all;
        judge.check(&disk, dir.path(), &|| format!("{} killed at call {at}", scenario.name));
        if let End::Done { report, .. } = end {
            assert_eq!(report, "", "{}", scenario.name);
            return points;
        }
        points.all += 1;
        points.helpers += usize::from(by_helper);
    }
}

#[test]
fn sigkill_leaves_a_whole_checkpoint() {
    let mut all = 0;
    for scenario in scenario::all() {
        let points = kill_everywhere(&scenario).all;
        println!("{}: killed at each of {points} system calls", scenario.name);
        assert!(points > 20, "{}: only {points}", scenario.name);
        all += points;
    }
    println!("SIGKILL: {all} points, at each a whole checkpoint");
}

#[test]
fn sigkill_in_helper_threads_leaves_a_whole_checkpoint() {
    for scenario in scenario::threaded() {
        let Points { all, helpers } = kill_everywhere(&scenario);
        println!("{}: killed at each of {all} system calls, {helpers} of helpers", scenario.name);
        assert!(helpers > 20, "{}: only {helpers} of helpers", scenario.name);
    }
}

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

/// Kills at every call, one after the other, until the work is done before its turn comes.
fn kill_everywhere(scenario: &Scenario) -> usize {
    let judge = Judge::new(scenario);
    for at in 0.. {
        let (dir, disk) = prepared(scenario);
        let work = || match (scenario.act)(&disk, dir.path()) {
            Ok(()) => String::new(),
            Err(error) => error.to_string(),
        };
        let decide = |call: Syscall| match call.at == at {
            true => Action::Kill,
            false => Action::Go,
        };
        let end = run(work, decide);
        judge.check(&disk, dir.path(), &|| format!("{} killed at call {at}", scenario.name));
        if let End::Done { report, .. } = end {
            assert_eq!(report, "", "{}", scenario.name);
            return at;
        }
    }
    unreachable!("no number comes after the last")
}

#[test]
fn sigkill_leaves_a_whole_checkpoint() {
    let mut all = 0;
    for scenario in scenario::all() {
        let points = kill_everywhere(&scenario);
        println!("{}: killed at each of {points} system calls", scenario.name);
        assert!(points > 20, "{}: only {points}", scenario.name);
        all += points;
    }
    println!("SIGKILL: {all} points, at each a whole checkpoint");
}

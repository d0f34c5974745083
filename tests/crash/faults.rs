//! Each call to the operating system fails once, in each of the ways that it has.

use libc::{EACCES, EINTR, EIO, EMFILE, ENOSPC, c_int, c_long};

use super::is_full;
use super::judge::{Judge, temporary_files};
use super::killed::prepared;
use super::report::{is_ok, told};
use super::scenario::{self, Scenario};
use super::trace::{Action, End, Syscall, run};

/// The calls that files are dealt with by. `close` is none of them: nobody can do anything
/// about it, and what it did not close would be open.
const CALLS: [c_long; 35] = [
    libc::SYS_open,
    libc::SYS_openat,
    libc::SYS_creat,
    libc::SYS_read,
    libc::SYS_pread64,
    libc::SYS_readv,
    libc::SYS_preadv,
    libc::SYS_write,
    libc::SYS_pwrite64,
    libc::SYS_writev,
    libc::SYS_pwritev,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
    libc::SYS_sync_file_range,
    libc::SYS_fallocate,
    libc::SYS_ftruncate,
    libc::SYS_rename,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_link,
    libc::SYS_linkat,
    libc::SYS_unlink,
    libc::SYS_unlinkat,
    libc::SYS_mkdir,
    libc::SYS_mkdirat,
    libc::SYS_rmdir,
    libc::SYS_getdents64,
    libc::SYS_stat,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_lseek,
    libc::SYS_flock,
    libc::SYS_copy_file_range,
    libc::SYS_fadvise64,
];
const ERRNOS: [c_int; 5] = [EIO, ENOSPC, EINTR, EMFILE, EACCES];
/// Those of which a part may be done.
const PARTIAL: [c_long; 4] =
    [libc::SYS_read, libc::SYS_pread64, libc::SYS_write, libc::SYS_pwrite64];
/// Those that remove: what they were to remove stays.
const REMOVING: [c_long; 3] = [libc::SYS_unlink, libc::SYS_unlinkat, libc::SYS_rmdir];
/// Those that are made again when a signal comes between.
const REPEATED: [c_long; 8] = [
    libc::SYS_open,
    libc::SYS_openat,
    libc::SYS_read,
    libc::SYS_pread64,
    libc::SYS_write,
    libc::SYS_pwrite64,
    libc::SYS_fsync,
    libc::SYS_flock,
];

/// The ways in which a call may fail; few of them, but others at each call, unless all are
/// asked for.
fn ways(call: Syscall) -> Vec<Action> {
    let mut ways: Vec<Action> = ERRNOS.into_iter().map(Action::Fail).collect();
    if !is_full() {
        ways = vec![ways[call.at % ways.len()]];
    }
    if PARTIAL.contains(&call.number) && call.third > 1 {
        ways.push(Action::Shorten);
    }
    ways
}

/// Runs a scenario in which one call does not go as it should.
fn run_with(scenario: &Scenario, judge: &Judge<'_>, at: usize, action: Action) {
    let (dir, disk) = prepared(scenario);
    let mut failed = None;
    let end = run(
        || told(&(scenario.act)(&disk, dir.path())),
        |call| {
            if call.at != at || !CALLS.contains(&call.number) {
                return Action::Go;
            }
            failed = Some(call.number);
            action
        },
    );
    let place = || format!("{}, call {at} ({failed:?}): {action:?}", scenario.name);
    let End::Done { report, files } = end else { panic!("{}: {end:?}", place()) };
    assert_eq!(files[0], files[1], "{}: files stay open", place());
    let ok = is_ok(&report, &place);
    if ok {
        judge.check_done(&disk, dir.path(), &place);
    }
    let repeats = failed.is_some_and(|number| REPEATED.contains(&number));
    if action == Action::Shorten || action == Action::Fail(EINTR) && repeats {
        assert!(ok, "{}: {report}", place());
    }
    if !failed.is_some_and(|number| REMOVING.contains(&number)) {
        let left = temporary_files(&disk, dir.path());
        assert!(left.is_empty(), "{}: {left:?} after {report}", place());
    }
    judge.check(&disk, dir.path(), &place);
}

/// How many faults there were.
fn fail_everywhere(scenario: &Scenario) -> usize {
    let judge = Judge::new(scenario);
    let (dir, disk) = prepared(scenario);
    let mut calls = Vec::new();
    run(
        || told(&(scenario.act)(&disk, dir.path())),
        |call| {
            calls.push(call);
            Action::Go
        },
    );
    calls.retain(|call| CALLS.contains(&call.number));
    let mut faults = 0;
    for call in calls {
        for action in ways(call) {
            run_with(scenario, &judge, call.at, action);
            faults += 1;
        }
    }
    faults
}

#[test]
fn a_failing_call_leaves_a_whole_checkpoint_and_a_clear_error() {
    let mut all = 0;
    for scenario in scenario::all() {
        let faults = fail_everywhere(&scenario);
        println!("{}: {faults} faults", scenario.name);
        assert!(faults > 15, "{}: only {faults}", scenario.name);
        all += faults;
    }
    println!("system calls that fail: {all}");
}

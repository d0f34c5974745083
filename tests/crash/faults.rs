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
    ways.push(Action::Shorten);
    ways.retain(|&way| applies(way, call));
    ways
}

/// Whether a call can go that way.
fn applies(action: Action, call: Syscall) -> bool {
    action != Action::Shorten || PARTIAL.contains(&call.number) && call.third > 1
}

/// Runs a scenario in which one call, of those that files are dealt with by, does not go as
/// it should. That call.
fn run_with(scenario: &Scenario, judge: &Judge<'_>, at: usize, action: Action) -> Option<Syscall> {
    let (dir, disk) = prepared(scenario);
    let (mut failed, mut seen) = (None, 0);
    let end = run(
        || told(&(scenario.act)(&disk, dir.path())),
        |call| {
            let is_next = CALLS.contains(&call.number) && seen == at;
            seen += usize::from(CALLS.contains(&call.number));
            if !is_next || !applies(action, call) {
                return Action::Go;
            }
            failed = Some(call);
            action
        },
    );
    let number = failed.map(|call| call.number);
    let place = || format!("{}, call {at} ({number:?}): {action:?}", scenario.name);
    let End::Done { report, files } = end else { panic!("{}: {end:?}", place()) };
    assert_eq!(files[0], files[1], "{}: files stay open", place());
    let ok = is_ok(&report, &place);
    if ok {
        judge.check_done(&disk, dir.path(), &place);
    }
    let repeats = number.is_some_and(|number| REPEATED.contains(&number));
    if action == Action::Shorten || action == Action::Fail(EINTR) && repeats {
        assert!(ok, "{}: {report}", place());
    }
    if !number.is_some_and(|number| REMOVING.contains(&number)) {
        let left = temporary_files(&disk, dir.path());
        assert!(left.is_empty(), "{}: {left:?} after {report}", place());
    }
    judge.check(&disk, dir.path(), &place);
    failed
}

/// How many faults there were, and how many of them in helper threads.
fn fail_everywhere(scenario: &Scenario) -> [usize; 2] {
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
    let mut faults = [0; 2];
    for (at, call) in calls.into_iter().enumerate() {
        for action in ways(call) {
            // Threads do not take their turns alike each time.
            if let Some(failed) = run_with(scenario, &judge, at, action) {
                faults[0] += 1;
                faults[1] += usize::from(failed.helper);
            }
        }
    }
    faults
}

#[test]
fn a_failing_call_leaves_a_whole_checkpoint_and_a_clear_error() {
    let mut all = 0;
    for scenario in scenario::all() {
        let [faults, _] = fail_everywhere(&scenario);
        println!("{}: {faults} faults", scenario.name);
        assert!(faults > 15, "{}: only {faults}", scenario.name);
        all += faults;
    }
    println!("system calls that fail: {all}");
}

#[test]
fn a_failing_call_of_a_helper_thread_is_an_error_of_the_whole() {
    for scenario in scenario::threaded() {
        let [faults, of_helpers] = fail_everywhere(&scenario);
        println!("{}: {faults} faults, {of_helpers} of helpers", scenario.name);
        assert!(of_helpers > 10, "{}: only {of_helpers} of helpers", scenario.name);
    }
}

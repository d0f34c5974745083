//! Operations for which there is room, but not enough: a small file system of their own, and
//! files that may not grow.
#![allow(unsafe_code)]

use std::ffi::CString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::judge::{Judge, create_parents, temporary_files};
use super::killed::prepared;
use super::report::{is_ok, told};
use super::scenario::{self, Disk, Scenario};
use super::trace::{Action, End, run};
use tempfile::TempDir;
use tfckpt::storage::LocalStorage;

const PAGE: u64 = 4096;
/// More than any scenario needs.
const MOST_PAGES: u64 = 64;
const REFUSED: &str = "no mount";

/// Mounts a file system in memory that nobody else sees.
fn mount(dir: &Path, options: &str, flags: libc::c_ulong) -> io::Result<()> {
    let text = |bytes: &[u8]| CString::new(bytes).unwrap();
    let (kind, dir, options) =
        (text(b"tmpfs"), text(dir.as_os_str().as_bytes()), text(options.as_bytes()));
    // SAFETY: all four are texts that end in NUL, and live.
    let done = unsafe {
        libc::mount(kind.as_ptr(), dir.as_ptr(), kind.as_ptr(), flags, options.as_ptr().cast())
    };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Goes where it may mount, and nobody else sees it.
fn unshare() -> io::Result<()> {
    if unshare_with(libc::CLONE_NEWNS).is_err() {
        // SAFETY: two numbers of this process.
        let (user, group) = unsafe { (libc::geteuid(), libc::getegid()) };
        unshare_with(libc::CLONE_NEWNS | libc::CLONE_NEWUSER)?;
        std::fs::write("/proc/self/setgroups", "deny")?;
        std::fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
        std::fs::write("/proc/self/gid_map", format!("{group} {group} 1"))?;
    }
    let private = libc::MS_REC | libc::MS_PRIVATE;
    // SAFETY: a text that ends in NUL; the others are not looked at.
    let done = unsafe {
        libc::mount(std::ptr::null(), c"/".as_ptr(), std::ptr::null(), private, std::ptr::null())
    };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn unshare_with(flags: libc::c_int) -> io::Result<()> {
    // SAFETY: no pointers; the process has one thread.
    let done = unsafe { libc::unshare(flags) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn used_pages(dir: &Path) -> u64 {
    let path = CString::new(dir.as_os_str().as_bytes()).unwrap();
    // SAFETY: plain numbers, which statvfs fills; the path ends in NUL.
    let stat = unsafe {
        let mut stat: libc::statvfs = std::mem::zeroed();
        assert_eq!(libc::statvfs(path.as_ptr(), &mut stat), 0);
        stat
    };
    (stat.f_blocks - stat.f_bfree) * stat.f_frsize / PAGE
}

/// The scenario with so many pages of room: what came of it, or why there is no such room.
fn act_within(scenario: &Scenario, judge: &Judge<'_>, dir: &Path, room: u64) -> String {
    if unshare().and_then(|()| mount(dir, "size=4m", 0)).is_err() {
        return REFUSED.into();
    }
    let disk: Disk = LocalStorage::shared();
    create_parents(&disk, dir);
    (scenario.prepare)(&disk, dir);
    let size = format!("size={}", (used_pages(dir) + room) * PAGE);
    mount(dir, &size, libc::MS_REMOUNT).unwrap();
    let report = told(&(scenario.act)(&disk, dir));
    let place = || format!("{} within {room} pages: {report}", scenario.name);
    after(judge, &disk, dir, &report, &place);
    report
}

fn after(judge: &Judge<'_>, disk: &Disk, dir: &Path, report: &str, place: &dyn Fn() -> String) {
    let left = temporary_files(disk, dir);
    assert!(left.is_empty(), "{}: {left:?}", place());
    match is_ok(report, place) {
        true => judge.check_done(disk, dir, place),
        false => judge.check(disk, dir, place),
    }
}

/// How often there was not enough room; `None` where nothing can be mounted.
fn fill_up(scenario: &Scenario) -> Option<usize> {
    let judge = Judge::new(scenario);
    let dir = TempDir::new().unwrap();
    for room in 0..MOST_PAGES {
        let end = run(|| act_within(scenario, &judge, dir.path(), room), |_| Action::Go);
        let End::Done { report, .. } = end else { panic!("{end:?}") };
        assert!(!report.starts_with("panic"), "{}: {report}", scenario.name);
        match report.as_str() {
            REFUSED => return None,
            "ok" => return Some(room as usize),
            _ => {}
        }
    }
    panic!("{}: {MOST_PAGES} pages are not enough", scenario.name);
}

#[test]
fn a_full_disk_leaves_a_whole_checkpoint() {
    let mut all = 0;
    for scenario in scenario::all() {
        match fill_up(&scenario) {
            Some(sizes) => all += sizes,
            None => return println!("full disk: not tried, for nothing may be mounted here"),
        }
    }
    println!("full disks: {all}");
    assert!(all > 20, "only {all}");
}

/// Lets no file of this process grow beyond so many bytes; to try is an error and no signal.
fn limit_files(bytes: u64) {
    let limit = libc::rlimit { rlim_cur: bytes, rlim_max: bytes };
    // SAFETY: the limit is a local; to ignore a signal runs no code.
    unsafe {
        assert_eq!(libc::setrlimit(libc::RLIMIT_FSIZE, &limit), 0);
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
    }
}

#[test]
fn files_that_may_not_grow_leave_a_whole_checkpoint() {
    let mut all = 0;
    for scenario in scenario::all() {
        let judge = Judge::new(&scenario);
        for bytes in [0, 1, 100, 300, 1000, 2000] {
            let (dir, disk) = prepared(&scenario);
            let end = run(
                || {
                    limit_files(bytes);
                    told(&(scenario.act)(&disk, dir.path()))
                },
                |_| Action::Go,
            );
            let End::Done { report, .. } = end else { panic!("{end:?}") };
            let place = || format!("{} with files of {bytes} bytes: {report}", scenario.name);
            after(&judge, &disk, dir.path(), &report, &place);
            all += usize::from(report != "ok");
        }
    }
    println!("files that may not grow: {all}");
    assert!(all > 20, "only {all}");
}

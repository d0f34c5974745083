//! A child process whose system calls are seen one by one, by ptrace; each may go on, fail,
//! do less than it was asked to, or be the last.
#![allow(unsafe_code)]

use std::ffi::c_long;
use std::io::{self, Read};
use std::os::fd::FromRawFd;
use std::panic::{AssertUnwindSafe, catch_unwind};

use libc::{c_int, pid_t, user_regs_struct};

/// Nobody else makes this call; it says where the work of a child begins and ends.
const MARK: c_long = libc::SYS_personality;
/// What `personality` takes for a question.
const ASK: c_long = 0xffff_ffff;

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Go,
    /// The process is killed before the call.
    Kill,
    /// The call is not made, and returns this error.
    Fail(c_int),
    /// The call is made with half the length, which is its third argument.
    Shorten,
}

/// A call that is about to be made.
#[derive(Clone, Copy, Debug)]
pub struct Syscall {
    /// How many were made before it.
    pub at: usize,
    /// Its number, as `SYS_…`.
    pub number: c_long,
    /// Its third argument.
    pub third: u64,
}

/// How a child came to its end.
#[derive(Debug)]
pub enum End {
    Killed,
    /// It returned this; it had so many files open before and after.
    Done {
        report: String,
        files: [usize; 2],
    },
}

/// Runs `work` in a child, and asks `decide` about each of its system calls. Threads that it
/// starts are not asked about, but die with it.
pub fn run(work: impl FnOnce() -> String, mut decide: impl FnMut(Syscall) -> Action) -> End {
    let mut pipe = [0; 2];
    // SAFETY: the array has room for the two descriptors.
    assert_eq!(unsafe { libc::pipe2(pipe.as_mut_ptr(), libc::O_CLOEXEC) }, 0);
    // SAFETY: the child goes on with this thread alone. It takes no lock of another: it
    // prints nothing, and the allocator is made for that.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0, "{}", io::Error::last_os_error());
    if pid == 0 {
        child(work, pipe[1]);
    }
    // SAFETY: the descriptor is ours, and nobody else knows it.
    unsafe { libc::close(pipe[1]) };
    let mut files = Vec::new();
    let killed = Tracer { pid }.follow(&mut decide, &mut files);
    // SAFETY: as above; the file owns it from here on.
    let mut report = unsafe { std::fs::File::from_raw_fd(pipe[0]) };
    let mut text = String::new();
    report.read_to_string(&mut text).unwrap();
    match <[usize; 2]>::try_from(files) {
        Ok(files) if !killed => End::Done { report: text, files },
        _ => End::Killed,
    }
}

fn child(work: impl FnOnce() -> String, report: c_int) -> ! {
    // SAFETY: calls without pointers, but for the text, which lives.
    unsafe {
        libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0);
        libc::raise(libc::SIGSTOP);
        libc::syscall(MARK, ASK);
        let text = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map_or("", String::as_str);
            format!("panic: {text}")
        });
        libc::syscall(MARK, ASK);
        libc::write(report, text.as_ptr().cast(), text.len());
        libc::_exit(0)
    }
}

struct Tracer {
    pid: pid_t,
}

impl Tracer {
    /// Whether the child was killed.
    fn follow(&self, decide: &mut impl FnMut(Syscall) -> Action, files: &mut Vec<usize>) -> bool {
        self.wait();
        let options = libc::PTRACE_O_TRACESYSGOOD | libc::PTRACE_O_EXITKILL;
        self.request(libc::PTRACE_SETOPTIONS, options as usize);
        let (mut working, mut at) = (false, 0);
        loop {
            if self.to_next_call().is_none() {
                return false;
            }
            let regs = self.registers();
            let number = regs.orig_rax as c_long;
            let action = match working && number != MARK {
                true => decide(Syscall { at, number, third: regs.rdx }),
                false => Action::Go,
            };
            at += usize::from(working);
            if number == MARK {
                working = !working;
                files.push(self.open_files());
            }
            if !self.go_on(regs, action) {
                return action == Action::Kill;
            }
        }
    }

    /// Makes the call, or not. `false` where the child is no more.
    fn go_on(&self, mut regs: user_regs_struct, action: Action) -> bool {
        match action {
            Action::Go => {}
            Action::Kill => {
                // SAFETY: the child is ours, and not waited for yet.
                unsafe { libc::kill(self.pid, libc::SIGKILL) };
                self.wait();
                return false;
            }
            Action::Fail(_) => {
                // There is no such call.
                regs.orig_rax = u64::MAX;
                self.set_registers(regs);
            }
            Action::Shorten => {
                regs.rdx = regs.rdx.div_ceil(2);
                self.set_registers(regs);
            }
        }
        if self.to_next_call().is_none() {
            return false;
        }
        if let Action::Fail(errno) = action {
            let mut regs = self.registers();
            regs.rax = i64::from(-errno) as u64;
            self.set_registers(regs);
        }
        true
    }

    /// To the beginning or the end of a call; `None` when the child has ended.
    fn to_next_call(&self) -> Option<()> {
        let mut signal = 0;
        loop {
            self.request(libc::PTRACE_SYSCALL, signal);
            let status = self.wait();
            if !libc::WIFSTOPPED(status) {
                return None;
            }
            match libc::WSTOPSIG(status) {
                stop if stop == libc::SIGTRAP | 0x80 => return Some(()),
                other => signal = other as usize,
            }
        }
    }

    fn open_files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.pid)).unwrap().count()
    }

    fn wait(&self) -> c_int {
        let mut status = 0;
        // SAFETY: the status is a local.
        let waited = unsafe { libc::waitpid(self.pid, &mut status, libc::__WALL) };
        assert_eq!(waited, self.pid, "{}", io::Error::last_os_error());
        status
    }

    fn request(&self, request: libc::c_uint, data: usize) {
        // SAFETY: of these requests none takes a pointer; the child stands still.
        let done = unsafe { libc::ptrace(request, self.pid, 0usize, data) };
        assert!(done >= 0, "{}", io::Error::last_os_error());
    }

    fn registers(&self) -> user_regs_struct {
        // SAFETY: plain numbers, for which zeros are fine, and which ptrace fills.
        unsafe {
            let mut regs: user_regs_struct = std::mem::zeroed();
            let done = libc::ptrace(libc::PTRACE_GETREGS, self.pid, 0usize, &raw mut regs);
            assert!(done >= 0, "{}", io::Error::last_os_error());
            regs
        }
    }

    fn set_registers(&self, regs: user_regs_struct) {
        // SAFETY: as above; ptrace reads them.
        let done = unsafe { libc::ptrace(libc::PTRACE_SETREGS, self.pid, 0usize, &raw const regs) };
        assert!(done >= 0, "{}", io::Error::last_os_error());
    }
}

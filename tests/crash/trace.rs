//! A child process whose system calls are seen one by one, by ptrace, those of all its
//! threads; each may go on, fail, do less than it was asked to, or be the last.
#![allow(unsafe_code)]

use std::collections::HashMap;
use std::ffi::c_long;
use std::io::{self, Read};
use std::os::fd::FromRawFd;
use std::panic::{AssertUnwindSafe, catch_unwind};

use libc::{c_int, pid_t, user_regs_struct};

/// Nobody else makes this call; it says where the work of a child begins and ends.
const MARK: c_long = libc::SYS_personality;
/// What `personality` takes for a question.
const ASK: c_long = 0xffff_ffff;
/// The calls that the first thread shares with its helpers, to which it leaves them.
const SHARED: [c_long; 3] = [libc::SYS_pread64, libc::SYS_pwrite64, libc::SYS_copy_file_range];

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
    /// Whether it is of another thread than the one that began.
    pub helper: bool,
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

/// Runs `work` in a child, and asks `decide` about each of its system calls. Helper threads
/// take their turns as they do anywhere: with several no two runs need be alike. But the
/// thread that began does of what it shares with them only what they leave to it, so that
/// they have their part however busy the machine is.
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
    let killed = Tracer::new(pid).follow(&mut decide, &mut files);
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
    /// Which threads are in a call.
    calls: HashMap<pid_t, Entered>,
    /// Which stand at the beginning of one.
    waiting: Vec<pid_t>,
    /// Those that there were besides the first, and whether they live.
    helpers: HashMap<pid_t, bool>,
    /// Whether what is done now is the work.
    working: bool,
    at: usize,
}

/// A call that a thread is in.
struct Entered {
    number: c_long,
    /// What it is to return instead of what it does.
    result: Option<c_int>,
}

/// Why a thread stands still, or no longer does.
enum Stop {
    /// At the beginning or the end of a call.
    Call,
    /// It has begun another.
    Born(pid_t),
    /// With a signal, which it is to have; 0 for none.
    Signal(c_int),
    Ended,
}

impl Tracer {
    fn new(pid: pid_t) -> Self {
        Self {
            pid,
            calls: HashMap::new(),
            waiting: Vec::new(),
            helpers: HashMap::new(),
            working: false,
            at: 0,
        }
    }

    /// Whether the child was killed.
    fn follow(
        mut self,
        decide: &mut impl FnMut(Syscall) -> Action,
        files: &mut Vec<usize>,
    ) -> bool {
        self.wait();
        let options =
            libc::PTRACE_O_TRACESYSGOOD | libc::PTRACE_O_EXITKILL | libc::PTRACE_O_TRACECLONE;
        request(libc::PTRACE_SETOPTIONS, self.pid, options as usize);
        request(libc::PTRACE_SYSCALL, self.pid, 0);
        loop {
            let (thread, stop) = self.next_stop();
            if thread != self.pid {
                self.helpers.entry(thread).or_insert(true);
            }
            match stop {
                Stop::Ended if thread == self.pid => return false,
                Stop::Ended => {
                    self.calls.remove(&thread);
                    self.helpers.insert(thread, false);
                }
                Stop::Born(helper) => {
                    // It may have been heard of before.
                    self.helpers.entry(helper).or_insert(true);
                    go_on(thread, 0);
                }
                Stop::Signal(signal) => go_on(thread, signal),
                Stop::Call => match self.calls.remove(&thread) {
                    Some(call) => leave(thread, call.result),
                    None => self.waiting.push(thread),
                },
            }
            while let Some(thread) = self.next_turn() {
                if !self.enter(thread, decide, files) {
                    return true;
                }
                go_on(thread, 0);
            }
        }
    }

    /// A thread that may make the call at which it stands.
    fn next_turn(&mut self) -> Option<pid_t> {
        let may_go = |&thread: &pid_t| {
            let is_shared = || SHARED.contains(&(registers(thread).orig_rax as c_long));
            thread != self.pid || !self.is_helped() || !is_shared()
        };
        let at = self.waiting.iter().position(may_go)?;
        Some(self.waiting.swap_remove(at))
    }

    /// Whether there is a helper that does not wait for anybody.
    fn is_helped(&self) -> bool {
        let waits = |helper| {
            self.calls.get(helper).is_some_and(|call: &Entered| call.number == libc::SYS_futex)
        };
        self.helpers.iter().any(|(helper, &lives)| lives && !waits(helper))
    }

    /// At the beginning of a call. `false` where the child is no more.
    fn enter(
        &mut self,
        thread: pid_t,
        decide: &mut impl FnMut(Syscall) -> Action,
        files: &mut Vec<usize>,
    ) -> bool {
        let mut regs = registers(thread);
        let number = regs.orig_rax as c_long;
        let helper = thread != self.pid;
        let mut action = Action::Go;
        if number == MARK {
            self.working = !self.working;
            files.push(self.open_files());
        } else if self.working {
            action = decide(Syscall { at: self.at, number, third: regs.rdx, helper });
            self.at += 1;
        }
        let mut result = None;
        match action {
            Action::Go => {}
            Action::Kill => {
                self.kill();
                return false;
            }
            Action::Fail(errno) => {
                // There is no such call.
                regs.orig_rax = u64::MAX;
                set_registers(thread, regs);
                result = Some(errno);
            }
            Action::Shorten => {
                regs.rdx = regs.rdx.div_ceil(2);
                set_registers(thread, regs);
            }
        }
        self.calls.insert(thread, Entered { number, result });
        true
    }

    /// All its threads end, wherever they are.
    fn kill(&self) {
        // SAFETY: the child is ours, and not waited for yet.
        unsafe { libc::kill(self.pid, libc::SIGKILL) };
        while !matches!(self.next_stop(), (thread, Stop::Ended) if thread == self.pid) {}
    }

    fn next_stop(&self) -> (pid_t, Stop) {
        let (thread, status) = self.wait();
        let stop = match () {
            () if !libc::WIFSTOPPED(status) => Stop::Ended,
            () if libc::WSTOPSIG(status) == libc::SIGTRAP | 0x80 => Stop::Call,
            () if status >> 16 == libc::PTRACE_EVENT_CLONE => Stop::Born(message(thread)),
            // With a new thread two stops come, one of the old and one of the new.
            () if status >> 16 != 0 || libc::WSTOPSIG(status) == libc::SIGSTOP => Stop::Signal(0),
            () => Stop::Signal(libc::WSTOPSIG(status)),
        };
        (thread, stop)
    }

    fn open_files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.pid)).unwrap().count()
    }

    /// Which thread, and its status. Children of the test's other threads are theirs.
    fn wait(&self) -> (pid_t, c_int) {
        let mut status = 0;
        // SAFETY: the status is a local.
        let waited = unsafe { libc::waitpid(-1, &mut status, libc::__WALL | libc::__WNOTHREAD) };
        assert!(waited > 0, "{}", io::Error::last_os_error());
        (waited, status)
    }
}

/// At the end of a call, which returns that error if there is one.
fn leave(thread: pid_t, result: Option<c_int>) {
    if let Some(errno) = result {
        let mut regs = registers(thread);
        regs.rax = i64::from(-errno) as u64;
        set_registers(thread, regs);
    }
    go_on(thread, 0);
}

/// Lets a thread run to its next stop. One that died with the others meanwhile is told of
/// later.
fn go_on(thread: pid_t, signal: c_int) {
    try_request(libc::PTRACE_SYSCALL, thread, signal as usize);
}

fn request(request: libc::c_uint, thread: pid_t, data: usize) {
    assert!(try_request(request, thread, data), "{}", io::Error::last_os_error());
}

fn try_request(request: libc::c_uint, thread: pid_t, data: usize) -> bool {
    // SAFETY: of these requests none takes a pointer; the thread stands still.
    unsafe { libc::ptrace(request, thread, 0usize, data) >= 0 }
}

/// What there is to say of a stop: of a new thread its number.
fn message(thread: pid_t) -> pid_t {
    let mut message: libc::c_ulong = 0;
    // SAFETY: ptrace fills the number.
    let done = unsafe { libc::ptrace(libc::PTRACE_GETEVENTMSG, thread, 0usize, &raw mut message) };
    assert!(done >= 0, "{}", io::Error::last_os_error());
    message as pid_t
}

fn registers(thread: pid_t) -> user_regs_struct {
    // SAFETY: plain numbers, for which zeros are fine, and which ptrace fills.
    unsafe {
        let mut regs: user_regs_struct = std::mem::zeroed();
        let done = libc::ptrace(libc::PTRACE_GETREGS, thread, 0usize, &raw mut regs);
        assert!(done >= 0, "{}", io::Error::last_os_error());
        regs
    }
}

fn set_registers(thread: pid_t, regs: user_regs_struct) {
    // SAFETY: as above; ptrace reads them.
    let done = unsafe { libc::ptrace(libc::PTRACE_SETREGS, thread, 0usize, &raw const regs) };
    assert!(done >= 0, "{}", io::Error::last_os_error());
}

//! Where words go: results to standard output, everything else to standard
//! error, and what it all comes to.

use std::fmt;
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};

use serde::Serialize;
use tfckpt::{Error, ErrorKind, Result};

use crate::exit::Exit;
use crate::name;
use crate::progress::Progress;

/// Standard output and error, and what the run comes to.
///
/// When standard output fails, the method at hand returns an error for the verb to
/// pass on, and [`finish`](Console::finish) tells the user; a reader that has
/// gone away, as in `tfckpt ls … | head`, is not worth a word.
pub struct Console {
    out: BufWriter<Stdout>,
    lost: Option<io::Error>,
    exit: Exit,
    progress: Option<Progress>,
}

impl Console {
    pub fn new() -> Self {
        let out = BufWriter::with_capacity(64 << 10, io::stdout());
        Self { out, lost: None, exit: Exit::Fine, progress: None }
    }

    /// Writes bytes to standard output.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.emit(|out| out.write_all(bytes))
    }

    /// Writes a line to standard output.
    pub fn line(&mut self, text: impl fmt::Display) -> Result<()> {
        self.emit(|out| writeln!(out, "{text}"))
    }

    /// Writes a value as JSON to standard output.
    pub fn json(&mut self, value: &impl Serialize) -> Result<()> {
        self.emit(|out| serde_json::to_writer(out, value).map_err(io::Error::from))
    }

    fn emit(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
        let out = &mut self.out;
        let written = match &self.progress {
            // A bar on the same terminal has to make way.
            Some(progress) if io::stdout().is_terminal() => {
                progress.suspend(|| write(out).and_then(|()| out.flush()))
            }
            _ => write(out),
        };
        written.map_err(|error| self.lose(error))
    }

    fn lose(&mut self, error: io::Error) -> Error {
        let failure = cannot_write(&error);
        self.lost.get_or_insert(error);
        failure
    }

    /// Tells the user of an error about a part of a checkpoint, after which the
    /// run goes on.
    pub fn report(&mut self, error: &Error) {
        self.raise(Exit::of_part(error.kind()));
        self.complain(error);
    }

    /// The run comes to `exit`, if not to something worse.
    pub fn raise(&mut self, exit: Exit) {
        self.exit = self.exit.max(exit);
    }

    /// Tells the user of an error after which all is well.
    pub fn complain(&self, error: &Error) {
        self.say(|stderr| {
            writeln!(stderr, "tfckpt: {error}")?;
            error.names().iter().try_for_each(|name| writeln!(stderr, "  {}", name::display(name)))
        });
    }

    /// Tells the user what is good to know, though all is well.
    pub fn note(&self, text: impl fmt::Display) {
        self.remark(format_args!("note: {text}"));
    }

    /// Tells the user what all is well after.
    pub fn remark(&self, text: impl fmt::Display) {
        self.say(|stderr| writeln!(stderr, "tfckpt: {text}"));
    }

    fn say(&self, print: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
        let print = || {
            // There is nobody to tell that this can't be told.
            let _ = print(&mut io::stderr().lock());
        };
        match &self.progress {
            Some(progress) => progress.suspend(print),
            None => print(),
        }
    }

    /// From now on [`advance`](Console::advance) moves a progress bar over `total`
    /// bytes, if there is a terminal to show it.
    pub fn begin(&mut self, doing: &'static str, total: Option<u64>) {
        self.progress = Some(Progress::new(doing, total));
    }

    /// So many bytes more are done.
    pub fn advance(&mut self, bytes: u64) {
        if let Some(progress) = &mut self.progress {
            progress.advance(bytes);
        }
    }

    /// Takes the progress bar away.
    pub fn end(&mut self) {
        self.progress = None;
    }

    /// Ends the run: says why it failed, if it did, and what it comes to.
    pub fn finish(mut self, result: Result<()>) -> Exit {
        self.end();
        if let Err(error) = self.out.flush() {
            self.lose(error);
        }
        let failure = match &self.lost {
            None => result.err(),
            Some(lost) if lost.kind() == io::ErrorKind::BrokenPipe => None,
            Some(lost) => Some(cannot_write(lost)),
        };
        if let Some(error) = failure {
            self.raise(Exit::of(error.kind()));
            self.complain(&error);
        }
        self.exit
    }
}

fn cannot_write(error: &io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("cannot write to standard output: {error}"))
}

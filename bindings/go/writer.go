package tfckpt

// #include "shim.h"
import "C"

import (
	"runtime"
	"sync"
)

// A Writer is a checkpoint being written. Nothing of it can be seen at its prefix until
// [Writer.Finish] has succeeded. Values go to disk as they come; in the V1 format tensors must
// come sorted by name, and stay in memory until the end.
//
// Goroutines may share a Writer: their calls wait for one another.
type Writer struct {
	mu     sync.Mutex
	c      *C.tfckpt_writer // nil once it is finished or aborted
	net    runtime.Cleanup
	stream *Stream // what is being streamed, if anything

	prefix          string
	step            int64
	removed         []string
	removalProblems []*Error
}

// Create begins a checkpoint, whose files will be PREFIX.index and PREFIX.data-...; of the V1
// format PREFIX itself, or with several shards PREFIX-00000-of-00002 and so on. Directories
// that are missing are created. [ErrAlreadyExists] where there is a checkpoint of that prefix,
// unless [WithReplace] says to replace it. It takes [WithFormat], [WithShards],
// [WithAlignment], [WithBigEndian], [WithSync] and [WithReplace] too.
//
//	w, err := tfckpt.Create("model/ckpt-1")
//	if err != nil { ... }
//	defer w.Abort() // does nothing after Finish
func Create(prefix string, opts ...Option) (*Writer, error) {
	options, err := newWriterOptions("Create", opts)
	if err != nil {
		return nil, err
	}
	defer C.tfckpt_writer_options_free(options)
	var c *C.tfckpt_writer
	err = withPath(prefix, func(prefix *C.char) error {
		var cerr *C.tfckpt_error
		return check(C.tfckpt_writer_create(prefix, options, &c, &cerr), cerr)
	})
	if err != nil {
		return nil, err
	}
	return newWriter(c), nil
}

func newWriter(c *C.tfckpt_writer) *Writer {
	w := &Writer{
		c:      c,
		prefix: C.GoString(C.tfckpt_writer_prefix(c)),
		step:   int64(C.tfckpt_writer_step(c)),
	}
	w.net = runtime.AddCleanup(w, freeWriter, c)
	return w
}

func freeWriter(c *C.tfckpt_writer) { C.tfckpt_writer_free(c) }

// Prefix returns the prefix of the checkpoint.
func (w *Writer) Prefix() string { return w.prefix }

// Step returns the step that a [Manager] saves it as; -1 for a Writer that is not a Manager's.
func (w *Writer) Step() int64 { return w.step }

// Finish makes the checkpoint appear at its prefix, whole, and on stable storage unless
// [WithSync] said otherwise. Whether it succeeds or not, the Writer takes nothing more; where
// it fails, no file is left behind. [ErrInvalidArgument] where slices overlap or a [Stream] is
// not closed; [ErrAlreadyExists] where a checkpoint has appeared there meanwhile.
//
// That of a [Manager] then becomes the latest in the state file, and those that are too old
// are removed: see [Writer.Removed].
func (w *Writer) Finish() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.c == nil {
		return closed("writer")
	}
	var cerr *C.tfckpt_error
	err := check(C.tfckpt_writer_finish(w.c, &cerr), cerr)
	if err == nil {
		w.noteRemoved()
	}
	w.free()
	return err
}

func (w *Writer) noteRemoved() {
	w.removed = texts(C.tfckpt_writer_removed_count(w.c), func(i C.int64_t) *C.char {
		return C.tfckpt_writer_removed(w.c, i)
	})
	w.removalProblems = problems(C.tfckpt_writer_removal_problem_count(w.c), func(i C.int64_t) *C.tfckpt_error {
		return C.tfckpt_writer_removal_problem(w.c, i)
	})
}

// Abort gives the checkpoint up, and leaves no file behind. After [Writer.Finish], or another
// Abort, it does nothing. The error is always nil.
func (w *Writer) Abort() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.c != nil {
		w.free()
	}
	return nil
}

func (w *Writer) free() {
	w.net.Stop()
	C.tfckpt_writer_free(w.c)
	w.c, w.stream = nil, nil
}

// Removed returns the prefixes of the old checkpoints that the [Manager] has removed, once
// Finish has succeeded; and what stood in the way of removing others, which the next save
// tries again.
func (w *Writer) Removed() (prefixes []string, problems []*Error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.removed, w.removalProblems
}

// do makes a call with the writer of C.
func (w *Writer) do(call func(c *C.tfckpt_writer, err **C.tfckpt_error) C.tfckpt_status) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.c == nil {
		return closed("writer")
	}
	var cerr *C.tfckpt_error
	return check(call(w.c, &cerr), cerr)
}

package tfckpt

// #include "shim.h"
import "C"

import "iter"

// All goes through all tensors, in the order of their names, byte by byte.
//
//	for name, tensor := range reader.All() { ... }
//
// Where a part of the index is damaged, an empty name comes, which no tensor has, with a
// Tensor that has nothing but an [Tensor.Err]; then those behind it. [Reader.List] has such
// errors by themselves. A loop goes on to its end though the Reader is closed meanwhile.
func (r *Reader) All() iter.Seq2[string, Tensor] {
	return func(yield func(string, Tensor) bool) {
		for tensor, err := range r.List("") {
			if err != nil {
				tensor = Tensor{Shard: -1, Offset: -1, StoredSize: -1, err: err}
			}
			if !yield(tensor.Name, tensor) {
				return
			}
		}
	}
}

// List goes through the tensors whose names begin with a prefix. What is damaged in the
// index is one error, and the walk goes on behind it. Millions of tensors take a handful of
// calls of C: they come in batches, which grow.
func (r *Reader) List(prefix string) iter.Seq2[Tensor, error] {
	return func(yield func(Tensor, error) bool) {
		cursor, err := r.cursor(prefix)
		if err != nil {
			yield(Tensor{}, err)
			return
		}
		defer C.tfckpt_cursor_free(cursor)
		walk(cursor, yield)
	}
}

func (r *Reader) cursor(prefix string) (*C.tfckpt_cursor, error) {
	c, err := r.h.use()
	if err != nil {
		return nil, err
	}
	defer r.h.done()
	var cursor *C.tfckpt_cursor
	var cerr *C.tfckpt_error
	text, length := nameArg(prefix)
	err = check(C.tfckpt_reader_list(c, text, length, &cursor, &cerr), cerr)
	return cursor, err
}

// How many tensors a batch has: few at first, since many a loop ends soon.
const (
	firstBatch = 256
	batchRise  = 8
	maxBatch   = 1 << 18
)

// walk goes through what a cursor has left.
func walk(cursor *C.tfckpt_cursor, yield func(Tensor, error) bool) {
	tensors := make([]Tensor, 0, chunk)
	for size := firstBatch; ; size = min(size*batchRise, maxBatch) {
		more, err := walkBatch(cursor, size, tensors, yield)
		if err != nil {
			more = yield(Tensor{}, err)
		}
		if !more {
			return
		}
	}
}

// walkBatch goes through the next tensors of a cursor, and says whether there may be more to
// do.
func walkBatch(cursor *C.tfckpt_cursor, size int, tensors []Tensor, yield func(Tensor, error) bool) (bool, error) {
	var batch *C.tfckpt_tensors
	var borrowed C.shim_facts
	var cerr *C.tfckpt_error
	if err := check(C.shim_next(cursor, C.int64_t(size), &batch, &borrowed, &cerr), cerr); err != nil {
		return true, err
	}
	defer C.tfckpt_tensors_free(batch)
	facts := newFacts(&borrowed)
	for first := 0; first < facts.count; first += chunk {
		for _, tensor := range facts.tensors(first, tensors) {
			if !yield(tensor, nil) {
				return false, nil
			}
		}
	}
	return facts.count > 0, nil
}

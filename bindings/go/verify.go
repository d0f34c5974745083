package tfckpt

// #include "shim.h"
import "C"

import "context"

// A Report is all that [Verify] found.
type Report struct {
	// Problems are all that is wrong, each with its place.
	Problems []*Error
	// Tensors is how many tensors were looked at.
	Tensors int64
	// Bytes is how many bytes of tensors were read and found right: as stored, or in V1 as
	// in memory.
	Bytes int64
}

// OK tells whether nothing is wrong.
func (r *Report) OK() bool { return len(r.Problems) == 0 }

// Verify reads and checks every block of the index, or of the files of V1, and every stored
// byte of every tensor, and lists all that is wrong. The path is as of [Open]. It fails only
// where the checkpoint cannot be opened, or where ctx is done before it is through, which is
// [ErrCancelled]: all other damage is in the report. It takes what Open takes, [WithThreads]
// and [WithProgress].
func Verify(ctx context.Context, path string, opts ...Option) (*Report, error) {
	options := C.tfckpt_reader_options_new()
	defer C.tfckpt_reader_options_free(options)
	how := verification{threads: 1}
	if err := setOptions("Verify", opts, options, &how, &how.watch); err != nil {
		return nil, err
	}
	r, err := openWith(path, options)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return r.verify(ctx, &how)
}

// Verify checks all of a checkpoint that is open, as the function of that name; of an overlay,
// all of each checkpoint. It takes [WithThreads] and [WithProgress].
func (r *Reader) Verify(ctx context.Context, opts ...Option) (*Report, error) {
	how := verification{threads: 1}
	if err := setOptions("Verify", opts, &how, &how.watch); err != nil {
		return nil, err
	}
	return r.verify(ctx, &how)
}

// A verification is how to verify: what C takes for it are the options of reads, of which it
// looks at few.
type verification struct {
	threads C.size_t
	watch   watch
}

func (r *Reader) verify(ctx context.Context, how *verification) (*Report, error) {
	c, err := r.h.use()
	if err != nil {
		return nil, err
	}
	defer r.h.done()
	options := C.tfckpt_read_options_new()
	defer C.tfckpt_read_options_free(options)
	C.tfckpt_read_options_set_threads(options, how.threads)
	var report *C.tfckpt_report
	// There may be one though run does not return: what is told may panic.
	defer func() { C.tfckpt_report_free(report) }()
	err = how.watch.run(ctx, func(progress *C.tfckpt_progress) error {
		C.tfckpt_read_options_set_progress(options, progress)
		var cerr *C.tfckpt_error
		return check(C.tfckpt_reader_verify(c, options, &report, &cerr), cerr)
	})
	if err != nil {
		return nil, err
	}
	return &Report{
		Problems: problems(C.tfckpt_report_problem_count(report), func(i C.int64_t) *C.tfckpt_error {
			return C.tfckpt_report_problem(report, i)
		}),
		Tensors: int64(C.tfckpt_report_tensor_count(report)),
		Bytes:   int64(C.tfckpt_report_byte_count(report)),
	}, nil
}

package tfckpt

// #include "shim.h"
import "C"

import (
	"context"
	"unsafe"
)

// OnConflict is what happens where two sources have a tensor of the same name, or the same
// elements of a partitioned one.
type OnConflict int32

// What happens with conflicts.
const (
	ConflictError OnConflict = C.TFCKPT_ON_CONFLICT_ERROR // the call fails, and lists all such names
	ConflictFirst OnConflict = C.TFCKPT_ON_CONFLICT_FIRST // the source that was named first wins
	ConflictLast  OnConflict = C.TFCKPT_ON_CONFLICT_LAST  // the source that was named last wins
)

// Transfer is what becomes of the data files of what is merged.
type Transfer int32

// What becomes of data files.
const (
	// TransferCopy: they are copied.
	TransferCopy Transfer = C.TFCKPT_TRANSFER_COPY
	// TransferLink: they get a second name, as hard links; copied where that can't be.
	TransferLink Transfer = C.TFCKPT_TRANSFER_LINK
	// TransferMove: as links; then, when the merged checkpoint is on stable storage, the
	// sources are removed.
	TransferMove Transfer = C.TFCKPT_TRANSFER_MOVE
)

// WithOnConflict sets what happens with conflicts. Of [Merge] and [OpenOverlay]; default
// [ConflictError].
func WithOnConflict(on OnConflict) Option {
	return newOption("WithOnConflict", func(options any) error {
		var cerr *C.tfckpt_error
		switch c := options.(type) {
		case *C.tfckpt_merge_options:
			return check(C.tfckpt_merge_options_set_on_conflict(c, C.int32_t(on), &cerr), cerr)
		case *C.tfckpt_overlay:
			return check(C.tfckpt_overlay_set_on_conflict(c, C.int32_t(on), &cerr), cerr)
		}
		return errRefused
	})
}

// WithTransfer sets what becomes of the data files of what is merged. Of [Merge]; default
// [TransferCopy].
func WithTransfer(transfer Transfer) Option {
	return newOptionOf("WithTransfer", func(c *C.tfckpt_merge_options) error {
		var cerr *C.tfckpt_error
		return check(C.tfckpt_merge_options_set_transfer(c, C.int32_t(transfer), &cerr), cerr)
	})
}

// Merge merges checkpoints into a new one at the prefix dst. The sources are paths as of
// [Open]; everything about them is checked before anything is written, and where the merge
// fails every one is as before and nothing is left at dst. Slices of one tensor that lie in
// several are brought together, and object graphs become one.
//
// [ErrInvalidArgument] where there are no sources, where they do not go together, or where
// several have the same tensor, with all such names in [Error.Names]; [ErrAlreadyExists] where
// there is a checkpoint at dst. When ctx is done, the merge ends with [ErrCancelled] and
// leaves nothing behind. It takes [WithOnConflict], [WithTransfer], [WithSync], [WithThreads],
// [WithMaxInFlight] and [WithProgress].
func Merge(ctx context.Context, dst string, sources []string, opts ...Option) error {
	var watch watch
	options, err := newOptions("Merge", opts, createMergeOptions, freeMergeOptions, &watch)
	if err != nil {
		return err
	}
	defer C.tfckpt_merge_options_free(options)
	return withPath(dst, func(dst *C.char) error {
		return withPaths(sources, func(paths []*C.char) error {
			return watch.run(ctx, func(progress *C.tfckpt_progress) error {
				C.tfckpt_merge_options_set_progress(options, progress)
				var cerr *C.tfckpt_error
				return check(C.tfckpt_checkpoint_merge(dst, unsafe.SliceData(paths), C.size_t(len(paths)), options, &cerr), cerr)
			})
		})
	})
}

func createMergeOptions() *C.tfckpt_merge_options { return C.tfckpt_merge_options_new() }

func freeMergeOptions(c *C.tfckpt_merge_options) { C.tfckpt_merge_options_free(c) }

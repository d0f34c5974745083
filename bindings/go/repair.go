package tfckpt

// #include "shim.h"
import "C"

// Repaired is what [Repair] made of a state file.
type Repaired struct {
	// Changed is whether the file had to be written.
	Changed bool
	// State is what it says now.
	State *State
	// Latest is the prefix of the latest checkpoint.
	Latest string
	// Added are the prefixes of whole checkpoints that the file did not name.
	Added []string
	// Dropped are the checkpoints that are missing or damaged, and the old file itself where
	// it could not be read.
	Dropped []Skipped
}

// Repair rewrites the state file of a directory so that it names the checkpoints that are
// there and whole, by paths relative to it, and no others. No checkpoint is touched.
// [ErrNotFound] where no checkpoint is whole: the file is then left as it is. It takes
// [WithStateFile], [WithCheckpointName], [WithVerify] and [WithSync].
func Repair(dir string, opts ...Option) (*Repaired, error) {
	options, err := newStateOptions("Repair", opts)
	if err != nil {
		return nil, err
	}
	defer C.tfckpt_state_options_free(options)
	var c *C.tfckpt_repaired
	err = withPath(dir, func(dir *C.char) error {
		var cerr *C.tfckpt_error
		return check(C.tfckpt_directory_repair(dir, options, &c, &cerr), cerr)
	})
	if err != nil {
		return nil, err
	}
	defer C.tfckpt_repaired_free(c)
	return repairedOf(c), nil
}

func repairedOf(c *C.tfckpt_repaired) *Repaired {
	repaired := &Repaired{
		Changed: bool(C.tfckpt_repaired_changed(c)),
		State:   stateOf(C.tfckpt_repaired_state(c)),
		Latest:  C.GoString(C.tfckpt_repaired_latest(c)),
		Added: texts(C.tfckpt_repaired_added_count(c), func(i C.int64_t) *C.char {
			return C.tfckpt_repaired_added(c, i)
		}),
	}
	for i := range C.tfckpt_repaired_dropped_count(c) {
		var length C.size_t
		path := C.tfckpt_repaired_dropped_path(c, i, &length)
		problem := errorOf(C.tfckpt_repaired_dropped_problem(c, i))
		repaired.Dropped = append(repaired.Dropped, Skipped{goString(path, length), problem})
	}
	return repaired
}

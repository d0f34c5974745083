package tfckpt

// #include "shim.h"
import "C"

import (
	"math"
	"time"
)

// WithStateFile sets what the state file is called. Of all that is about a directory, and of
// [OpenManager]; default "checkpoint".
func WithStateFile(name string) Option {
	return newOption("WithStateFile", func(options any) error {
		return withPath(name, func(name *C.char) error {
			var cerr *C.tfckpt_error
			switch c := options.(type) {
			case *C.tfckpt_state_options:
				return check(C.tfckpt_state_options_set_file_name(c, name, &cerr), cerr)
			case *C.tfckpt_manager_options:
				return check(C.tfckpt_manager_options_set_file_name(c, name, &cerr), cerr)
			}
			return errRefused
		})
	})
}

// WithCheckpointName says that checkpoints are called NAME-STEP. Of [OpenManager], default
// "ckpt"; and of [Repair], which then takes up no others that the state file does not name.
func WithCheckpointName(name string) Option {
	return newOption("WithCheckpointName", func(options any) error {
		return withPath(name, func(name *C.char) error {
			var cerr *C.tfckpt_error
			switch c := options.(type) {
			case *C.tfckpt_state_options:
				return check(C.tfckpt_state_options_set_checkpoint_name(c, name, &cerr), cerr)
			case *C.tfckpt_manager_options:
				return check(C.tfckpt_manager_options_set_checkpoint_name(c, name, &cerr), cerr)
			}
			return errRefused
		})
	})
}

// A State is what a state file says: the file called "checkpoint" in which a directory keeps
// which of its checkpoints is the latest, and which there are. Its paths are prefixes as they
// stand in the file, relative to its directory or absolute; nothing need be there.
type State struct {
	Latest      string
	Checkpoints []StateEntry // from the oldest on
	// LastPreserved is when the last checkpoint was saved that a manager keeps for good; zero
	// where the file does not say.
	LastPreserved time.Time
}

// A StateEntry is a checkpoint that a state file lists.
type StateEntry struct {
	Path  string
	Saved time.Time // zero where the file does not say
}

// ReadState reads the state file of a directory. [ErrNotFound] where there is none;
// [ErrDataLoss] for what does not parse. It takes [WithStateFile].
func ReadState(dir string, opts ...Option) (*State, error) {
	options, err := newStateOptions("ReadState", opts)
	if err != nil {
		return nil, err
	}
	defer C.tfckpt_state_options_free(options)
	var c *C.tfckpt_state
	err = withPath(dir, func(dir *C.char) error {
		var cerr *C.tfckpt_error
		return check(C.tfckpt_state_read(dir, options, &c, &cerr), cerr)
	})
	if err != nil {
		return nil, err
	}
	defer C.tfckpt_state_free(c)
	return stateOf(c), nil
}

func stateOf(c *C.tfckpt_state) *State {
	var length C.size_t
	latest := C.tfckpt_state_latest(c, &length)
	state := &State{
		Latest:        goString(latest, length),
		LastPreserved: timeOf(C.tfckpt_state_last_preserved_timestamp(c)),
	}
	for i := range C.tfckpt_state_count(c) {
		path := C.tfckpt_state_path(c, i, &length)
		state.Checkpoints = append(state.Checkpoints, StateEntry{
			Path:  goString(path, length),
			Saved: timeOf(C.tfckpt_state_timestamp(c, i)),
		})
	}
	return state
}

// timeOf takes seconds since the epoch, of which negative ones are none.
func timeOf(seconds C.double) time.Time {
	if !(seconds >= 0 && seconds < 1<<53) {
		return time.Time{}
	}
	whole, part := math.Modf(float64(seconds))
	return time.Unix(int64(whole), int64(part*1e9))
}

// Skipped is a checkpoint or a state file that was passed over, and why.
type Skipped struct {
	Path    string
	Problem *Error
}

// Latest returns the prefix of the latest checkpoint by the state file of a directory, which
// [Open] takes. Where the file names a path at which there is nothing any more, but the
// checkpoint lies beside the file, that is it. [ErrNotFound], with a message that tells which,
// where there is no state file, or where it names a checkpoint that is not there. It takes
// [WithStateFile].
func Latest(dir string, opts ...Option) (string, error) {
	options, err := newStateOptions("Latest", opts)
	if err != nil {
		return "", err
	}
	defer C.tfckpt_state_options_free(options)
	var c *C.tfckpt_latest
	err = withPath(dir, func(dir *C.char) error {
		var cerr *C.tfckpt_error
		return check(C.tfckpt_directory_latest(dir, options, &c, &cerr), cerr)
	})
	if err != nil {
		return "", err
	}
	defer C.tfckpt_latest_free(c)
	return C.GoString(C.tfckpt_latest_prefix(c)), nil
}

// LatestValid returns the prefix of the newest checkpoint of a directory that is whole: the
// latest by the state file; if that is not whole, the others in the file from the newest on;
// then those that the directory holds besides. What was passed over is listed. [ErrNotFound]
// where there is no checkpoint; [ErrDataLoss] where there are some but none is whole. It takes
// [WithStateFile] and [WithVerify].
func LatestValid(dir string, opts ...Option) (prefix string, skipped []Skipped, err error) {
	options, err := newStateOptions("LatestValid", opts)
	if err != nil {
		return "", nil, err
	}
	defer C.tfckpt_state_options_free(options)
	var c *C.tfckpt_latest
	err = withPath(dir, func(dir *C.char) error {
		var cerr *C.tfckpt_error
		return check(C.tfckpt_directory_latest_valid(dir, options, &c, &cerr), cerr)
	})
	if err != nil {
		return "", nil, err
	}
	defer C.tfckpt_latest_free(c)
	for i := range C.tfckpt_latest_skipped_count(c) {
		var length C.size_t
		path := C.tfckpt_latest_skipped_path(c, i, &length)
		skipped = append(skipped, Skipped{goString(path, length), errorOf(C.tfckpt_latest_skipped_problem(c, i))})
	}
	return C.GoString(C.tfckpt_latest_prefix(c)), skipped, nil
}

func newStateOptions(call string, opts []Option) (*C.tfckpt_state_options, error) {
	return optionsIfAny(call, opts,
		func() *C.tfckpt_state_options { return C.tfckpt_state_options_new() },
		func(c *C.tfckpt_state_options) { C.tfckpt_state_options_free(c) })
}

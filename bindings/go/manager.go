package tfckpt

// #include "shim.h"
import "C"

import "time"

// A Manager is a directory of checkpoints: it saves the next, keeps the state file, and
// removes the oldest, by the rules of TensorFlow's CheckpointManager. The two may take turns
// in one directory.
//
// Any number of goroutines may use it, and several saves may be under way at once; each counts
// from when it is finished. Of the managers of one directory, in this or other processes, one
// at a time should be saving.
type Manager struct {
	h *handle[*C.tfckpt_manager]
}

// WithMaxToKeep sets how many checkpoints there are at most before the oldest is removed, 1 or
// more; -1 for no limit. Of [OpenManager]; default -1.
func WithMaxToKeep(checkpoints int) Option {
	return newOptionOf("WithMaxToKeep", func(c *C.tfckpt_manager_options) error {
		var cerr *C.tfckpt_error
		return check(C.tfckpt_manager_options_set_max_to_keep(c, C.int64_t(checkpoints), &cerr), cerr)
	})
}

// WithKeepEvery says that a checkpoint whose turn it is to be removed stays for good if it was
// saved so long or longer after the last that stayed; 0 for none to stay. Of [OpenManager];
// default 0.
func WithKeepEvery(interval time.Duration) Option {
	return newOptionOf("WithKeepEvery", func(c *C.tfckpt_manager_options) error {
		var cerr *C.tfckpt_error
		hours := C.double(interval.Hours())
		return check(C.tfckpt_manager_options_set_keep_checkpoint_every_n_hours(c, hours, &cerr), cerr)
	})
}

// OpenManager manages a directory, and takes over what its state file says. Nothing is created
// before the first save. [ErrDataLoss] where there is a state file but it does not parse:
// [Repair] makes a new one. It takes [WithCheckpointName], [WithStateFile], [WithMaxToKeep],
// [WithKeepEvery], and what [Create] takes but for V1.
func OpenManager(dir string, opts ...Option) (*Manager, error) {
	options := C.tfckpt_manager_options_new()
	defer C.tfckpt_manager_options_free(options)
	writing := C.tfckpt_writer_options_new()
	defer C.tfckpt_writer_options_free(writing)
	if err := setOptions("OpenManager", opts, options, writing); err != nil {
		return nil, err
	}
	var cerr *C.tfckpt_error
	err := check(C.tfckpt_manager_options_set_writer_options(options, writing, &cerr), cerr)
	if err != nil {
		return nil, err
	}
	var c *C.tfckpt_manager
	err = withPath(dir, func(dir *C.char) error {
		return check(C.tfckpt_manager_open(dir, options, &c, &cerr), cerr)
	})
	if err != nil {
		return nil, err
	}
	free := func(c *C.tfckpt_manager) { C.tfckpt_manager_free(c) }
	return &Manager{newHandle("manager", c, free)}, nil
}

// Close is as [Reader.Close]. Writers that came from the Manager stay good.
func (m *Manager) Close() error {
	m.h.close()
	return nil
}

// Latest returns the prefix of the latest checkpoint, as of opening or of the last save that
// was finished; empty where there was no state file, and after Close. It need not be there:
// see the function [Latest].
func (m *Manager) Latest() string {
	c, err := m.h.use()
	if err != nil {
		return ""
	}
	defer m.h.done()
	return C.GoString(C.tfckpt_manager_latest(c))
}

// Checkpoints returns the prefixes of the checkpoints that it keeps until they are too many,
// from the oldest on; none after Close. Those that stay for good are not among them.
func (m *Manager) Checkpoints() []string {
	c, err := m.h.use()
	if err != nil {
		return nil
	}
	defer m.h.done()
	return texts(C.tfckpt_manager_count(c), func(i C.int64_t) *C.char {
		return C.tfckpt_manager_checkpoint(c, i)
	})
}

// Save begins the next checkpoint; its step is one more than any in the directory. Its
// [Writer.Finish] makes it the latest, then removes those that are too old.
func (m *Manager) Save() (*Writer, error) {
	return m.save(func(c *C.tfckpt_manager, out **C.tfckpt_writer, err **C.tfckpt_error) C.tfckpt_status {
		return C.tfckpt_manager_save(c, out, err)
	})
}

// SaveStep begins the checkpoint of a step, from 0 on. [ErrAlreadyExists] where that step was
// saved before, unless [WithReplace] says to replace it. Otherwise as [Manager.Save].
func (m *Manager) SaveStep(step int64) (*Writer, error) {
	return m.save(func(c *C.tfckpt_manager, out **C.tfckpt_writer, err **C.tfckpt_error) C.tfckpt_status {
		return C.tfckpt_manager_save_step(c, C.int64_t(step), out, err)
	})
}

func (m *Manager) save(begin func(*C.tfckpt_manager, **C.tfckpt_writer, **C.tfckpt_error) C.tfckpt_status) (*Writer, error) {
	c, err := m.h.use()
	if err != nil {
		return nil, err
	}
	defer m.h.done()
	var writer *C.tfckpt_writer
	var cerr *C.tfckpt_error
	if err := check(begin(c, &writer, &cerr), cerr); err != nil {
		return nil, err
	}
	return newWriter(writer), nil
}

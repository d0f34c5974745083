package tfckpt

// #include "shim.h"
import "C"

// A Source is one of the checkpoints of an overlay.
type Source struct {
	// Path is as of [Open].
	Path string
	// Reader, in the place of a path, is a checkpoint that is open already, which may be an
	// overlay itself. It stays yours, and may be closed before the overlay.
	Reader *Reader
	// Names gives its tensors other names. One that several rules fit has several names; one
	// that none fits keeps its own.
	Names []Rule
	// OnlyMapped leaves out the tensors that no rule fits.
	OnlyMapped bool
}

// OpenOverlay opens several checkpoints, of any format, to be read as one. Nothing is copied;
// slices of one tensor that lie in several are brought together, and object graphs become one.
//
// [ErrInvalidArgument] where there are no sources, or where several have the same tensor, with
// all such names in [Error.Names], unless [WithOnConflict] says which counts; [ErrNotFound]
// for rules that fit no tensor.
func OpenOverlay(sources []Source, opts ...Option) (*Reader, error) {
	overlay := C.tfckpt_overlay_new()
	defer C.tfckpt_overlay_free(overlay)
	if err := setOptions("OpenOverlay", opts, overlay); err != nil {
		return nil, err
	}
	for _, source := range sources {
		if err := source.addTo(overlay); err != nil {
			return nil, err
		}
	}
	var c *C.tfckpt_reader
	var cerr *C.tfckpt_error
	if err := check(C.tfckpt_overlay_open(overlay, &c, &cerr), cerr); err != nil {
		return nil, err
	}
	return newReader(c), nil
}

func (s Source) addTo(overlay *C.tfckpt_overlay) error {
	if err := s.open(overlay); err != nil {
		return err
	}
	for _, rule := range s.Names {
		if err := rule.addToOverlay(overlay); err != nil {
			return err
		}
	}
	var cerr *C.tfckpt_error
	return check(C.tfckpt_overlay_set_keep_unmapped(overlay, C.bool(!s.OnlyMapped), &cerr), cerr)
}

func (s Source) open(overlay *C.tfckpt_overlay) error {
	var cerr *C.tfckpt_error
	if s.Reader == nil {
		return withPath(s.Path, func(path *C.char) error {
			return check(C.tfckpt_overlay_add(overlay, path, nil, &cerr), cerr)
		})
	}
	if s.Path != "" {
		return invalid("a source has both a path and a reader")
	}
	c, err := s.Reader.h.use()
	if err != nil {
		return err
	}
	defer s.Reader.h.done()
	return check(C.tfckpt_overlay_add_reader(overlay, c, &cerr), cerr)
}

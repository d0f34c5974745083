package tfckpt

// #include "shim.h"
import "C"

// A Format is in which format a checkpoint is.
type Format int32

// The formats.
const (
	V1      Format = C.TFCKPT_FORMAT_V1      // table files with the values in them
	V2      Format = C.TFCKPT_FORMAT_V2      // an index and data shards
	Overlay Format = C.TFCKPT_FORMAT_OVERLAY // several checkpoints as one: see [OpenOverlay]
)

// String returns "V1", "V2" or "overlay".
func (f Format) String() string {
	switch f {
	case V1:
		return "V1"
	case V2:
		return "V2"
	case Overlay:
		return "overlay"
	}
	return "unknown"
}

// A Reader is a checkpoint open for reading. It never changes: any number of goroutines may
// use one at once, and one of them may close it at any time.
type Reader struct {
	h         *handle[*C.tfckpt_reader]
	format    Format
	prefix    string
	numShards int
	bigEndian bool
}

// Open opens a checkpoint, V2 or V1. The path is one of
//   - its prefix;
//   - one of its files: PREFIX.index, PREFIX.data-..., PREFIX.meta, a V1 file, or the
//     pattern of a V1 checkpoint that has several (STEM-?????-of-00003);
//   - a state file ("checkpoint"): the latest checkpoint that it names;
//   - a directory: its latest; without a state file, the SavedModel that it is, or the
//     only checkpoint in it.
//
// It reads little of the checkpoint, but opens its files: what is open can be read to the
// end, though a [Manager] or somebody else removes the checkpoint. It takes [WithMapped],
// [WithIndexCache], [WithMaxBlock], [WithMaxIndex], [WithMaxTensors] and [WithMaxTensorBytes].
func Open(path string, opts ...Option) (*Reader, error) {
	options, err := newReaderOptions("Open", opts)
	if err != nil {
		return nil, err
	}
	defer C.tfckpt_reader_options_free(options)
	return openWith(path, options)
}

func openWith(path string, options *C.tfckpt_reader_options) (*Reader, error) {
	var c *C.tfckpt_reader
	err := withPath(path, func(path *C.char) error {
		var cerr *C.tfckpt_error
		return check(C.tfckpt_reader_open(path, options, &c, &cerr), cerr)
	})
	if err != nil {
		return nil, err
	}
	return newReader(c), nil
}

func newReader(c *C.tfckpt_reader) *Reader {
	return &Reader{
		h:         newHandle("reader", c, freeReader),
		format:    Format(C.tfckpt_reader_format(c)),
		prefix:    C.GoString(C.tfckpt_reader_prefix(c)),
		numShards: int(C.tfckpt_reader_num_shards(c)),
		bigEndian: bool(C.tfckpt_reader_is_big_endian(c)),
	}
}

func freeReader(c *C.tfckpt_reader) { C.tfckpt_reader_free(c) }

// Close releases the files. Calls that are in flight in other goroutines come to their end
// first, and Close waits for them; those that come later fail with [ErrClosed]. What the
// Reader has given out stays good. Closing again does nothing. The error is always nil: it
// is there for [io.Closer].
func (r *Reader) Close() error {
	r.h.close()
	return nil
}

// Format returns in which format the checkpoint is.
func (r *Reader) Format() Format { return r.format }

// Prefix returns the prefix of its files: their path without .index or .data-... Of V1 it is
// the path of its file, or a pattern where it has several; of an overlay it is empty.
func (r *Reader) Prefix() string { return r.prefix }

// NumShards returns how many files have its values.
func (r *Reader) NumShards() int { return r.numShards }

// BigEndian tells whether its files have values highest byte first. Reading turns them
// round. It is false for V1 and for overlays.
func (r *Reader) BigEndian() bool { return r.bigEndian }

// Len returns how many tensors there are. The first call reads all of the index.
func (r *Reader) Len() (int, error) {
	c, err := r.h.use()
	if err != nil {
		return 0, err
	}
	defer r.h.done()
	var count C.int64_t
	var cerr *C.tfckpt_error
	err = check(C.tfckpt_reader_count(c, &count, &cerr), cerr)
	return int(count), err
}

// Lookup returns the tensor of a name. [ErrNotFound] where there is none.
func (r *Reader) Lookup(name string) (Tensor, error) {
	return r.find(name, func(c *C.tfckpt_reader, text *C.char, length C.size_t, out **C.tfckpt_tensor, err **C.tfckpt_error) C.tfckpt_status {
		return C.tfckpt_reader_find(c, text, length, out, err)
	})
}

// Resolve returns the tensor that a name means: the one that is called so; or else, where
// the checkpoint has an object graph, that of the object with this path
// ("model/dense/kernel"), or of the variable with this full name. [ErrInvalidArgument]
// where it means several, which the error then lists.
func (r *Reader) Resolve(name string) (Tensor, error) {
	return r.find(name, func(c *C.tfckpt_reader, text *C.char, length C.size_t, out **C.tfckpt_tensor, err **C.tfckpt_error) C.tfckpt_status {
		return C.tfckpt_reader_resolve(c, text, length, out, err)
	})
}

// A finder is a function of C that finds a tensor.
type finder func(*C.tfckpt_reader, *C.char, C.size_t, **C.tfckpt_tensor, **C.tfckpt_error) C.tfckpt_status

func (r *Reader) find(name string, find finder) (Tensor, error) {
	c, err := r.h.use()
	if err != nil {
		return Tensor{}, err
	}
	defer r.h.done()
	var tensor *C.tfckpt_tensor
	var cerr *C.tfckpt_error
	text, length := nameArg(name)
	if err := check(find(c, text, length, &tensor, &cerr), cerr); err != nil {
		return Tensor{}, err
	}
	defer C.tfckpt_tensor_free(tensor)
	return tensorOf(tensor), nil
}

package tfckpt

// In C23 a tfckpt_status is an enum, of which cgo would make another type: it is C11 that is
// compiled, with whatever compiler. The hot calls neither call back nor keep what they are given,
// so that it can stay on the stack.

// #cgo CFLAGS: -std=c11
// #cgo noescape shim_read
// #cgo nocallback shim_read
// #cgo noescape tfckpt_reader_read_size
// #cgo nocallback tfckpt_reader_read_size
// #include "shim.h"
import "C"

// Version is the version of the C library that runs.
func Version() string {
	return C.GoString(C.tfckpt_version())
}
